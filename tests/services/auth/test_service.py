"""The service as an operator sees it: probes, documentation, refusal of strangers."""

import httpx
import pytest

from tests.services.auth.conftest import Starter
from tests.services.auth.driver import Auth


@pytest.fixture
async def auth(serve_auth: Starter) -> Auth:
    """A service whose provider does not answer."""
    return await serve_auth(SANDBOX_URL="http://127.0.0.1:9")


async def test_probes_and_documentation(auth: Auth, http: httpx.AsyncClient) -> None:
    for path in ("/live", "/ready", "/metrics", "/openapi.json", "/docs", "/static/auth.css"):
        assert (await http.get(auth.url + path)).status_code == 200, path
    paths = (await http.get(f"{auth.url}/openapi.json")).json()["paths"]
    assert {
        "/connect/{provider}",
        "/callback/{provider}",
        "/internal/token",
        "/internal/connections",
        "/internal/connections/{connection}/disconnect",
        "/internal/connections/{connection}/start",
    } <= paths.keys()
    assert all(call["summary"] for path in paths.values() for call in path.values())


async def test_the_internal_api_wants_a_service_token(auth: Auth, http: httpx.AsyncClient) -> None:
    calls = {
        "/internal/token": {"connection": "x"},
        "/internal/connections/x/disconnect": None,
        "/internal/connections/x/start": {"starts_at": "2026-01-01T00:00:00Z"},
    }
    for path, body in calls.items():
        assert (await http.post(auth.url + path, json=body)).status_code == 401, path
        forged = {"Authorization": "Bearer nonsense"}
        answer = await http.post(auth.url + path, json=body, headers=forged)
        assert answer.status_code == 401, path
    assert (await http.get(f"{auth.url}/internal/connections?tenant=t1")).status_code == 401


async def test_an_unknown_connection_is_404(auth: Auth) -> None:
    for name in ("nonsense", "00000000-0000-0000-0000-00000000dead"):
        assert (await auth.token(name)).status_code == 404
        assert (await auth.call("POST", f"/connections/{name}/disconnect")).status_code == 404
