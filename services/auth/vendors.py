"""A provider's OAuth endpoints and its company list, by the facts of its TOML alone."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from contracts.provider import Companies, OAuth, Provider, provider, provider_ids
from libs.service.origins import Origins
from services.auth.answers import Company, Tokens, read_companies, read_tokens
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.providers import allowed_by_consent
from services.auth.settings import AppCredentials, app_credentials

TIMEOUT = 10.0
LOST = (httpx.NetworkError, httpx.RemoteProtocolError)
OUR_FAULT = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


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
        self._origins = origins
        self._tls = tls
        self._allowed = allowed_by_consent(facts.id)

    @property
    def is_sandbox(self) -> bool:
        """Whether the provider's origin is this machine: plain http is accepted nowhere else."""
        return (self._origins.origin(self.facts.id) or "").startswith("http:")

    def authorize_url(
        self, *, redirect_uri: str, state: str, verifier: str, extra: Mapping[str, str]
    ) -> str:
        """Where the person is sent; raises `Misconfigured`."""
        app = self._app()
        client = AsyncOAuth2Client(
            app.client_id,
            redirect_uri=redirect_uri,
            scope=" ".join(self.oauth.scopes),
            code_challenge_method="S256",
            verify=self._tls,
        )
        proof = {"code_verifier": verifier} if self.oauth.pkce else {}
        url, _ = client.create_authorization_url(
            self._url(self.oauth.authorize_url), state=state, **proof, **extra
        )
        return str(url)

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """The tokens for a code; raises `GrantDead`, `VendorDown`, `Misconfigured`."""
        proof = {"code_verifier": verifier} if self.oauth.pkce else {}
        async with self._client() as client:
            with self._understood():
                answer = await client.fetch_token(
                    self._url(self.oauth.token_url),
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=redirect_uri,
                    **proof,
                )
        return self._tokens(answer)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens, asked for once more with the same one if the answer is lost.

        Raises `GrantDead`, `VendorDown` (the outcome may be unknown), `Misconfigured`.
        """
        url = self._url(self.oauth.token_url)
        async with self._client() as client:
            with self._understood():
                try:
                    answer = await _bounded(client.refresh_token(url, refresh_token=refresh_token))
                except LOST:
                    answer = await _bounded(client.refresh_token(url, refresh_token=refresh_token))
        return self._tokens(answer)

    async def revoke(self, token: str) -> None:
        """End the grant there, where the provider lets us; raises `VendorDown`."""
        if self.oauth.revoke_url is None:
            return
        async with self._client() as client:
            with self._understood():
                answer = await client.revoke_token(self._url(self.oauth.revoke_url), token=token)
        if not answer.is_success:
            raise VendorDown(f"{self.name} answered the revocation with {answer.status_code}.")

    async def companies(self, access_token: str) -> list[Company]:
        """Every company the token reaches; raises `VendorDown`."""
        facts = self._companies
        answer = await self._get("GET", facts.list_url, access_token)
        try:
            return read_companies(
                answer.content, facts, lambda entry: self._allowed(entry, access_token)
            )
        except ValueError:
            raise VendorDown(f"{self.name} listed its companies in an unknown form.") from None

    async def let_go(self, access_token: str, link: str) -> None:
        """End the app's access to one company; already ended is fine. Raises `VendorDown`."""
        url = self._companies.disconnect_url
        if url is not None:
            await self._get("DELETE", url.format(link=link), access_token, gone=(403, 404))

    async def _get(
        self, method: str, url: str, access_token: str, gone: tuple[int, ...] = ()
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        async with httpx.AsyncClient(**self._transport()) as client:
            with self._understood():
                answer = await client.request(method, self._url(url), headers=headers)
        if not answer.is_success and answer.status_code not in gone:
            raise VendorDown(f"{self.name} answered {answer.status_code}.", _retry_after(answer))
        return answer

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        app = self._app()
        async with AsyncOAuth2Client(
            app.client_id,
            app.client_secret.get_secret_value(),
            token_endpoint_auth_method=self.oauth.client_auth,
            revocation_endpoint_auth_method=self.oauth.client_auth,
            **self._transport(),
        ) as client:
            yield client

    def _transport(self) -> dict[str, Any]:
        # A proxy of the environment leads to the vendors, not to a sandbox on this machine.
        return {"verify": self._tls, "timeout": TIMEOUT, "trust_env": not self.is_sandbox}

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except OAuthError as error:
            raise self._refusal(str(error.error)) from None
        except httpx.HTTPStatusError as error:
            after = _retry_after(error.response)
            raise VendorDown(f"{self.name} answered {error.response.status_code}.", after) from None
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise VendorDown(f"{self.name} does not answer ({type(error).__name__}).") from None

    def _refusal(self, word: str) -> Exception:
        if word == "invalid_grant":
            return GrantDead(f"{self.name} no longer accepts the access that was granted.")
        if word in OUR_FAULT:
            return Misconfigured(f"{self.name} does not accept our app ({word}).")
        return VendorDown(f"{self.name} did not give a token.")

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        tokens = read_tokens(answer, self.oauth.access_token_life)
        if tokens is None:
            raise VendorDown(f"{self.name} answered without a token.")
        return tokens

    def _app(self) -> AppCredentials:
        app = app_credentials(self.facts.id, sandbox=self.is_sandbox)
        if app is None:
            raise Misconfigured(f"There are no credentials of our app at {self.name}.")
        return app

    def _url(self, url: str) -> str:
        return self._origins.replace(self.facts.id, url)


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


def _retry_after(answer: httpx.Response) -> timedelta | None:
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdigit() else None
