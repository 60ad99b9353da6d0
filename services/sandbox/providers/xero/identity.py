"""login.xero.com and identity.xero.com: consent, tokens and revocation."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.clock import Clock
from services.sandbox.consent import consent_page
from services.sandbox.cutting import cut
from services.sandbox.faults import TOKENS, Faults
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.grants import (
    ACCESS_LIFE,
    APPS,
    EMAIL,
    Consent,
    Grant,
    Grants,
    InvalidGrantError,
)
from services.sandbox.providers.xero.oauth import (
    NO_STORE,
    allowed,
    back,
    client_of,
    form,
    oauth_error,
    problem_page,
    wrong,
)
from services.sandbox.providers.xero.tokens import Signer


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
            return problem_page("unauthorized_client", "This app is not known here.")
        if not allowed(redirect_uri):
            return problem_page(
                "invalid_request", "This redirect URI is not registered for the app."
            )
        if error := wrong(asked):
            return back(redirect_uri, error=error, state=asked.get("state"))
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
        companies = self._companies.values()
        return consent_page(consent, key, action, EMAIL, companies, connected)

    def _decided(self, sent: dict[str, str], action: str) -> Response:
        consent = self._asked.pop(sent.get("consent", ""), None)
        if consent is None:
            return problem_page(
                "invalid_request", "This consent was already answered. Start again."
            )
        if sent.get("decision") != "allow":
            return back(consent.redirect_uri, error="access_denied", state=consent.state)
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
        return back(consent.redirect_uri, code=code, state=consent.state)

    async def token(self, request: Request) -> Response:
        """POST /connect/token: authorization_code or refresh_token."""
        sent = await form(request)
        app = client_of(request, sent)
        if app is None:
            return oauth_error("invalid_client")
        kind = sent.get("grant_type")
        try:
            if kind == "authorization_code":
                keys = ("code", "redirect_uri", "code_verifier")
                code, redirect_uri, verifier = (sent.get(key, "") for key in keys)
                grant, event = self.grants.redeem(code, redirect_uri, verifier, app)
            elif kind == "refresh_token":
                grant, event = self.grants.rotate(sent.get("refresh_token", ""), app)
            else:
                return oauth_error("unsupported_grant_type")
        except InvalidGrantError:
            return oauth_error("invalid_grant")
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
        app = client_of(request, sent)
        if app is None:
            return oauth_error("invalid_client")
        self.grants.revoke(sent.get("token", ""), app)
        return Response(status_code=200)
