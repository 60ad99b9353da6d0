"""What a provider answers: tokens, and the companies they reach."""

import json
from collections.abc import Mapping
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
    """A company a grant reaches; `link` is the provider's id of that relation."""

    id: str
    name: str
    link: str | None = None


def read_tokens(answer: Mapping[str, Any], usual_life: timedelta) -> Tokens | None:
    """A token answer; `usual_life` where it names none. None: there is no token in it."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        return None
    life = timedelta(seconds=int(answer.get("expires_in") or 0)) or usual_life
    return Tokens(access, answer.get("refresh_token"), life, _subject(answer.get("id_token")))


def read_companies(body: bytes, facts: Companies) -> list[Company]:
    """The companies of a list that `facts` take; raises `ValueError` for an unknown form."""
    try:
        found = json.loads(body)
        return [_company(entry, facts) for entry in found if _fits(entry, facts.where)]
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a list of companies") from None


def _company(entry: Mapping[str, Any], facts: Companies) -> Company:
    link = str(entry[facts.link_field]) if facts.link_field else None
    return Company(str(entry[facts.id_field]), str(entry[facts.name_field]), link)


def _fits(entry: Mapping[str, Any], where: Mapping[str, str]) -> bool:
    return all(str(entry.get(name)) == value for name, value in where.items())


def _subject(id_token: object) -> str | None:
    # It came straight from the token endpoint over TLS, so its signature adds nothing
    # (OpenID Connect Core 3.1.3.7, item 6).
    if not isinstance(id_token, str):
        return None
    try:
        claims = json.loads(jws.extract_compact(id_token.encode()).payload)
    except (JoseError, ValueError):
        return None
    return str(claims["sub"]) if claims.get("sub") else None
