"""appcenter.intuit.com and oauth.platform.intuit.com: consent, tokens, revocation, user info."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.clock import Clock
from services.sandbox.consent import consent_page
from services.sandbox.cutting import cut
from services.sandbox.faults import TOKENS, Faults
from services.sandbox.providers.quickbooks_online.books import Books, new_nonce
from services.sandbox.providers.quickbooks_online.grants import (
    APPS,
    EMAIL,
    USER,
    App,
    Consent,
    Grant,
    Grants,
    InvalidGrantError,
)
from services.sandbox.providers.quickbooks_online.oauth import (
    NO_STORE,
    allowed,
    back,
    client_of,
    form,
    oauth_error,
    problem_page,
    wrong,
)
from services.sandbox.providers.quickbooks_online.tokens import Signer

REFRESH_TAKES = 0.05
"""Seconds in which a second refresh of the same grant counts as parallel."""
DEAD = "Incorrect or invalid refresh token"


class Identity:
    """The pages and endpoints around consent and tokens."""

    def __init__(
        self, clock: Clock, faults: Faults, companies: Mapping[str, Books], grants: Grants
    ) -> None:
        self._faults = faults
        self._companies = companies
        self._grants = grants
        self._asked: dict[str, Consent] = {}
        self._signer = Signer(clock, grants)

    async def authorize(self, request: Request) -> Response:
        """GET shows the consent page (`auto=1` approves at once), POST is the user's decision."""
        if request.method == "POST":
            return self._decided(await form(request), str(request.url.path))
        asked = dict(request.query_params)
        app, redirect_uri = APPS.get(asked.get("client_id", "")), asked.get("redirect_uri", "")
        if app is None:
            return problem_page("invalid_client", "This app is not known here.")
        if not allowed(redirect_uri):
            sentence = "The redirect_uri query parameter value is invalid."
            return problem_page("invalid_request", sentence)
        if error := wrong(asked):
            return back(redirect_uri, error=error, state=asked.get("state"))
        scopes = tuple(dict.fromkeys(asked["scope"].split()))
        consent = Consent(app, redirect_uri, scopes, asked.get("state"))
        if asked.get("auto") == "1":
            # One consent is one company: `company` names it, else it is the first.
            return self._approved(consent, asked.get("company") or next(iter(self._companies)))
        return self._page(consent, request.url.path)

    def _page(self, consent: Consent, action: str) -> Response:
        key = new_nonce()
        self._asked[key] = consent
        connected = [one.id for one in self._companies.values() if self._grants.connected(one.id)]
        companies = self._companies.values()
        return consent_page(consent, key, action, EMAIL, companies, connected)

    def _decided(self, sent: dict[str, str], action: str) -> Response:
        consent = self._asked.pop(sent.get("consent", ""), None)
        if consent is None:
            return problem_page("invalid_request", "This consent was already answered.")
        if sent.get("decision") != "allow":
            return back(consent.redirect_uri, error="access_denied", state=consent.state)
        if sent.get("company") not in self._companies:
            return self._page(consent, action)
        return self._approved(consent, sent["company"])

    def _approved(self, consent: Consent, company: str) -> Response:
        if company not in self._companies:
            return problem_page("invalid_request", "There is no such company.")
        code = self._grants.approve(consent, company)
        return back(consent.redirect_uri, code=code, state=consent.state, realmId=company)

    async def token(self, request: Request) -> Response:
        """POST /oauth2/v1/tokens/bearer: authorization_code or refresh_token."""
        sent = await form(request)
        app = client_of(request, sent)
        if app is None:
            return oauth_error("invalid_client", 401)
        kind = sent.get("grant_type")
        try:
            if kind == "authorization_code":
                grant = self._redeemed(sent, app)
            elif kind == "refresh_token":
                grant = await self._refreshed(sent.get("refresh_token", ""), app, request)
            else:
                return oauth_error("unsupported_grant_type")
        except InvalidGrantError:
            return oauth_error("invalid_grant", 400, DEAD if kind == "refresh_token" else None)
        hard = request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true"
        return JSONResponse(self._signer.issued(grant, hard=hard), headers=NO_STORE)

    def _redeemed(self, sent: dict[str, str], app: App) -> Grant:
        code, redirect_uri = sent.get("code", ""), sent.get("redirect_uri", "")
        replaces = all(one.habits.new_consent_replaces for one in self._companies.values())
        return self._grants.redeem(code, redirect_uri, app, replaces=replaces)

    async def _refreshed(self, token: str, app: App, request: Request) -> Grant:
        grant = self._grants.refresh(token, app)
        if grant.busy:
            # Two at once: the second fails, and what the first one gets is revoked.
            self._grants.revoke(grant)
            raise InvalidGrantError
        grant.busy = True
        try:
            await asyncio.sleep(REFRESH_TAKES)
        finally:
            grant.busy = False
        if self._faults.take(TOKENS):
            self._grants.rotate(grant)
            await cut(request.scope)
        return grant

    async def jwks(self, _: Request) -> Response:
        """GET /op/v1/jwks."""
        return JSONResponse({"keys": [self._signer.public()]})

    async def revoke(self, request: Request) -> Response:
        """POST /v2/oauth2/tokens/revoke: 200 and empty, 400 for a dead token."""
        sent = await form(request)
        if client_of(request, sent) is None:
            return oauth_error("invalid_client", 401)
        grant = self._grants.of(sent.get("token", ""))
        if grant is None:
            return oauth_error("invalid_grant")
        self._grants.revoke(grant)
        return Response(status_code=200)

    async def userinfo(self, request: Request) -> Response:
        """GET /v1/openid_connect/userinfo."""
        token = request.headers.get("authorization", "").partition(" ")[2]
        grant = self._grants.of(token)
        if grant is None or "openid" not in grant.scopes:
            return oauth_error("invalid_token", 401)
        who = {"sub": USER, "email": EMAIL, "emailVerified": True}
        return JSONResponse(who | {"givenName": "Sandbox", "familyName": "Bookkeeper"})
