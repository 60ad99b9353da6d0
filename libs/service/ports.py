"""The port each service listens on unless told otherwise."""

PORTS = {
    "sandbox": 9800,
    "auth": 9801,
    "webhook_gateway": 9802,
    "reference_product": 9803,
}
CONNECTOR_PORT = 9810  # of the first connector on a machine; the next one takes the next


def default_port(service: str) -> int:
    return PORTS.get(service, CONNECTOR_PORT)
