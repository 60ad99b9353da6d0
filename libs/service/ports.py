"""The port each service listens on unless told otherwise."""

from contracts.provider import provider, provider_ids

PORTS = {
    "sandbox": 9800,
    "auth": 9801,
    "webhook_gateway": 9802,
    "reference_product": 9803,
}
CONNECTOR_PORT = 9810  # of a connector whose provider names no port of its own
CONNECTOR = "connectors."


def default_port(service: str) -> int:
    """A service's port; a connector's stands in its provider's TOML."""
    name = service.removeprefix(CONNECTOR)
    if name != service and name in provider_ids():
        return provider(name).port or CONNECTOR_PORT
    return PORTS.get(service, CONNECTOR_PORT)
