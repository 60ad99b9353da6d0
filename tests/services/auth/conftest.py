"""A sandbox per module, an auth service with a database of its own per test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import httpx
import pytest

from libs.devstack.process import free_port
from libs.devstack.service import ServiceProcess
from libs.service.secrets import new_key_ring
from libs.service.tokens import new_service_key, public_keys
from libs.testing.forked import fork_service
from libs.testing.serving import serve
from libs.testing.stack import ServiceStarter
from services.auth.app import create_app
from tests.services.auth.driver import LINK_KEY, PROVIDER, Auth, Browser, Vendor

Opener = Callable[[], Browser]
Starter = Callable[..., Awaitable[Auth]]
SERVICE_KEY = new_service_key("test")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A sandbox process without rate limits."""
    log = tmp_path_factory.mktemp("sandbox") / "sandbox.log"
    own = {"SANDBOX_LIMITS": "off", "SANDBOX_PROVIDERS": PROVIDER}
    process = ServiceProcess("sandbox", free_port(), log, own, launch=fork_service)
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Calls without cookies and redirects."""
    async with httpx.AsyncClient(timeout=60, trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
async def vendor(sandbox: ServiceProcess, http: httpx.AsyncClient) -> AsyncIterator[Vendor]:
    """The sandbox, as if nobody had ever been connected."""
    vendor = Vendor(sandbox.url, http)
    await vendor.revoke_all()
    await vendor.forget()
    yield vendor
    await vendor.control("DELETE", "/faults")
    await vendor.control("POST", "/clock", {"reset": True})


@pytest.fixture
async def open_browser() -> AsyncIterator[Opener]:
    """Opens browsers that know nothing of each other."""
    opened: list[httpx.AsyncClient] = []

    def opener() -> Browser:
        client = httpx.AsyncClient(follow_redirects=True, timeout=60, trust_env=False, verify=False)
        opened.append(client)
        return Browser(client)

    yield opener
    for client in opened:
        await client.aclose()


@pytest.fixture
def browser(open_browser: Opener) -> Browser:
    """One browser."""
    return open_browser()


@pytest.fixture
def environment(service_environment: dict[str, str]) -> dict[str, str]:
    """What every auth service of one test is given; its chores run only at the start."""
    return service_environment | {
        "LINK_KEY": LINK_KEY,
        "SERVICE_PUBLIC_KEYS": public_keys(SERVICE_KEY),
        "VAULT_KEYS": new_key_ring("k1"),
        "UPKEEP_EVERY": "PT1H",
    }


@pytest.fixture
def start_auth(
    http: httpx.AsyncClient, environment: dict[str, str], start_service: ServiceStarter
) -> Starter:
    """Starts auth processes that share database, keys and topics."""

    async def start(**more: str) -> Auth:
        port = free_port()
        own = environment | {"PUBLIC_URL": f"http://127.0.0.1:{port}"} | more
        service = await start_service("auth", own, port)
        return Auth(service.url, http, own, SERVICE_KEY, service)

    return start


@pytest.fixture
async def serve_auth(
    http: httpx.AsyncClient, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Starter]:
    """Serves auth over HTTP from the test's own process: sooner there than a new one."""
    async with AsyncExitStack() as stack:

        async def start(**more: str) -> Auth:
            port = free_port()
            own = environment | {"PUBLIC_URL": f"http://127.0.0.1:{port}"} | more
            for name, value in own.items():
                monkeypatch.setenv(name, value)
            url = await stack.enter_async_context(serve(create_app(), port))
            return Auth(url, http, own, SERVICE_KEY)

        yield start


@pytest.fixture
async def auth(serve_auth: Starter, vendor: Vendor) -> Auth:
    """One auth service beside the sandbox."""
    return await serve_auth(SANDBOX_URL=vendor.origin)
