"""Secrets of single connections: handed over by auth, kept sealed, one company each."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from libs.service.database import connect
from libs.service.secrets import new_key_ring
from libs.service.settings import ServiceSettings
from libs.service.tokens import TokenSigner, new_service_key, public_keys
from libs.testing.serving import serve
from services.webhook_gateway.app import create_app
from tests.services.webhook_gateway.conftest import XERO, figure
from tests.services.webhook_gateway.reading import Topics, eventually
from tests.services.webhook_gateway.signing import HANDSHAKE, headers, webhook

SECRET = "secret-of-company-1"
SERVICE_KEY = new_service_key("test")


@pytest.fixture
async def gateway(
    service_environment: dict[str, str], http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """A gateway without a key for the whole application."""
    keys = {"VAULT_KEYS": new_key_ring("k1"), "SERVICE_PUBLIC_KEYS": public_keys(SERVICE_KEY)}
    for name, value in {**service_environment, **keys, "XERO_WEBHOOK_KEY": ""}.items():
        monkeypatch.setenv(name, value)
    async with serve(create_app()) as url:
        await eventually(lambda: figure(http, url, "webhook_kafka_up 1.0"))
        yield url


async def put(http: httpx.AsyncClient, gateway: str, company: str, caller: str = "auth") -> int:
    settings = ServiceSettings.model_validate({"service_key": SERVICE_KEY})
    token = TokenSigner.from_settings(caller, settings).headers("webhook_gateway")
    url = f"{gateway}/internal/webhook-secrets/xero/{company}"
    return (await http.put(url, json={"secret": SECRET}, headers=token)).status_code


async def post(http: httpx.AsyncClient, gateway: str, body: bytes) -> int:
    sent = headers(body, SECRET)
    return (await http.post(f"{gateway}/webhooks/xero", content=body, headers=sent)).status_code


async def test_a_company_with_its_own_secret(
    gateway: str, http: httpx.AsyncClient, topics: Topics
) -> None:
    assert await post(http, gateway, webhook(["company-1"])) in {401, 503}
    await _until_handed_over(http, gateway)
    assert await post(http, gateway, webhook(["company-1"])) == 200
    assert [record.key for record in await topics.read(XERO)] == [b"company-1"]


@pytest.mark.parametrize(
    "body", [webhook(["company-1", "company-2"]), webhook(["company-2"]), HANDSHAKE, b"{"]
)
async def test_it_speaks_for_no_other_company(
    gateway: str, http: httpx.AsyncClient, topics: Topics, body: bytes
) -> None:
    await _until_handed_over(http, gateway)
    assert await post(http, gateway, body) == 401
    assert await topics.read(XERO) == []


async def test_it_is_kept_sealed(gateway: str, http: httpx.AsyncClient, database_url: str) -> None:
    await _until_handed_over(http, gateway)
    connection: asyncpg.Connection[asyncpg.Record] = await connect(database_url, "webhook_gateway")
    sealed = await connection.fetchval("select sealed from webhook_secret")
    await connection.close()
    assert SECRET.encode() not in sealed


async def test_only_auth_hands_secrets_over(gateway: str, http: httpx.AsyncClient) -> None:
    assert await put(http, gateway, "company-1", caller="portal") == 403
    url = f"{gateway}/internal/webhook-secrets/xero/company-1"
    assert (await http.put(url, json={"secret": SECRET})).status_code == 401


async def _until_handed_over(http: httpx.AsyncClient, gateway: str) -> None:
    async def handed_over() -> bool:
        return await put(http, gateway, "company-1") == 204

    await eventually(handed_over)
