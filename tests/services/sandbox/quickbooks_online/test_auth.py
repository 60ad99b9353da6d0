"""OAuth, tenancy, refusals: dossier section 2."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, connect, fault, xml
from tests.services.sandbox.quickbooks_online.oauth import (
    ACCOUNTING,
    APP,
    REDIRECT,
    authorize,
    back,
    refresh,
    sign_in,
    token_call,
)
from tests.services.sandbox.server import Json, Sandbox

DAY = 86_400


def lower(answer: httpx.Response, status: int) -> Json:
    """The error of the lower-case envelope."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {
        *("warnings", "intuitObject", "fault", "report", "queryResponse", "batchItemResponse"),
        *("attachableResponse", "syncErrorResponse", "requestId", "time", "status", "cdcresponse"),
    }
    [error] = body["fault"]["error"]
    found: Json = error | {"type": body["fault"]["type"]}
    return found


def dead(answer: httpx.Response) -> bool:
    """400 in the vendor's words."""
    return answer.status_code == 400 and answer.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }


def test_discovery(sandbox: Sandbox) -> None:
    """Sections 2 and 13: read with a trailing slash; no PKCE; URLs lead back here."""
    for name in ("openid_configuration/", "openid_sandbox_configuration/"):
        found = sandbox.raw.get(f"{sandbox.root}/.well-known/{name}").json()
        assert found["response_types_supported"] == ["code"]
        assert "code_challenge_methods_supported" not in found
        for key in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"):
            assert found[key].startswith(sandbox.root)


def test_code_flow(qbo: Qbo) -> None:
    """Section 2: callback with code, state and realmId; the token answer."""
    answer = back(authorize(qbo.sandbox, qbo.realm))
    assert answer["state"] == "a state/+ with odd&characters"
    assert answer["realmId"] == qbo.realm
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT}
    token = token_call(qbo.sandbox, **form).json()
    assert set(token) == {
        *("token_type", "expires_in", "access_token", "refresh_token"),
        "x_refresh_token_expires_in",
    }
    assert (token["token_type"], token["expires_in"]) == ("bearer", 3600)
    assert 8_639_990 <= token["x_refresh_token_expires_in"] <= 8_640_000
    used = token_call(qbo.sandbox, **form)
    assert (used.status_code, used.json()) == (400, {"error": "invalid_grant"})


def test_wrong_requests(sandbox: Sandbox) -> None:
    """Section 2: unknown client, redirect, scope, response type; bad client 401."""
    assert authorize(sandbox, client_id="nobody").status_code == 400
    assert authorize(sandbox, redirect_uri="https://evil.example/").status_code == 400
    assert back(authorize(sandbox, scope="nonsense"))["error"] == "invalid_scope"
    assert back(authorize(sandbox, response_type="token"))["error"] == "unsupported_response_type"
    url = f"{sandbox.root}/oauth2/v1/tokens/bearer"
    answer = sandbox.raw.post(url, data={"grant_type": "refresh_token"}, auth=("x", "y"))
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_daily_rotation(qbo: Qbo) -> None:
    """Section 2: the same value within a day, then a new one; the former lives 24 h more."""
    first = qbo.token["refresh_token"]
    assert refresh(qbo.sandbox, first).json()["refresh_token"] == first
    qbo.sandbox.advance(DAY + 1)
    second = refresh(qbo.sandbox, first).json()["refresh_token"]
    assert second != first
    assert refresh(qbo.sandbox, first).json()["refresh_token"] == second
    qbo.sandbox.advance(DAY - 60)
    assert refresh(qbo.sandbox, first).status_code == 200
    qbo.sandbox.advance(120)
    assert dead(refresh(qbo.sandbox, first))
    assert refresh(qbo.sandbox, second).status_code == 200


def test_rolling_and_hard_life(qbo: Qbo) -> None:
    """Section 2: 100 days rolling, 5 years at most; the header that tells the hard end."""
    token = qbo.token["refresh_token"]
    for _ in range(2):
        qbo.sandbox.advance(90 * DAY)
        token = refresh(qbo.sandbox, token).json()["refresh_token"]
    headers = {"x-include-refresh-token-hard-expires-in": "true"}
    url = f"{qbo.sandbox.root}/oauth2/v1/tokens/bearer"
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = qbo.sandbox.raw.post(url, data=form, auth=APP, headers=headers).json()
    left = answer["x_refresh_token_hard_expires_in"]
    assert left == pytest.approx((5 * 365 - 180) * DAY, abs=120)
    qbo.sandbox.advance(101 * DAY)
    assert dead(refresh(qbo.sandbox, token))


def test_hard_end(qbo: Qbo) -> None:
    """Section 2: after five years no refresh helps."""
    token = qbo.token["refresh_token"]
    for _ in range(20):
        qbo.sandbox.advance(90 * DAY)
        token = refresh(qbo.sandbox, token).json()["refresh_token"]
    qbo.sandbox.advance(30 * DAY)
    assert dead(refresh(qbo.sandbox, token))


def test_parallel_refreshes(qbo: Qbo) -> None:
    """Section 2: of two at once one gets invalid_grant, and what the other gets is revoked."""
    token = qbo.token["refresh_token"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: refresh(qbo.sandbox, token), range(2)))
    assert sorted(a.status_code for a in answers) == [200, 400]
    assert dead(refresh(qbo.sandbox, token))


