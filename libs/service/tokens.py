"""Service tokens: short-lived EdDSA JWTs with which one service calls another."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from libs.service.settings import ServiceSettings

ALGORITHM = "Ed25519"  # the name RFC 9864 gives EdDSA over this curve
LIFETIME = 60
LEEWAY = 5


class TokenRefused(Exception):
    """A service token that is not accepted; the message never holds the token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the service that signed, and for a connector its provider."""

    service: str
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Signs as one service."""

    service: str
    key: OKPKey
    provider: str | None = None

    @classmethod
    def from_settings(
        cls, service: str, settings: ServiceSettings, provider: str | None = None
    ) -> "TokenSigner":
        """Raises `ValueError` when SERVICE_KEY is not set."""
        if settings.service_key is None:
            raise ValueError("SERVICE_KEY is not set: it holds the private key of service tokens.")
        key = parse_service_key(settings.service_key.get_secret_value())
        return cls(service, key, provider)

    def sign(self, audience: str, *, now: float | None = None) -> str:
        """A token for calls to `audience`, good for 60 seconds from `now` (Unix time)."""
        issued = int(time.time() if now is None else now)
        claims: dict[str, Any] = {
            "iss": self.service,
            "aud": audience,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        if self.provider is not None:
            claims["provider"] = self.provider
        header = {"alg": ALGORITHM, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])

    def headers(self, audience: str) -> dict[str, str]:
        """The HTTP header of a call to `audience`."""
        return {"Authorization": f"Bearer {self.sign(audience)}"}


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Accepts tokens made for one service."""

    service: str
    keys: KeySet

    @classmethod
    def from_settings(cls, service: str, settings: ServiceSettings) -> "TokenVerifier":
        """Raises `ValueError` when SERVICE_PUBLIC_KEYS is not set."""
        if settings.service_public_keys is None:
            raise ValueError("SERVICE_PUBLIC_KEYS is not set: callers could not be verified.")
        return cls(service, _key_set(settings.service_public_keys))

    def verify(self, token: str, *, now: float | None = None) -> Caller:
        """Who signed `token`; raises `TokenRefused`."""
        seconds = int(time.time() if now is None else now)
        try:
            claims = jwt.decode(token, self.keys, algorithms=[ALGORITHM]).claims
            self._registry(seconds).validate(claims)
        except (JoseError, ValueError) as error:
            raise TokenRefused(f"service token refused: {type(error).__name__}") from None
        if claims["exp"] - claims["iat"] > LIFETIME:
            raise TokenRefused("service token refused: it lives too long")
        return Caller(claims["iss"], claims.get("provider"))

    def _registry(self, now: int) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: now,
            leeway=LEEWAY,
            iss={"essential": True},
            aud={"essential": True, "value": self.service},
            iat={"essential": True},
            exp={"essential": True},
        )


_bearer = HTTPBearer(auto_error=False, description="A service token of 60 seconds.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def caller_dependency(verifier: TokenVerifier) -> Callable[..., Awaitable[Caller]]:
    """A FastAPI dependency: the caller, or 401."""

    async def caller(credentials: _Credentials) -> Caller:
        if credentials is None:
            raise _unauthorized("service token missing")
        try:
            return verifier.verify(credentials.credentials)
        except TokenRefused as refused:
            raise _unauthorized(str(refused)) from None

    return caller


def new_service_key(key_id: str) -> str:
    """A new private key as JWK text, for SERVICE_KEY."""
    return _json(OKPKey.generate_key("Ed25519", {"kid": key_id, "use": "sig"}), private=True)


def parse_service_key(text: str) -> OKPKey:
    """The key of SERVICE_KEY's text; raises `ValueError` that does not show it."""
    try:
        return OKPKey.import_key(json.loads(text))
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError("SERVICE_KEY is not an Ed25519 JWK.") from None


def public_keys(*private_keys: str) -> str:
    """The public halves as JWKS text, for SERVICE_PUBLIC_KEYS."""
    halves = ",".join(_json(parse_service_key(key), private=False) for key in private_keys)
    return f'{{"keys":[{halves}]}}'


def _json(key: OKPKey, *, private: bool) -> str:
    return json.dumps(key.as_dict(private=private), separators=(",", ":"))


def _key_set(text: str) -> KeySet:
    return KeySet.import_key_set(json.loads(text))


def _unauthorized(reason: str) -> HTTPException:
    return HTTPException(401, reason, {"WWW-Authenticate": "Bearer"})
