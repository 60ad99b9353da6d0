"""What calls are let in by: access tokens, fetched from auth and kept in memory, our app's key."""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import AwareDatetime, BaseModel, SecretStr

from libs.connector.errors import Disconnected, Unavailable
from libs.service.origins import Origins
from libs.service.tokens import TokenSigner

MARGIN = timedelta(seconds=30)
SANDBOX_KEY = "sandbox"


class AccessToken(BaseModel):
    """auth's answer."""

    access_token: SecretStr
    expires_at: AwareDatetime
    company: str

    @property
    def fingerprint(self) -> str:
        """What tells auth which token was refused, without naming it."""
        return hashlib.sha256(self.access_token.get_secret_value().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    """One token per connection; concurrent askers wait for one request."""

    http: httpx.AsyncClient
    auth_url: str
    signer: TokenSigner
    tokens: dict[str, AccessToken] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def token(self, connection: str, *, refused: AccessToken | None = None) -> AccessToken:
        """A token of the connection; `refused`: this one was answered 401.

        Raises Disconnected where it must be reconnected, Unavailable where auth is down.
        """
        async with self.locks.setdefault(connection, asyncio.Lock()):
            known = self.tokens.get(connection)
            if known and known != refused and known.expires_at - MARGIN > datetime.now(UTC):
                return known
            fresh = await self._fetch(connection, refused)
            self.tokens[connection] = fresh
            return fresh

    def forget(self, connection: str) -> None:
        """The connection has changed: ask again."""
        self.tokens.pop(connection, None)

    async def _fetch(self, connection: str, refused: AccessToken | None) -> AccessToken:
        params = {"stale": refused.fingerprint} if refused else {}
        try:
            answer = await self.http.post(
                f"{self.auth_url}/internal/token",
                params=params,
                json={"connection": connection},
                headers=self.signer.headers("auth"),
            )
        except httpx.TransportError as error:
            raise Unavailable("The auth service does not answer.") from error
        if answer.status_code in (404, 409):
            raise Disconnected(
                "The connection to the company is no longer valid.",
                action="Connect the company again on the integrations page.",
            )
        if answer.status_code != httpx.codes.OK:
            raise Unavailable(f"The auth service answered {answer.status_code}.")
        return AccessToken.model_validate_json(answer.content)


def app_key(provider: str, origins: Origins, environment: Mapping[str, str] = os.environ) -> str:
    """Our app's client id, for providers that want it with every call; a sandbox knows its own.

    Raises Unavailable where <PROVIDER_ID>_CLIENT_ID is not set.
    """
    name = f"{provider.upper()}_CLIENT_ID"
    if key := environment.get(name):
        return key
    if (origins.origin(provider) or "").startswith("http:"):
        return SANDBOX_KEY
    raise Unavailable(f"{name} is not set: no call is let in without it.")
