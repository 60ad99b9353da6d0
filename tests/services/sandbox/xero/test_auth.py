"""Section 2 of the dossier: sign-in, tokens, scopes, tenants, disconnects."""

from urllib.parse import urlsplit

import httpx
import pytest

from tests.services.sandbox.server import Sandbox
from tests.services.sandbox.xero import oauth
from tests.services.sandbox.xero.client import XeroClient
from tests.services.sandbox.xero.oauth import APP, REDIRECT, SCOPES

MINUTES = 60
DAYS = 24 * 60 * 60


def exchange(
    sandbox: Sandbox, code: str, extra: dict[str, str] | None = None, *, basic: bool = True
) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    return oauth.token_call(sandbox, form | (extra or {}), basic=basic)


def test_authorize_gives_a_code_and_the_state_back(sandbox: Sandbox) -> None:
    """flow: OAuth2 authorization code; `response_type=code&client_id&redirect_uri&scope&state`."""
    answer = oauth.authorize(sandbox)
    assert answer.headers["location"].startswith(REDIRECT)
    query = oauth.code_of(answer)
    assert query["state"] == "a state/+ with odd&characters"
    assert query["code"]


def test_authorize_without_auto_is_a_page_for_a_person(sandbox: Sandbox) -> None:
    """The consent page is a real page; `auto=1` approves at once."""
    answer = oauth.authorize(sandbox, auto="")
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]


def test_token_answer_has_exactly_the_documented_keys(sandbox: Sandbox) -> None:
    """Token answer: `{"id_token":…,"access_token":…,"expires_in":1800,"token_type":"Bearer",…`"""
    token = oauth.sign_in(sandbox)
    assert token["expires_in"] == 30 * MINUTES
    assert token["token_type"] == "Bearer"
    assert set(token["scope"].split()) == set(SCOPES.split())
    assert oauth.claims(token["id_token"])


@pytest.mark.parametrize("basic", [True, False])
def test_client_auth_by_basic_header_or_in_the_body(sandbox: Sandbox, basic: bool) -> None:
    """client auth: HTTP Basic `client_id:client_secret`, or both in the body."""
    code = oauth.code_of(oauth.authorize(sandbox))["code"]
    assert exchange(sandbox, code, basic=basic).status_code == 200


@pytest.mark.parametrize("basic", [True, False])
def test_a_wrong_secret_gets_no_token(sandbox: Sandbox, basic: bool) -> None:
    """The web app's flow is "with secret"."""
    code = oauth.code_of(oauth.authorize(sandbox))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    wrong = (APP[0], "nonsense")
    url = f"{sandbox.root}/connect/token"
    if basic:
        answer = sandbox.raw.post(url, data=form, auth=wrong)
    else:
        answer = sandbox.raw.post(
            url, data=form | {"client_id": wrong[0], "client_secret": wrong[1]}
        )
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.text


def test_pkce_s256_accepts_the_right_verifier(sandbox: Sandbox) -> None:
    """code + PKCE: `code_challenge_method=S256`, verifier 43-128 chars."""
    verifier, challenge = oauth.pkce()
    asked = oauth.authorize(sandbox, code_challenge=challenge, code_challenge_method="S256")
    code = oauth.code_of(asked)["code"]
    assert exchange(sandbox, code, {"code_verifier": verifier}).status_code == 200


@pytest.mark.parametrize("form", [{"code_verifier": "x" * 43}, {}])
def test_pkce_refuses_a_wrong_or_missing_verifier(sandbox: Sandbox, form: dict[str, str]) -> None:
    """PKCE: S256."""
    _, challenge = oauth.pkce()
    asked = oauth.authorize(sandbox, code_challenge=challenge, code_challenge_method="S256")
    assert oauth.dead(exchange(sandbox, oauth.code_of(asked)["code"], form))


def test_a_code_works_once(sandbox: Sandbox) -> None:
    """OAuth2 authorization code."""
    code = oauth.code_of(oauth.authorize(sandbox))["code"]
    assert exchange(sandbox, code).status_code == 200
    assert oauth.dead(exchange(sandbox, code))


