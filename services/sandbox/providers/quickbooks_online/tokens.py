"""What the token endpoint hands out: opaque tokens, and id tokens signed by a key of its own."""

from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from services.sandbox.clock import Clock
from services.sandbox.providers.quickbooks_online.grants import (
    ACCESS_LIFE,
    HARD_LIFE,
    USER,
    Grant,
    Grants,
)
from services.sandbox.providers.quickbooks_online.oauth import ISSUER


class Signer:
    """Signs with a key that is made at the first id token."""

    def __init__(self, clock: Clock, grants: Grants) -> None:
        self._clock = clock
        self._grants = grants

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": "sandbox", "use": "sig"}, private=True)

    def public(self) -> dict[str, Any]:
        """The public half, as JWK."""
        return dict(self._key.as_dict(private=False))

    def issued(self, grant: Grant, *, hard: bool) -> dict[str, Any]:
        """The answer of the token endpoint; `hard` adds the seconds to the absolute end."""
        now, newest = self._clock.seconds(), grant.tokens[-1]
        answer: dict[str, Any] = {
            "token_type": "bearer",
            "expires_in": ACCESS_LIFE,
            "access_token": self._grants.issue(grant),
            "refresh_token": newest.value,
            "x_refresh_token_expires_in": int(newest.until - now),
        }
        if hard:
            answer["x_refresh_token_hard_expires_in"] = int(grant.born + HARD_LIFE - now)
        if "openid" in grant.scopes:
            answer["id_token"] = self._id_token(grant)
        return answer

    def _id_token(self, grant: Grant) -> str:
        now = int(self._clock.seconds())
        claims = {
            "sub": USER,
            "aud": [grant.app.id],
            "realmid": grant.company,
            "auth_time": now,
            "iss": ISSUER,
            "exp": now + 3600,
            "iat": now,
        }
        return jwt.encode({"alg": "RS256", "kid": "sandbox"}, claims, self._key)
