"""What a provider answers: tokens, and the companies they reach."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from contracts.signin import Companies, OAuth

ID = re.compile(r"(?!\.+$)[\w.\-]{1,100}", re.ASCII)
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token answer; `subject` is the person, where the answer says who it was.

    `refresh_life` is how long the refresh token lives unused, `consent_life` how long the consent
    lasts in any case, where they are known.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    life: timedelta
    subject: str | None = None
    refresh_life: timedelta | None = None
    consent_life: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A company a grant reaches; `link` is the provider's id of that relation.

    `allowed` is false where an earlier consent brought it.
    """

    id: str
    name: str
    link: str | None = None
    allowed: bool = True


def read_tokens(answer: Mapping[str, Any], oauth: OAuth) -> Tokens | None:
    """A token answer, its life the usual one where it names none. None: there is no token in it."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        return None
    return Tokens(
        access,
        answer.get("refresh_token"),
        life=_life(answer, "expires_in") or oauth.access_token_life,
        subject=_subject(answer.get("id_token")),
        refresh_life=_life(answer, oauth.refresh_life_field),
        consent_life=_life(answer, oauth.consent_life_field),
    )


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


def company_id(text: str) -> str | None:
    """A company's id out of a URL that a browser brought; None: nothing that could be one."""
    return text if ID.fullmatch(text) else None


def read_name(body: bytes, path: str | None) -> str:
    """The name at `path` of a JSON answer, empty where there is none."""
    try:
        found = json.loads(body)
        for step in (path or "").split("."):
            found = found[step]
    except (ValueError, KeyError, TypeError):
        return ""
    return shown(found) if isinstance(found, str) else ""


def shown(name: str) -> str:
    """A company's name as it may stand on a page and in an event."""
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(printable.split())[:LONGEST]


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


def _life(answer: Mapping[str, Any], name: str | None) -> timedelta | None:
    """Seconds as a number, or as a number in a string; None where nothing of the kind is told."""
    try:
        return timedelta(seconds=int(answer[name or ""])) or None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _subject(id_token: object) -> str | None:
    subject = claims(id_token).get("sub")
    return str(subject) if subject else None
