"""secure.myob.com: the consent page and the token endpoint."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.sandbox import pages
from services.sandbox.consent import consent_page
from services.sandbox.cutting import cut
from services.sandbox.faults import TOKENS, Faults
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.grants import (
    ACCESS_LIFE,
    APPS,
    EMAIL,
    USER,
    Consent,
    Grant,
    Grants,
    InvalidGrantError,
)

SCOPES = frozenset(
    f"sme-{name}"
    for name in (
        *("company-file", "general-ledger", "sales", "purchases", "contacts-customer"),
        *("contacts-supplier", "contacts-employee", "contacts-personal", "banking"),
        *("inventory", "payroll", "timebilling", "company-settings"),
    )
)
"""The old `CompanyFile` scope is gone."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class Identity:
    """The pages and endpoints of the identity provider."""

    def __init__(self, faults: Faults, companies: dict[str, Books], grants: Grants) -> None:
        self._faults = faults
        self._companies = companies
        self._grants = grants
        self._asked: dict[str, Consent] = {}

    async def authorize(self, request: Request) -> Response:
        """GET shows the consent page (`auto=1` approves at once), POST is the user's decision."""
        if request.method == "POST":
            return self._decided(await _form(request), str(request.url.path))
        asked = dict(request.query_params)
        app, redirect_uri = APPS.get(asked.get("client_id", "")), asked.get("redirect_uri", "")
        if app is None:
            return _problem("unauthorized_client", "This API key is not known here.")
        if not _allowed(redirect_uri):
            return _problem("invalid_request", "This redirect URI is not registered for the key.")
        scopes = tuple(dict.fromkeys(asked.get("scope", "").split()))
        consent = Consent(
            app, redirect_uri, scopes, asked.get("state"), asked.get("prompt") == "consent"
        )
        if error := _wrong(asked, scopes):
            return _back(consent, error=error)
        if asked.get("auto") == "1":
            # `company` chooses the file; without it, it is the first.
            wanted = asked.get("company") or asked.get("businessId") or next(iter(self._companies))
            return self._approved(consent, wanted)
        return self._page(consent, request.url.path)

    def _page(self, consent: Consent, action: str) -> Response:
        key = secrets.token_urlsafe(24)
        self._asked[key] = consent
        connected = [
            one.id for one in self._companies.values() if self._grants.standing.get(one.id)
        ]
        companies = self._companies.values()
        return consent_page(consent, key, action, EMAIL, companies, connected)

    def _decided(self, sent: dict[str, str], action: str) -> Response:
        consent = self._asked.pop(sent.get("consent", ""), None)
        if consent is None:
            return _problem("invalid_request", "This consent was already answered. Start again.")
        if sent.get("decision") != "allow":
            return _back(consent, error="access_denied")
        if sent.get("company") not in self._companies:
            return self._page(consent, action)
        return self._approved(consent, sent["company"])

    def _approved(self, consent: Consent, company: str) -> Response:
        """One company file per consent, by an Administrator of it."""
        books = self._companies.get(company.lower())
        if books is None or not books.habits.administrator:
            return _back(consent, error="access_denied")
        code = self._grants.approve(consent, books.id)
        file = {"businessId": books.id, "businessName": books.name} if consent.prompt else {}
        return _back(consent, code=code, **file)

    async def token(self, request: Request) -> Response:
        """POST /oauth2/v1/authorize: authorization_code or refresh_token."""
        sent = await _form(request)
        app = APPS.get(sent.get("client_id", ""))
        if app is None or sent.get("client_secret") != app.secret:
            return _error("invalid_client")
        kind = sent.get("grant_type")
        try:
            if kind == "authorization_code":
                grant = self._grants.redeem(sent.get("code", ""), sent.get("redirect_uri", ""), app)
            elif kind == "refresh_token":
                token = sent.get("refresh_token", "")
                grant = self._grants.rotate(token, app, self._companies)
            else:
                return _error("unsupported_grant_type")
        except InvalidGrantError:
            return _error("invalid_grant")
        answer = self._issued(grant)
        if kind == "refresh_token" and self._faults.take(TOKENS):
            await cut(request.scope)
        return JSONResponse(answer, headers=NO_STORE)

    def _issued(self, grant: Grant) -> dict[str, Any]:
        """`expires_in` is a text here, as it may be."""
        access, refresh = self._grants.issue(grant, self._companies[grant.company])
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": str(ACCESS_LIFE),
            "refresh_token": refresh,
            "scope": " ".join(grant.scopes),
            "user": {"uid": USER, "username": EMAIL},
        }


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return {key: values[-1] for key, values in parse_qs(body, keep_blank_values=True).items()}


def _wrong(asked: dict[str, str], scopes: tuple[str, ...]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    return None if scopes and set(scopes) <= SCOPES else "invalid_scope"


def _allowed(redirect_uri: str) -> bool:
    """Any loopback address is registered for the sandbox's key."""
    parts = urlsplit(redirect_uri)
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


def _back(consent: Consent, **values: str) -> Response:
    if consent.state is not None:
        values["state"] = consent.state
    uri = consent.redirect_uri
    return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{urlencode(values)}", 302)


def _error(error: str) -> Response:
    return JSONResponse({"error": error}, 400, headers=NO_STORE)


def _problem(error: str, sentence: str) -> Response:
    return pages.page("problem.html", status=400, error=error, sentence=sentence)
