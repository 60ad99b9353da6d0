"""The gateway's own settings."""

from datetime import timedelta

from pydantic import PositiveInt

from libs.service.settings import ServiceSettings

SCHEMA = "webhook_gateway"
BODY_LIMIT = 1024 * 1024


class GatewaySettings(ServiceSettings):
    """Beside these, `<PROVIDER>_WEBHOOK_KEY` holds a provider's keys (see `WebhookKeys`)."""

    publish_within: timedelta = timedelta(seconds=1)
    store_within: timedelta = timedelta(seconds=1)
    drain_every: timedelta = timedelta(seconds=1)
    drain_messages: PositiveInt = 200
