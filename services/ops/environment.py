"""Which environment variables each service of a local stack is given, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SECRETS = {
    "auth": ("SERVICE_PUBLIC_KEYS", "VAULT_KEYS", "LINK_KEY"),
    "webhook_gateway": ("SERVICE_PUBLIC_KEYS",),
    "connectors": ("SERVICE_KEY", "SERVICE_PUBLIC_KEYS"),
}
NOT_FOR_THE_SANDBOX = ("KAFKA_URL", "POSTGRES_URL", "SANDBOX_URL")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything of one stack answers."""

    kafka: str
    postgres: str = field(repr=False)
    services: Mapping[str, str]
    sandbox: bool

    def shared(self) -> dict[str, str]:
        """What every service, and a command of the operator, needs to find the others."""
        addresses = {
            "KAFKA_URL": self.kafka,
            "POSTGRES_URL": self.postgres,
            "AUTH_URL": self.services["auth"],
            "PRODUCT_URL": self.services["reference_product"],
        }
        return addresses | ({"SANDBOX_URL": self.services["sandbox"]} if self.sandbox else {})


def environment_of(name: str, addresses: Addresses, keys: Mapping[str, str]) -> dict[str, str]:
    """The variables of one service."""
    shared = addresses.shared()
    if name == "sandbox":
        return {key: value for key, value in shared.items() if key not in NOT_FOR_THE_SANDBOX}
    secrets = {key: keys[key] for key in SECRETS.get(name.partition(".")[0], ())}
    webhooks = {key: value for key, value in keys.items() if key.endswith("_WEBHOOK_KEY")}
    return {
        **shared,
        **secrets,
        **(webhooks if name == "webhook_gateway" else {}),
        "PUBLIC_URL": addresses.services[name],
    }
