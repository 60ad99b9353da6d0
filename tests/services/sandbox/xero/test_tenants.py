"""Section 2 of the dossier: connections, tenants, disconnects, scopes."""

import httpx
import pytest

from tests.services.sandbox.server import Json, Sandbox
from tests.services.sandbox.xero import oauth, vendor
from tests.services.sandbox.xero.client import XeroClient, connect, unique
from tests.services.sandbox.xero.oauth import APP


def bearer(token: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access_token']}", "Accept": "application/json"}


@pytest.mark.parametrize("basic", [True, False])
def test_revoke_removes_all_connections(sandbox: Sandbox, basic: bool) -> None:
    """revoke: answers 200; removes **all** connections of that user to the app."""
    with connect(sandbox) as xero:
        form = {"token": xero.token["refresh_token"]}
        if not basic:
            form |= {"client_id": APP[0], "client_secret": APP[1]}
        auth = httpx.BasicAuth(*APP) if basic else httpx.Auth()
        url = f"{sandbox.root}/connect/revocation"
        assert sandbox.raw.post(url, data=form, auth=auth).status_code == 200
        assert oauth.dead(oauth.refresh(sandbox, xero.token["refresh_token"]))
        assert xero.send("GET", "/Organisation").status_code in (401, 403)
        assert oauth.connections(sandbox, oauth.sign_in(sandbox)["access_token"])


def test_revoke_leaves_no_connection_in_the_list(sandbox: Sandbox) -> None:
    """`GET /connections` still says 200 but without the tenant (`[]` if none)."""
    token = oauth.sign_in(sandbox)
    url = f"{sandbox.root}/connect/revocation"
    sandbox.raw.post(url, data={"token": token["refresh_token"]}, auth=APP)
    answer = sandbox.raw.get(f"{sandbox.root}/connections", headers=bearer(token))
    assert answer.status_code == 401 or answer.json() == []


def test_one_token_reaches_every_organisation(sandbox: Sandbox) -> None:
    """Tokens belong to (user, app): the same token reaches every organisation of that user."""
    first, second = sandbox.company(), sandbox.company()
    token = oauth.sign_in(sandbox)
    for company in (first, second):
        xero = XeroClient(sandbox, company["id"], token)
        assert xero.get("/Organisation")["Organisations"][0]["Name"] == company["name"]


def test_connections_is_a_bare_array(xero: XeroClient) -> None:
    """`GET /connections`: a bare array of id, authEventId, tenantId, tenantType, tenantName, …"""
    found = oauth.connections(xero.sandbox, xero.token["access_token"])
    [mine] = [c for c in found if c["tenantId"] == xero.tenant]
    assert mine["tenantType"] == "ORGANISATION"
    assert mine["id"] != mine["tenantId"]
    assert mine["tenantName"] == xero.get("/Organisation")["Organisations"][0]["Name"]


def test_connections_matches_case_insensitively(xero: XeroClient) -> None:
    """PY calls `/Connections` with a capital C: a sandbox must match case-insensitively."""
    token = xero.token["access_token"]
    small, capital = (oauth.connections(xero.sandbox, token, f"/{c}onnections") for c in "cC")
    assert small == capital


def test_connections_of_one_consent(xero: XeroClient) -> None:
    """`?authEventId=` - the id in the access token of this consent."""
    access = xero.token["access_token"]
    [mine] = [c for c in oauth.connections(xero.sandbox, access) if c["tenantId"] == xero.tenant]
    event = mine["authEventId"]
    assert event in oauth.claims(access).values()
    asked = oauth.connections(xero.sandbox, access, authEventId=event)
    assert xero.tenant in {c["tenantId"] for c in asked}
    nobody = "00000000-0000-0000-0000-00000000dead"
    assert oauth.connections(xero.sandbox, access, authEventId=nobody) == []


def test_disconnect_one(sandbox: Sandbox) -> None:
    """`DELETE /connections/{id}` -> 204; removed connection: **403**, the list lacks the tenant."""
    with connect(sandbox) as xero:
        access = xero.token["access_token"]
        before = oauth.connections(sandbox, access)
        [mine] = [c for c in before if c["tenantId"] == xero.tenant]
        url = f"{sandbox.root}/connections/{mine['id']}"
        assert xero.sandbox.raw.delete(url, headers=bearer(xero.token)).status_code == 204
        left = oauth.connections(sandbox, access)
        assert {c["id"] for c in left} == {c["id"] for c in before} - {mine["id"]}
        refused = xero.call("GET", "/Organisation", 403)
        assert refused["Detail"] == "AuthenticationUnsuccessful"


def test_disconnect_takes_the_connection_id_not_the_tenant_id(xero: XeroClient) -> None:
    """`{id}` is the connection `id`, **not** the tenantId (wrong one gives 403/404)."""
    url = f"{xero.sandbox.root}/connections/{xero.tenant}"
    assert xero.sandbox.raw.delete(url, headers=bearer(xero.token)).status_code in (403, 404)
    xero.get("/Organisation")


def test_wrong_tenant_is_403(xero: XeroClient) -> None:
    """wrong tenant: **403** `{"Type":null,"Title":"Forbidden","Status":403,"Detail":…`"""
    xero.tenant = "00000000-0000-0000-0000-00000000dead"
    body = xero.call("GET", "/Organisation", 403)
    assert vendor.UUID.match(body.pop("Instance"))
    assert body == {
        "Type": None,
        "Title": "Forbidden",
        "Status": 403,
        "Detail": "AuthenticationUnsuccessful",
        "Extensions": {},
    }


def test_a_token_that_is_none_is_401(xero: XeroClient) -> None:
    """401/403 use the problem-like body of section 2."""
    xero.token = xero.token | {"access_token": "nonsense"}
    xero.call("GET", "/Organisation", 401)


def test_a_missing_scope_is_401(sandbox: Sandbox) -> None:
    """**401** `Detail":"AuthorizationUnsuccessful"` = scope lacking."""
    oauth.revoke_all(sandbox)
    with connect(sandbox, "openid offline_access accounting.settings") as xero:
        xero.get("/Organisation")
        for resource in ("Invoices", "Contacts", "Payments"):
            refused = xero.call("GET", f"/{resource}", 401)
            assert refused["Detail"] == "AuthorizationUnsuccessful"


def test_a_read_scope_reads_only(sandbox: Sandbox) -> None:
    """Each `accounting.*` has a `.read` twin."""
    scope = "openid offline_access accounting.contacts.read accounting.settings.read"
    oauth.revoke_all(sandbox)
    with connect(sandbox, scope) as xero:
        xero.get("/Contacts")
        body = {"Contacts": [{"Name": unique("Rata Cafe")}]}
        refused = xero.call("PUT", "/Contacts", 401, json=body)
        assert refused["Detail"] == "AuthorizationUnsuccessful"


@pytest.mark.parametrize("scope", ["accounting.transactions", "accounting.reports.read"])
def test_broad_scopes_are_refused(sandbox: Sandbox, scope: str) -> None:
    """Broad scopes are refused for new apps: `unauthorized_client` / `invalid_scope`."""
    refused_scope(oauth.authorize(sandbox, f"openid offline_access {scope}"))


def test_an_unknown_scope_is_refused(sandbox: Sandbox) -> None:
    """Wrong scope at authorize: `unauthorized_client` / `invalid_scope`."""
    refused_scope(oauth.authorize(sandbox, "openid accounting.nonsense"))


def refused_scope(answer: httpx.Response) -> None:
    told = answer.headers.get("location", "") + answer.text
    assert "invalid_scope" in told or "unauthorized_client" in told
    assert "code=" not in answer.headers.get("location", "")


def test_scopes_are_additive(sandbox: Sandbox) -> None:
    """Additive per user; only a revoke reduces them: a later narrow consent keeps the wide one."""
    with connect(sandbox) as xero:
        xero.token = oauth.sign_in(sandbox, "openid offline_access accounting.settings")
        xero.get("/Contacts")


def test_every_answer_has_a_correlation_id(xero: XeroClient) -> None:
    """Keep response header `Xero-Correlation-Id` for support."""
    assert vendor.UUID.match(xero.send("GET", "/Organisation").headers["xero-correlation-id"])
    assert xero.send("GET", "/Invoices/nonsense").headers["xero-correlation-id"]
