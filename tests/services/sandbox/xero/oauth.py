"""The OAuth side of Xero as the dossier's section 2 tells it."""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.services.sandbox.server import Json, Sandbox
from tests.services.sandbox.xero import keys, vendor

SCOPES = (
    "openid profile email offline_access accounting.invoices accounting.payments "
    "accounting.banktransactions accounting.contacts accounting.settings accounting.attachments"
)
APP = ("sandbox", "sandbox-secret")
REDIRECT = "http://127.0.0.1:9/callback"


def authorize(
    sandbox: Sandbox, scope: str = SCOPES, redirect_uri: str = REDIRECT, **extra: str
) -> httpx.Response:
    """Open the consent page with `auto=1`; no redirect is followed."""
    query = {
        "response_type": "code",
        "client_id": APP[0],
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": "a state/+ with odd&characters",
        "auto": "1",
    }
    url = f"{sandbox.root}/identity/connect/authorize"
    return sandbox.raw.get(url, params=query | extra, follow_redirects=False)


def code_of(answer: httpx.Response) -> Json:
    """The query of the redirect back to the app, one value per name."""
    assert answer.is_redirect, f"{answer.status_code} {answer.text[:300]}"
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token_call(sandbox: Sandbox, form: dict[str, str], *, basic: bool = True) -> httpx.Response:
    """Ask the token endpoint, the app's secret in a Basic header or in the body."""
    url = f"{sandbox.root}/connect/token"
    if basic:
        return sandbox.raw.post(url, data=form, auth=APP)
    return sandbox.raw.post(url, data=form | {"client_id": APP[0], "client_secret": APP[1]})


def sign_in(sandbox: Sandbox, scope: str = SCOPES, **extra: str) -> Json:
    """The whole code flow; the token answer."""
    code = code_of(authorize(sandbox, scope, **extra))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = token_call(sandbox, form)
    assert answer.status_code == 200, answer.text
    token: Json = answer.json()
    wanted = keys.TOKEN
    if "offline_access" not in scope:
        wanted = wanted - {"refresh_token"}
    if "openid" not in scope:
        wanted = wanted - {"id_token"}
    assert set(token) == wanted
    return token


def refresh(sandbox: Sandbox, refresh_token: str) -> httpx.Response:
    """One refresh of a token."""
    return token_call(sandbox, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def revoke_all(sandbox: Sandbox) -> None:
    """Scopes are additive per user: a narrow consent needs a user who has granted nothing yet."""
    form = {"token": sign_in(sandbox)["refresh_token"]}
    url = f"{sandbox.root}/connect/revocation"
    assert sandbox.raw.post(url, data=form, auth=APP).status_code == 200


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def claims(token: str) -> Json:
    """The payload of a JWT, unverified."""
    payload = token.split(".")[1]
    read: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def connections(sandbox: Sandbox, token: str, path: str = "/connections", **params: str) -> Any:
    """`GET /connections`, checked against the vendor's file."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    answer = sandbox.raw.get(sandbox.root + path, headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert isinstance(body, list), "the answer is a bare array"
    vendor.check_connections(body)
    return body


def dead(answer: httpx.Response) -> bool:
    """Dead one: 400 `{"error":"invalid_grant"}`."""
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
