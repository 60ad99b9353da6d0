"""The OAuth side of MYOB as the dossier's section 2 tells it."""

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.services.sandbox.server import Json, Sandbox

SCOPES = (
    "sme-company-file sme-general-ledger sme-sales sme-purchases sme-contacts-customer "
    "sme-contacts-supplier sme-banking sme-inventory sme-company-settings"
)
APP = {"client_id": "sandbox", "client_secret": "sandbox-secret"}
REDIRECT = "http://127.0.0.1:9/callback"
STATE = "a state/+ with odd&characters"


def authorize(sandbox: Sandbox, scope: str = SCOPES, **extra: str) -> httpx.Response:
    """Open the consent page with `auto=1`; no redirect is followed."""
    query = {
        "response_type": "code",
        "client_id": APP["client_id"],
        "redirect_uri": REDIRECT,
        "scope": scope,
        "state": STATE,
        "prompt": "consent",
        "auto": "1",
    }
    url = f"{sandbox.root}/oauth2/account/authorize"
    return sandbox.raw.get(url, params=query | extra, follow_redirects=False)


def returned(answer: httpx.Response) -> dict[str, str]:
    """The query of the redirect back to the app, one value per name."""
    assert answer.is_redirect, f"{answer.status_code} {answer.text[:300]}"
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token_call(sandbox: Sandbox, **form: str) -> httpx.Response:
    """Ask the token endpoint, the secret in the body."""
    return sandbox.raw.post(f"{sandbox.root}/oauth2/v1/authorize", data=APP | form)


def redeem(sandbox: Sandbox, code: str) -> httpx.Response:
    """Exchange a code."""
    form = {"code": code, "redirect_uri": REDIRECT, "scope": SCOPES}
    return token_call(sandbox, grant_type="authorization_code", **form)


def refresh(sandbox: Sandbox, token: str) -> httpx.Response:
    """One refresh of a token."""
    return token_call(sandbox, grant_type="refresh_token", refresh_token=token)


def sign_in(sandbox: Sandbox, company: str, scope: str = SCOPES) -> Json:
    """The whole code flow for one company file; the token answer."""
    back = returned(authorize(sandbox, scope, company=company))
    assert back["businessId"] == company
    answer = redeem(sandbox, back["code"])
    assert answer.status_code == 200, answer.text
    token: Json = answer.json()
    return token


def dead(answer: httpx.Response) -> bool:
    """A refused code or refresh token."""
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
