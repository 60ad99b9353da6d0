"""The OAuth side of QuickBooks as the dossier tells it."""

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.services.sandbox.server import Json, Sandbox

APP = ("sandbox", "sandbox-secret")
REDIRECT = "http://127.0.0.1:9/callback"
ACCOUNTING = "com.intuit.quickbooks.accounting"


def authorize(sandbox: Sandbox, company: str | None = None, **extra: str) -> httpx.Response:
    """Open the consent page with `auto=1`; no redirect is followed."""
    query = {
        "client_id": APP[0],
        "response_type": "code",
        "scope": ACCOUNTING,
        "redirect_uri": REDIRECT,
        "state": "a state/+ with odd&characters",
        "auto": "1",
    }
    named = {"company": company} if company else {}
    url = f"{sandbox.root}/connect/oauth2"
    return sandbox.raw.get(url, params=query | named | extra, follow_redirects=False)


def back(answer: httpx.Response) -> Json:
    """The query of the redirect to the app, one value per name."""
    assert answer.is_redirect, f"{answer.status_code} {answer.text[:300]}"
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token_call(sandbox: Sandbox, **form: str) -> httpx.Response:
    """Ask the token endpoint."""
    url = f"{sandbox.root}/oauth2/v1/tokens/bearer"
    headers = {"Accept": "application/json"}
    return sandbox.raw.post(url, data=form, auth=APP, headers=headers)


def sign_in(sandbox: Sandbox, company: str | None = None, **extra: str) -> Json:
    """The whole code flow; the token answer."""
    code = back(authorize(sandbox, company, **extra))["code"]
    answer = token_call(sandbox, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert answer.status_code == 200, answer.text
    token: Json = answer.json()
    return token


def refresh(sandbox: Sandbox, token: str) -> httpx.Response:
    """One refresh."""
    return token_call(sandbox, grant_type="refresh_token", refresh_token=token)
