"""The settings of auth, and each provider's app credentials."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field, SecretStr

from libs.service.settings import ServiceSettings


class AuthSettings(ServiceSettings):
    """Environment variables of the same names in capitals."""

    link_key: SecretStr | None = Field(
        default=None, description="Signs the links to /connect; at least 32 characters."
    )
    refresh_margin: timedelta = Field(
        default=timedelta(minutes=3), description="How long before its end a token is renewed."
    )
    upkeep_every: timedelta = timedelta(minutes=1)
    probe_every: timedelta = Field(
        default=timedelta(days=1), description="How often a provider's company list is asked."
    )

    @property
    def base_url(self) -> str:
        """Where browsers reach this service."""
        return (self.public_url or self.auth_url).rstrip("/")


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """Our app as the provider knows it."""

    client_id: str
    client_secret: SecretStr


SANDBOX = AppCredentials("sandbox", SecretStr("sandbox-secret"))


def app_credentials(
    provider: str, *, sandbox: bool, environment: Mapping[str, str] = os.environ
) -> AppCredentials | None:
    """From <PROVIDER_ID>_CLIENT_ID and _CLIENT_SECRET, else the sandbox's own; None: not set."""
    client_id = environment.get(f"{provider.upper()}_CLIENT_ID")
    secret = environment.get(f"{provider.upper()}_CLIENT_SECRET")
    if client_id and secret:
        return AppCredentials(client_id, SecretStr(secret))
    return SANDBOX if sandbox else None