def test_lost_refresh_answer(qbo: Qbo) -> None:
    """The value rotates, the answer is lost: the former value still gets the new one."""
    first = qbo.token["refresh_token"]
    qbo.sandbox.fault("lose-refresh-answer")
    with pytest.raises(httpx.HTTPError):
        refresh(qbo.sandbox, first)
    assert refresh(qbo.sandbox, first).json()["refresh_token"] != first


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoke(qbo: Qbo, which: str) -> None:
    """Section 2: POST JSON with Basic auth: 200 and empty, 400 when already dead."""
    url = f"{qbo.sandbox.root}/v2/oauth2/tokens/revoke"
    wire = {"token": qbo.token[which]}
    assert qbo.sandbox.raw.post(url, json=wire).status_code == 401
    answer = qbo.sandbox.raw.post(url, json=wire, auth=APP)
    assert (answer.status_code, answer.content) == (200, b"")
    assert qbo.sandbox.raw.post(url, json=wire, auth=APP).status_code == 400
    assert dead(refresh(qbo.sandbox, qbo.token["refresh_token"]))
    assert lower(qbo.send("GET", "/preferences"), 401)["code"] == "3200"


def test_disconnected_by_the_user(qbo: Qbo) -> None:
    """Section 2: the user disconnects inside QBO: Intuit revokes."""
    qbo.person("disconnect")
    assert lower(qbo.send("GET", "/preferences"), 401)["code"] == "3200"


def test_a_new_consent_replaces_the_old(qbo: Qbo) -> None:
    """Section 2, UNCONFIRMED: one live connection per app and company."""
    again = sign_in(qbo.sandbox, qbo.realm)
    assert dead(refresh(qbo.sandbox, qbo.token["refresh_token"]))
    assert refresh(qbo.sandbox, again["refresh_token"]).status_code == 200


def test_dead_token(qbo: Qbo) -> None:
    """Section 2: 401 in the lower-case envelope, 3200."""
    error = lower(qbo.send("GET", "/preferences", headers={"Authorization": "Bearer x"}), 401)
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert (error["code"], error["type"]) == ("3200", "AUTHENTICATION")
    qbo.sandbox.advance(3601)
    assert "expired" in lower(qbo.send("GET", "/preferences"), 401)["detail"]


def test_token_of_another_realm(qbo: Qbo) -> None:
    """Section 2: 401 in XML even when JSON was asked for, code 100."""
    other = connect(qbo.sandbox)
    other.token = qbo.token
    answer = other.send("GET", "/preferences")
    assert answer.status_code == 401
    assert "xml" in answer.headers["content-type"]
    assert xml(answer.content, "Fault", "Error").get("code") == "100"
    assert xml(answer.content, "Fault").get("type") == "AuthenticationFault"
    assert "SRV-110-Authentication Failure" in xml(answer.content, "Fault", "Error", "Detail").text


def test_missing_scope(qbo: Qbo) -> None:
    """Section 2: 403 lower-case, 3100, SERVICE."""
    qbo.token = sign_in(qbo.sandbox, qbo.realm, scope="openid com.intuit.quickbooks.payment")
    assert qbo.token["id_token"]
    error = lower(qbo.send("GET", "/preferences"), 403)
    assert error["message"].startswith("message=ApplicationAuthorizationFailed; errorCode=003100")
    assert (error["code"], error["type"]) == ("3100", "SERVICE")


def test_user_info(qbo: Qbo) -> None:
    """Section 2: userinfo with openid."""
    token = sign_in(qbo.sandbox, qbo.realm, scope=f"{ACCOUNTING} openid email")["access_token"]
    url = f"{qbo.sandbox.root}/v1/openid_connect/userinfo"
    headers = {"Authorization": f"Bearer {token}"}
    assert qbo.sandbox.raw.get(url, headers=headers).json()["email"]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("admin_lost", 401, "120"),
        ("wrong_cluster", 401, "130"),
        ("locked_out", 400, "140"),
        ("maintenance", 400, "150"),
        ("subscription_ended", 400, "6190"),
        ("data_reset", 400, "10200"),
    ],
)
def test_company_states(qbo: Qbo, state: str, status: int, code: str) -> None:
    """Sections 2 and 10: 120, 130, 140, 150, 6190, 10200."""
    qbo.settings(state=state)
    assert fault(qbo.send("GET", "/preferences"), status)["code"] == code
    qbo.settings(state="fine")
    assert qbo.call("GET", "/preferences")


def test_company_facts(qbo: Qbo) -> None:
    """Section 2: companyinfo and preferences; `intuit_tid` on every answer."""
    answer = qbo.send("GET", f"/companyinfo/{qbo.realm}")
    assert answer.headers["intuit_tid"]
    info = answer.json()["CompanyInfo"]
    assert {"CompanyName", "Country", "NameValue"} <= set(info)
    [queried] = qbo.rows("select * from CompanyInfo")
    assert queried["CompanyName"] == info["CompanyName"]
    prefs = qbo.call("GET", "/preferences")["Preferences"]
    assert prefs["CurrencyPrefs"]["HomeCurrency"]["value"] == "USD"
    assert {"AccountingInfoPrefs", "SalesFormsPrefs", "TaxPrefs"} <= set(prefs)
