"""Every provider that is simulated is connected, renewed and let go by its facts alone."""

import asyncio
import os
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from contracts.provider import provider as facts
from libs.devstack.process import DevstackError, free_port
from libs.devstack.service import ServiceProcess
from libs.service.links import ConnectLink, sign_link
from libs.testing.forked import fork_service
from services.ops.processes import known_providers
from services.ops.visiting import approved_at_once, visit
from services.sandbox.app import known_simulators
from tests.services.auth.conftest import Starter
from tests.services.auth.driver import LINK_KEY, Auth

PROVIDERS = [p for p in known_providers() if facts(p).oauth and p in known_simulators()]


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def simulator(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sandbox with this provider alone."""
    log = tmp_path_factory.mktemp("sandbox") / "sandbox.log"
    own = {"SANDBOX_PROVIDERS": provider, "SANDBOX_LIMITS": "off"}
    process = ServiceProcess("sandbox", free_port(), log, own, launch=fork_service)
    process.start()
    try:
        process.wait_ready()
        yield process.url
    finally:
        process.stop()


async def connect(auth: Auth, provider: str, company: str, **claims: str) -> str:
    claims |= {"company": company} if "connection" not in claims else {}
    token = sign_link(SecretStr(LINK_KEY), ConnectLink(tenant="t1", **claims))  # type: ignore[arg-type]
    auto = "&auto=1" if approved_at_once(provider, company) else ""
    await asyncio.to_thread(visit, f"{auth.url}/connect/{provider}?link={token}{auto}", company)
    found = {one["company"]: one for one in await auth.connections()}
    assert found[company]["state"] == "open"
    return str(found[company]["id"])


async def test_connect_renew_reconnect_and_let_go(
    serve_auth: Starter, provider: str, simulator: str, http: httpx.AsyncClient
) -> None:
    assert not os.environ.get(f"{provider.upper()}_CLIENT_ID")
    auth = await serve_auth(SANDBOX_URL=simulator)
    listed = (await http.get(f"{simulator}/_control/{provider}/companies")).json()
    # The last one: what a simulator gives unasked is the first.
    name, company = listed[-1]["name"], listed[-1]["id"]
    connection = await connect(auth, provider, company)
    [opened] = await auth.connections()
    assert opened["company_name"] == name
    former = (await auth.token(connection, provider=provider)).json()
    assert former["company"] == company
    await auth.expire()
    renewed = await auth.token(connection, provider=provider)
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["access_token"] != former["access_token"]
    assert await connect(auth, provider, company, connection=connection) == connection
    again = await auth.token(connection, provider=provider)
    assert again.status_code == 200, again.text
    assert (await auth.disconnect(connection))["released"]
    assert (await auth.token(connection, provider=provider)).status_code == 409


async def test_a_company_that_is_not_the_one_wanted(
    serve_auth: Starter, provider: str, simulator: str, http: httpx.AsyncClient
) -> None:
    auth = await serve_auth(SANDBOX_URL=simulator)
    listed = (await http.get(f"{simulator}/_control/{provider}/companies")).json()
    token = sign_link(SecretStr(LINK_KEY), ConnectLink(tenant="t1", company="another"))
    url = f"{auth.url}/connect/{provider}?link={token}&auto=1"
    with pytest.raises(DevstackError, match="That is another company"):
        await asyncio.to_thread(visit, url, listed[0]["id"])
    assert await auth.connections() == []
