"""A provider's OAuth endpoints and its companies, by the facts of its TOML alone."""

import asyncio
import ssl
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client

from contracts.provider import Provider, provider, provider_ids
from contracts.signin import Companies, OAuth
from libs.service.origins import Origins
from services.auth.answers import (
    Company,
    Tokens,
    company_id,
    read_companies,
    read_name,
    read_tokens,
    shown,
)
from services.auth.errors import VendorDown
from services.auth.line import TIMEOUT, Line
from services.auth.providers import allowed_by_consent

LOST = (httpx.NetworkError, httpx.RemoteProtocolError)
NOT_REACHED = (401, 403, 404)


class Vendor:
    """One provider, as our app may talk to it."""

    def __init__(
        self,
        facts: Provider,
        oauth: OAuth,
        companies: Companies,
        origins: Origins,
        tls: ssl.SSLContext,
    ) -> None:
        self.facts = facts
        self.name = facts.name
        self.oauth = oauth
        self._companies = companies
        self._line = Line(facts, oauth, origins, tls)
        self._allowed = allowed_by_consent(facts.id)

    @property
    def is_sandbox(self) -> bool:
        """Whether the provider's origin is this machine: plain http is accepted nowhere else."""
        return self._line.is_sandbox

    @property
    def single(self) -> bool:
        """Whether a consent is for one company, so that a grant is the company's."""
        return self._companies.single

    @property
    def lists(self) -> bool:
        """Whether a token's companies can be listed."""
        return self._companies.list_url is not None

    def authorize_url(
        self, *, redirect_uri: str, state: str, verifier: str, extra: Mapping[str, str]
    ) -> str:
        """Where the person is sent; raises `Misconfigured`."""
        app = self._line.app()
        client = AsyncOAuth2Client(
            app.client_id,
            redirect_uri=redirect_uri,
            scope=self._scope,
            code_challenge_method="S256",
            verify=self._line.tls,
        )
        proof = {"code_verifier": verifier} if self.oauth.pkce else {}
        more = {**self.oauth.authorize_params, **extra}
        url, _ = client.create_authorization_url(
            self._line.url(self.oauth.authorize_url), state=state, **proof, **more
        )
        return str(url)

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """The tokens for a code; raises `GrantDead`, `VendorDown`, `Misconfigured`."""
        proof = {"code_verifier": verifier} if self.oauth.pkce else {}
        sent = {"scope": self._scope, **self.oauth.authorize_params}
        repeated = {name: sent[name] for name in self.oauth.token_params}
        async with self._line.client() as client:
            with self._line.understood():
                answer = await client.fetch_token(
                    self._line.url(self.oauth.token_url),
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=redirect_uri,
                    **proof,
                    **repeated,
                )
        tokens = self._tokens(answer)
        return replace(tokens, consent_life=tokens.consent_life or self.oauth.consent_life)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens, asked for once more with the same one if the answer is lost.

        Raises `GrantDead`, `VendorDown` (the outcome may be unknown), `Misconfigured`.
        """
        url = self._line.url(self.oauth.token_url)
        async with self._line.client() as client:
            with self._line.understood():
                try:
                    answer = await _bounded(client.refresh_token(url, refresh_token=refresh_token))
                except LOST:
                    answer = await _bounded(client.refresh_token(url, refresh_token=refresh_token))
        return self._tokens(answer)

    async def revoke(self, token: str) -> None:
        """End the grant there, where the provider lets us; raises `VendorDown`."""
        if self.oauth.revoke_url is None:
            return
        if self.oauth.revoke_body == "json":
            answer = await self._line.post(self.oauth.revoke_url, {"token": token})
        else:
            answer = await self._revoke(self._line.url(self.oauth.revoke_url), token)
        # Where JSON is wanted, 400 says that the token is dead already (RFC 7009 has 200 for it).
        dead = self.oauth.revoke_body == "json" and answer.status_code == httpx.codes.BAD_REQUEST
        if not (answer.is_success or dead):
            raise VendorDown(f"{self.name} answered the revocation with {answer.status_code}.")

    async def companies(
        self, access_token: str, redirect: Mapping[str, str] | None = None
    ) -> list[Company]:
        """Every company the token reaches: those listed, or the one that `redirect` names.

        Raises `VendorDown`.
        """
        facts = self._companies
        if facts.list_url is None:
            return await self._redirected(access_token, redirect or {})
        answer = await self._line.call("GET", facts.list_url, access_token)
        try:
            return read_companies(
                answer.content, facts, lambda entry: self._allowed(entry, access_token)
            )
        except ValueError:
            raise VendorDown(f"{self.name} listed its companies in an unknown form.") from None

    async def company(self, access_token: str, company: str, name: str = "") -> Company | None:
        """A company by its id, None where the token does not reach it; raises `VendorDown`.

        `name` is taken where the provider shows none.
        """
        url = (self._companies.name_url or "").replace("{company}", quote(company, safe=""))
        answer = await self._line.call("GET", url, access_token, gone=NOT_REACHED, as_calls=True)
        if not answer.is_success:
            return None
        found = read_name(answer.content, self._companies.name_path)
        return Company(company, found or name or company)

    async def let_go(self, access_token: str, link: str) -> None:
        """End the app's access to one company; already ended is fine. Raises `VendorDown`."""
        url = self._companies.disconnect_url
        if url is not None:
            await self._line.call("DELETE", url.format(link=link), access_token, gone=(403, 404))

    async def _redirected(self, access_token: str, redirect: Mapping[str, str]) -> list[Company]:
        # Whoever sits at the browser can write any company into the redirect.
        facts = self._companies
        named = company_id(redirect.get(facts.id_param or "", ""))
        if named is None:
            return []
        name = shown(redirect.get(facts.name_param or "", ""))
        found = await self.company(access_token, named, name)
        return [found] if found else []

    async def _revoke(self, url: str, token: str) -> httpx.Response:
        async with self._line.client() as client:
            with self._line.understood():
                answer: httpx.Response = await client.revoke_token(url, token=token)
        return answer

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        tokens = read_tokens(answer, self.oauth)
        if tokens is None:
            raise VendorDown(f"{self.name} answered without a token.")
        return tokens

    @property
    def _scope(self) -> str:
        return " ".join(self.oauth.scopes)


class Vendors:
    """Every provider that is connected by OAuth."""

    def __init__(self, origins: Origins) -> None:
        # Reading the certificates takes longer than a call, so it is done once.
        tls = httpx.create_ssl_context()
        known = (provider(name) for name in provider_ids())
        self._by_id = {
            facts.id: Vendor(facts, facts.oauth, facts.companies, origins, tls)
            for facts in known
            if facts.oauth is not None and facts.companies is not None
        }

    def __iter__(self) -> Iterator[Vendor]:
        return iter(self._by_id.values())

    def get(self, provider_id: str) -> Vendor | None:
        """None where there is no such provider, or it has no OAuth."""
        return self._by_id.get(provider_id)

    def __getitem__(self, provider_id: str) -> Vendor:
        return self._by_id[provider_id]


async def _bounded(call: Awaitable[Any]) -> Any:
    # httpx bounds each read; a lease counts on the whole.
    async with asyncio.timeout(TIMEOUT):
        return await call
