"""What a provider answers: tokens, and the companies they reach."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from contracts.provider import Companies


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token answer; `subject` is the person, where the answer says who it was."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    life: timedelta
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A company a grant reaches; `link` is the provider's id of that relation.

    `allowed` is false where an earlier consent brought it.
    """

    id: str
    name: str
    link: str | None = None
    allowed: bool = True


def read_tokens(answer: Mapping[str, Any], usual_life: timedelta) -> Tokens | None:
    """A token answer; `usual_life` where it names none. None: there is no token in it."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        return None
    life = timedelta(seconds=int(answer.get("expires_in") or 0)) or usual_life
    return Tokens(access, answer.get("refresh_token"), life, _subject(answer.get("id_token")))


def read_companies(
    body: bytes, facts: Companies, allowed: Callable[[Mapping[str, Any]], bool]
) -> list[Company]:
    """The companies of a list that `facts` take; raises `ValueError` for an unknown form."""
    try:
        return [
            Company(
                id=str(entry[facts.id_field]),
                name=str(entry[facts.name_field]),
                link=str(entry[facts.link_field]) if facts.link_field else None,
                allowed=allowed(entry),
            )
            for entry in json.loads(body)
            if all(str(entry.get(name)) == value for name, value in facts.where.items())
        ]
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a list of companies") from None


def claims(token: object) -> Mapping[str, Any]:
    """What a JWT says, unverified; empty where it is none.

    It came straight from the token endpoint over TLS, so its signature adds nothing
    (OpenID Connect Core 3.1.3.7, item 6).
    """
    if not isinstance(token, str):
        return {}
    try:
        said = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _subject(id_token: object) -> str | None:
    subject = claims(id_token).get("sub")
    return str(subject) if subject else None