def test_the_exchange_repeats_the_exact_redirect_uri(sandbox: Sandbox) -> None:
    """redirect URIs: exact, no wildcard."""
    code = oauth.code_of(oauth.authorize(sandbox))["code"]
    assert oauth.dead(exchange(sandbox, code, {"redirect_uri": REDIRECT + "/other"}))


@pytest.mark.parametrize("uri", ["http://example.org/callback", "https://example.org/callback"])
def test_no_redirect_to_an_unregistered_uri(sandbox: Sandbox, uri: str) -> None:
    """redirect URIs: https (localhost excepted), exact."""
    answer = oauth.authorize(sandbox, redirect_uri=uri)
    assert urlsplit(answer.headers.get("location", "")).hostname != "example.org"


def test_access_token_is_a_jwt_of_30_minutes(xero: XeroClient) -> None:
    """access token: JWT, 30 min; expired: 401, `Detail` has `TokenExpired: …`."""
    assert oauth.claims(xero.token["access_token"])["exp"]
    xero.sandbox.advance(29 * MINUTES)
    xero.get("/Organisation")
    xero.sandbox.advance(2 * MINUTES)
    assert "TokenExpired" in xero.call("GET", "/Organisation", 401)["Detail"]


def test_refresh_gives_a_working_access_token(xero: XeroClient) -> None:
    """Expired access token -> refresh once and repeat."""
    xero.sandbox.advance(31 * MINUTES)
    answer = oauth.refresh(xero.sandbox, xero.token["refresh_token"])
    assert answer.status_code == 200
    assert set(answer.json()) == set(xero.token)
    xero.token = answer.json()
    xero.get("/Organisation")


def test_refresh_takes_the_sdks_body(sandbox: Sandbox) -> None:
    """PY sends the credentials in the body, plus `scope` on refresh."""
    token = oauth.sign_in(sandbox)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "scope": SCOPES}
    assert oauth.token_call(sandbox, form, basic=False).status_code == 200


def test_refresh_token_rotates_on_every_refresh(sandbox: Sandbox) -> None:
    """refresh token: rotates on every refresh."""
    first = oauth.sign_in(sandbox)["refresh_token"]
    second = oauth.refresh(sandbox, first).json()["refresh_token"]
    third = oauth.refresh(sandbox, second).json()["refresh_token"]
    assert len({first, second, third}) == 3


def test_previous_refresh_token_works_again_for_30_minutes(sandbox: Sandbox) -> None:
    """The previous one may be used again for 30 minutes so that a lost answer can be retried."""
    first = oauth.sign_in(sandbox)["refresh_token"]
    assert oauth.refresh(sandbox, first).status_code == 200
    sandbox.advance(29 * MINUTES)
    again = oauth.refresh(sandbox, first)
    assert again.status_code == 200
    assert oauth.refresh(sandbox, again.json()["refresh_token"]).status_code == 200


def test_previous_refresh_token_is_dead_after_30_minutes(sandbox: Sandbox) -> None:
    """Dead one: 400 `{"error":"invalid_grant"}`."""
    first = oauth.sign_in(sandbox)["refresh_token"]
    second = oauth.refresh(sandbox, first).json()["refresh_token"]
    sandbox.advance(31 * MINUTES)
    assert oauth.dead(oauth.refresh(sandbox, first))
    assert oauth.refresh(sandbox, second).status_code == 200


def test_refresh_token_dies_unused_after_60_days(sandbox: Sandbox) -> None:
    """refresh token: 60 days when unused."""
    early, late = (oauth.sign_in(sandbox)["refresh_token"] for _ in range(2))
    sandbox.advance(59 * DAYS)
    assert oauth.refresh(sandbox, early).status_code == 200
    sandbox.advance(2 * DAYS)
    assert oauth.dead(oauth.refresh(sandbox, late))


def test_refresh_token_needs_offline_access(sandbox: Sandbox) -> None:
    """refresh token: needs `offline_access`."""
    oauth.revoke_all(sandbox)
    scope = SCOPES.replace("offline_access ", "")
    assert "refresh_token" not in oauth.sign_in(sandbox, scope)


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_an_unknown_refresh_token_is_an_invalid_grant(sandbox: Sandbox, token: str) -> None:
    """Refresh answers 400 `invalid_grant` -> reconnect."""
    answer = oauth.refresh(sandbox, token)
    assert answer.status_code == 400
    assert not token or oauth.dead(answer)
