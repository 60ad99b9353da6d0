"""Signed tokens: JWT access tokens of 30 minutes, and id tokens."""

import secrets
from functools import cached_property

from joserfc import jwt
from joserfc.jwk import RSAKey

from services.sandbox.clock import Clock
from services.sandbox.providers.xero.books import new_id
from services.sandbox.providers.xero.grants import ACCESS_LIFE, EMAIL, USER, Access, Grant

ISSUER = "https://identity.xero.com"


class Signer:
    """Signs with a key of its own, made at the first token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": "sandbox", "use": "sig"}, private=True)

    def nonce(self) -> str:
        """An unguessable name."""
        return secrets.token_urlsafe(24)

    def access_token(self, grant: Grant, auth_event: str) -> tuple[str, Access]:
        """The token, and what it opens."""
        now = self._clock.seconds()
        claims = {
            "nbf": int(now),
            "exp": int(now) + ACCESS_LIFE,
            "iss": ISSUER,
            "aud": f"{ISSUER}/resources",
            "client_id": grant.app.id,
            "sub": USER.replace("-", ""),
            "auth_time": int(now),
            "xero_userid": USER,
            "global_session_id": auth_event.replace("-", ""),
            "jti": new_id().replace("-", ""),
            "authentication_event_id": auth_event,
            "scope": list(grant.scopes),
        }
        access = Access(grant, frozenset(grant.scopes), now + ACCESS_LIFE)
        return self._signed(claims), access

    def id_token(self, grant: Grant) -> str:
        """Who signed in."""
        now = int(self._clock.seconds())
        return self._signed(
            {
                "nbf": now,
                "exp": now + 300,
                "iat": now,
                "iss": ISSUER,
                "aud": grant.app.id,
                "sub": USER.replace("-", ""),
                "xero_userid": USER,
                "preferred_username": EMAIL,
                "email": EMAIL,
                "given_name": "Sandbox",
                "family_name": "Bookkeeper",
            }
        )

    def _signed(self, claims: dict[str, object]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "sandbox"}, claims, self._key)
