"""login.xero.com and identity.xero.com: consent, tokens and revocation."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.sandbox import pages
from services.sandbox.clock import Clock
from services.sandbox.cutting import cut
from services.sandbox.faults import TOKENS, Faults
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.grants import (
    ACCESS_LIFE,
    APPS,
    EMAIL,
    App,
    Consent,
    Grant,
    Grants,
    InvalidGrantError,
)
from services.sandbox.providers.xero.tokens import Signer

PLAIN = frozenset({"openid", "profile", "email", "offline_access", "paymentservices"})
GRANULAR = (
    *("invoices", "payments", "banktransactions", "contacts", "settings", "attachments"),
    "manualjournals",
)
SCOPES = PLAIN | {
    "accounting.journals.read",
    "accounting.reports.balancesheet.read",
    *(f"accounting.{name}{twin}" for name in GRANULAR for twin in ("", ".read")),
}
"""The broad `accounting.transactions` and `accounting.reports.read` are refused for new apps."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class Identity:
    """The pages and endpoints of the identity provider."""

    def __init__(
        self, clock: Clock, faults: Faults, companies: dict[str, Books], grants: Grants
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._companies = companies
        self.grants = grants
        self._asked: dict[str, Consent] = {}
        self._signer = Signer(clock)

    async def authorize(self, request: Request) -> Response:
        """GET shows the consent page (`auto=1` approves at once), POST is the user's decision."""
        if request.method == "POST":
            return self._decided(await form(request), str(request.url.path))
        asked = dict(request.query_params)
        app, redirect_uri = APPS.get(asked.get("client_id", "")), asked.get("redirect_uri", "")
        if app is None:
            return _problem("unauthorized_client", "This app is not known here.")
        if not _allowed(redirect_uri):
            return _problem("invalid_request", "This redirect URI is not registered for the app.")
        if error := _wrong(asked):
            return _back(redirect_uri, error=error, state=asked.get("state"))
        scopes = tuple(dict.fromkeys(asked.get("scope", "").split()))
        challenge = asked.get("code_challenge")
        consent = Consent(app, redirect_uri, scopes, asked.get("state"), challenge)
        if asked.get("auto") == "1":
            # `company` (repeatable) narrows what is approved; by default it is every company.
            wanted = request.query_params.getlist("company") or list(self._companies)
            return self._approved(consent, wanted)
        return self._page(consent, request.url.path)

    def _page(self, consent: Consent, action: str) -> Response:
        key = self._signer.nonce()
        self._asked[key] = consent
        grant = self.grants.by_app.get(consent.app.id)
        connected = grant.connections if grant else {}
        companies = [
            {
                "id": one.id,
                "name": one.organisation["Name"],
                "currency": one.currency,
                "connected": one.id in connected,
            }
            for one in self._companies.values()
        ]
        target = urlsplit(consent.redirect_uri)
        return pages.page(
            "consent.html",
            # Browsers hold the redirect after the form to this list as well.
            form_action=f"'self' {target.scheme}://{target.netloc}",
            app=consent.app.name,
            user=EMAIL,
            action=action,
            consent=key,
            companies=companies,
            scopes=consent.scopes,
        )

    def _decided(self, sent: dict[str, str], action: str) -> Response:
        consent = self._asked.pop(sent.get("consent", ""), None)
        if consent is None:
            return _problem("invalid_request", "This consent was already answered. Start again.")
        if sent.get("decision") != "allow":
            return _back(consent.redirect_uri, error="access_denied", state=consent.state)
        if sent.get("company") not in self._companies:
            return self._page(consent, action)
        return self._approved(consent, [sent["company"]])

    def _approved(self, consent: Consent, companies: list[str]) -> Response:
        chosen = [
            (id_, str(self._companies[id_].organisation["Name"]))
            for id_ in companies
            if id_ in self._companies
        ]
        code = self.grants.approve(consent, chosen)
        return _back(consent.redirect_uri, code=code, state=consent.state)

    async def token(self, request: Request) -> Response:
        """POST /connect/token: authorization_code or refresh_token."""
        sent = await form(request)
        app = _client(request, sent)
        if app is None:
            return _oauth_error("invalid_client")
        kind = sent.get("grant_type")
        try:
            if kind == "authorization_code":
                keys = ("code", "redirect_uri", "code_verifier")
                code, redirect_uri, verifier = (sent.get(key, "") for key in keys)
                grant, event = self.grants.redeem(code, redirect_uri, verifier, app)
            elif kind == "refresh_token":
                grant, event = self.grants.rotate(sent.get("refresh_token", ""), app)
            else:
                return _oauth_error("unsupported_grant_type")
        except InvalidGrantError:
            return _oauth_error("invalid_grant")
        answer = self._issued(grant, event)
        if kind == "refresh_token" and self._faults.take(TOKENS):
            await cut(request.scope)
        return JSONResponse(answer, headers=NO_STORE)

    def _issued(self, grant: Grant, event: str) -> dict[str, Any]:
        """Exactly the documented keys: others break the vendor's own SDK."""
        access = self._signer.access_token(grant, event)
        self.grants.access[access[0]] = access[1]
        answer: dict[str, Any] = {}
        if "openid" in grant.scopes:
            answer["id_token"] = self._signer.id_token(grant)
        answer |= {"access_token": access[0], "expires_in": ACCESS_LIFE, "token_type": "Bearer"}
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = self.grants.add_refresh(grant, event)
        return {**answer, "scope": " ".join(grant.scopes)}

    async def revoke(self, request: Request) -> Response:
        """POST /connect/revocation: 200, and every connection of the user to the app is gone."""
        sent = await form(request)
        app = _client(request, sent)
        if app is None:
            return _oauth_error("invalid_client")
        self.grants.revoke(sent.get("token", ""), app)
        return Response(status_code=200)


async def form(request: Request) -> dict[str, str]:
    """A URL-encoded body; the last of repeated fields counts."""
    body = (await request.body()).decode("utf-8", "replace")
    return {key: values[-1] for key, values in parse_qs(body, keep_blank_values=True).items()}


def _wrong(asked: dict[str, str]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    scopes = set(asked.get("scope", "").split())
    return None if scopes and scopes <= SCOPES else "invalid_scope"


def _allowed(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


def _back(redirect_uri: str, **values: str | None) -> Response:
    query = urlencode({key: value for key, value in values.items() if value is not None})
    return RedirectResponse(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}", 302)


def _client(request: Request, sent: dict[str, str]) -> App | None:
    """By Basic header or body; without a secret only the PKCE flow (a native app)."""
    client_id, secret = sent.get("client_id", ""), sent.get("client_secret")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return None
    app = APPS.get(client_id)
    if app is None or (secret is None and not sent.get("code_verifier")):
        return None
    return app if secret in {None, app.secret} else None


def _oauth_error(error: str) -> Response:
    return JSONResponse({"error": error}, 400, headers=NO_STORE)


def _problem(error: str, sentence: str) -> Response:
    return pages.page("problem.html", status=400, error=error, sentence=sentence)
