"""The line to one provider: its URLs, our app's credentials, and what its failures mean."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from contracts.provider import Provider
from contracts.signin import OAuth
from libs.service.origins import Origins
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.providers import is_busy
from services.auth.settings import AppCredentials, app_credentials

TIMEOUT = 10.0
OUR_FAULT = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


@dataclass(frozen=True, slots=True)
class Line:
    """What every call to a provider needs."""

    facts: Provider
    oauth: OAuth
    origins: Origins
    tls: ssl.SSLContext = field(repr=False)

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def is_sandbox(self) -> bool:
        """Whether the provider's origin is this machine: plain http is accepted nowhere else."""
        return (self.origins.origin(self.facts.id) or "").startswith("http:")

    def url(self, url: str) -> str:
        """Where a URL of the TOML leads."""
        return self.origins.replace(self.facts.id, url)

    def app(self) -> AppCredentials:
        """Our app; raises `Misconfigured`."""
        app = app_credentials(self.facts.id, sandbox=self.is_sandbox)
        if app is None:
            raise Misconfigured(f"There are no credentials of our app at {self.name}.")
        return app

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        """For the token endpoint; raises `Misconfigured`."""
        app = self.app()
        async with AsyncOAuth2Client(
            app.client_id,
            app.client_secret.get_secret_value(),
            token_endpoint_auth_method=self.oauth.client_auth,
            revocation_endpoint_auth_method=self.oauth.client_auth,
            headers=dict(self.oauth.token_headers),
            **self._transport(),
        ) as client:
            yield client

    async def post(self, url: str, body: Mapping[str, str]) -> httpx.Response:
        """A JSON body that our app signs for by Basic authentication; raises `VendorDown`."""
        app = self.app()
        async with httpx.AsyncClient(**self._transport()) as client:
            with self.understood():
                return await client.post(
                    self.url(url),
                    json=dict(body),
                    auth=(app.client_id, app.client_secret.get_secret_value()),
                )

    async def call(
        self,
        method: str,
        url: str,
        access_token: str,
        *,
        gone: tuple[int, ...] = (),
        as_calls: bool = False,
    ) -> httpx.Response:
        """2xx or one of `gone`; `as_calls`: as the TOML says of all calls. Raises `VendorDown`."""
        calls = self.facts.calls
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        target = httpx.URL(self.url(url))
        if as_calls:
            headers = {**calls.every(self.app().client_id), **headers}
            target = target.copy_merge_params(dict(calls.params))
        async with httpx.AsyncClient(**self._transport()) as client:
            with self.understood():
                answer = await client.request(method, target, headers=headers)
        busy = is_busy(self.facts.id)(answer.status_code, answer.content)
        if busy or not (answer.is_success or answer.status_code in gone):
            raise VendorDown(f"{self.name} answered {answer.status_code}.", _retry_after(answer))
        return answer

    @contextmanager
    def understood(self) -> Iterator[None]:
        """Turns what goes wrong into `GrantDead`, `VendorDown` or `Misconfigured`."""
        try:
            yield
        except OAuthError as error:
            raise self._refusal(str(error.error)) from None
        except httpx.HTTPStatusError as error:
            after = _retry_after(error.response)
            raise VendorDown(f"{self.name} answered {error.response.status_code}.", after) from None
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise VendorDown(f"{self.name} does not answer ({type(error).__name__}).") from None

    def _transport(self) -> dict[str, Any]:
        # A proxy of the environment leads to the vendors, not to a sandbox on this machine.
        return {"verify": self.tls, "timeout": TIMEOUT, "trust_env": not self.is_sandbox}

    def _refusal(self, word: str) -> Exception:
        if word == "invalid_grant":
            return GrantDead(f"{self.name} no longer accepts the access that was granted.")
        if word in OUR_FAULT:
            return Misconfigured(f"{self.name} does not accept our app ({word}).")
        return VendorDown(f"{self.name} did not give a token.")


def _retry_after(answer: httpx.Response) -> timedelta | None:
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdigit() else None
