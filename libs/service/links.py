"""Signed links with which the invoicing product sends a person to connect a company."""

import json
import time
from typing import Annotated, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import AwareDatetime, Field, SecretStr, ValidationError

from contracts.messages import Scope
from contracts.values import LocalId, Model, ShortText

ALGORITHM = "HS256"
AUDIENCE = "auth"
LIFETIME = 900
LONGEST = 3600
LEEWAY = 5
SHORTEST_KEY = 32


class LinkRefused(Exception):
    """A link that is not accepted; the message is a sentence and never holds the link."""


class ConnectLink(Model):
    """What a link to `/connect/<provider>` asks for."""

    tenant: LocalId
    starts_at: Annotated[
        AwareDatetime | None, Field(description="Default: the moment of connecting.")
    ] = None
    scope: Scope | None = None
    connection: Annotated[
        LocalId | None, Field(description="The connection to be connected again.")
    ] = None
    company: Annotated[
        ShortText | None, Field(description="The provider's id of the only company to take.")
    ] = None
    return_to: Annotated[
        str | None, Field(pattern=r"^https?://", max_length=2000, description="Where to go back.")
    ] = None


def sign_link(key: SecretStr, link: ConnectLink, *, now: float | None = None) -> str:
    """A link token good for 15 minutes from `now` (Unix time); raises `ValueError` on a bad key."""
    issued = int(time.time() if now is None else now)
    claims: dict[str, Any] = link.model_dump(mode="json", exclude_none=True)
    claims |= {"aud": AUDIENCE, "iat": issued, "exp": issued + LIFETIME}
    return jwt.encode({"alg": ALGORITHM}, claims, _key(key), algorithms=[ALGORITHM])


def read_link(key: SecretStr, token: str, *, now: float | None = None) -> ConnectLink:
    """What `token` asks for; raises `LinkRefused`."""
    seconds = int(time.time() if now is None else now)
    try:
        claims = jwt.decode(token, _key(key), algorithms=[ALGORITHM]).claims
        _registry(seconds).validate(claims)
    except (JoseError, ValueError) as error:
        raise LinkRefused(f"The link is not valid any more ({type(error).__name__}).") from None
    if claims["exp"] - claims["iat"] > LONGEST:
        raise LinkRefused("The link is good for too long a time.")
    asked = {name: claims[name] for name in ConnectLink.model_fields if name in claims}
    try:
        return ConnectLink.model_validate_json(json.dumps(asked))
    except ValidationError as error:
        named = ", ".join(str(part["loc"][0]) for part in error.errors() if part["loc"])
        raise LinkRefused(f"The link is not complete: {named}.") from None


def _registry(now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=lambda: now,
        leeway=LEEWAY,
        aud={"essential": True, "value": AUDIENCE},
        iat={"essential": True},
        exp={"essential": True},
    )


def _key(key: SecretStr) -> OctKey:
    text = key.get_secret_value()
    if len(text) < SHORTEST_KEY:
        raise ValueError(f"LINK_KEY is shorter than {SHORTEST_KEY} characters.")
    return OctKey.import_key(text)
