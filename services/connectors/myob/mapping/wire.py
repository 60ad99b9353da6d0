"""MYOB's spellings: dates, queries, marked memos, ids with a place, cut texts (section 11)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from contracts.values import CONTROL

Element = dict[str, Any]
Raw = Mapping[str, Any]

SIDES = "~sides"
"""Our key in a record's raw form: its side records, by spelled id. It never travels."""
PLACE = "~place"
"""Our key: where the record lies, `Item` of `Item/<uid>`."""
SPELLED = "~spelled"
"""Our key: UID -> spelled id, of the documents that a payment or settlement names."""
MARKER = re.compile(r"\b(lb-[a-z2-7]{16})\b", re.IGNORECASE)
MARKER_LENGTH = 19
MEMO_LENGTH = 255
_DIGEST_LENGTH = 8
_UNSET = 2000
"""Stamps of years before are .NET's default of a field that is not kept."""


def spelled(place: str, uid: str) -> str:
    """An external id that tells where the record lies."""
    return f"{place}/{uid}"


def place_of(external: str) -> str:
    """Where a record lies; "" for an id without a place."""
    return external.partition("/")[0] if "/" in external else ""


def uid_of(external: str) -> str:
    """MYOB's own id."""
    return external.partition("/")[2] or external


def linked(raw: Raw, name: str) -> str:
    """The UID that a reference names, "" for none."""
    return str((raw.get(name) or {}).get("UID") or "")


def sides(raw: Raw) -> Mapping[str, Raw]:
    """The side records of a composed record."""
    found: Mapping[str, Raw] = raw.get(SIDES) or {}
    return found


def plain(raw: Raw) -> Element:
    """What of it is MYOB's own."""
    return {name: value for name, value in raw.items() if not name.startswith("~")}


def present(element: Element) -> Element:
    """Without what has no value."""
    return {name: value for name, value in element.items() if value is not None}


# Dates


def midnight(day: date) -> str:
    """A calendar date as MYOB takes it: midnight without a zone."""
    return f"{day.isoformat()}T00:00:00"


def day_of(raw: Raw, name: str) -> date | None:
    """A calendar date: what stands behind the day is dropped, so that no zone can shift it."""
    text = str(raw.get(name) or "")[:10]
    return date.fromisoformat(text) if text else None


def moment(text: str | None) -> datetime | None:
    """A stamp, taken as UTC: whether it is, is unconfirmed; in AU and NZ local time is later, so
    that a cursor made of it can only ask for more."""
    if not text:
        return None
    parsed = datetime.fromisoformat(text)
    parsed = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return parsed if parsed.year >= _UNSET else None


# Queries


def quoted(text: str) -> str:
    """A text literal; quotes are doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def stamp(at: datetime) -> str:
    """A moment literal, to the second before."""
    return f"datetime'{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S')}'"


def of_day(day: date) -> str:
    """The filter for documents of one day."""
    at = f"datetime'{midnight(day)}'"
    return f"Date ge {at} and Date le {at}"


# Texts


def marked(text: str, marker: str) -> str:
    """A memo that carries our marker behind what people read."""
    return f"{memo(text)} {marker}".strip()


def memo(text: str) -> str:
    """What people read of a memo: one line, no marker, with room left for one."""
    held = " ".join(text.split())[: MEMO_LENGTH - MARKER_LENGTH - 1]
    return " ".join(MARKER.sub(" ", held).split())


def unmarked(text: str) -> tuple[str, str]:
    """(what people read, our marker or nothing), wherever a bookkeeper has moved it."""
    found = MARKER.findall(text)
    return " ".join(MARKER.sub(" ", text).split()), found[-1].lower() if found else ""


def shortened(text: str, length: int) -> str:
    """Cut to a length, the end kept: there a number differs. What was cut stays distinguishable
    by a digest of all of it (40 bits)."""
    if len(text) <= length:
        return text
    digest = hashlib.blake2b(text.encode(), digest_size=5).digest()
    code = base64.b32encode(digest).decode().lower()
    return f"{code}~{text[_DIGEST_LENGTH + 1 - length :]}"


def cut(text: str, length: int) -> str:
    """Cut to a length, visibly."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def text(raw: Raw, name: str, length: int = 255) -> str:
    """A text of MYOB's as the product may have it: pasted control characters do not travel."""
    said = str(raw.get(name) or "").replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", said)[:length]


# Numbers


def number(raw: Raw, name: str, places: int = 4) -> Decimal:
    """An amount, 0 where it is absent; more places than we keep are rounded."""
    return rounded(Decimal(raw.get(name) or 0), places)


def rounded(value: Decimal, places: int) -> Decimal:
    """At most so many decimals, half up."""
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= places
    return value if fits else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
