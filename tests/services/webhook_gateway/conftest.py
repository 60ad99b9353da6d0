"""A gateway in the test's own loop on the shared servers, and eyes on its topics."""

from collections.abc import AsyncIterator

import httpx
import pytest

from contracts.topics import webhooks
from libs.testing.serving import serve
from services.webhook_gateway.app import create_app
from tests.services.webhook_gateway.reading import Topics, eventually
from tests.services.webhook_gateway.signing import KEY

XERO = webhooks("xero").name
DEAD = "accounting.dead-letters.v1"


@pytest.fixture
def topics(kafka_url: str, topic_prefix: str) -> Topics:
    return Topics(kafka_url, topic_prefix)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30, verify=False) as client:
        yield client


@pytest.fixture
async def gateway(
    service_environment: dict[str, str],
    http: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[str]:
    """Its URL, once it publishes to Kafka."""
    for name, value in service_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XERO_WEBHOOK_KEY", f"a-key-of-before,{KEY}")
    async with serve(create_app()) as url:
        await eventually(lambda: figure(http, url, "webhook_kafka_up 1.0"))
        yield url


async def figure(http: httpx.AsyncClient, url: str, line: str) -> bool:
    """Whether `/metrics` has that line now."""
    return line in (await http.get(f"{url}/metrics")).text.splitlines()
