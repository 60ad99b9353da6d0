"""Xero's spellings: dates, rates, marked references, cut texts (dossier sections 4, 5 and 11)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from contracts.values import CONTROL

Element = dict[str, Any]
Raw = Mapping[str, Any]

MARKER = re.compile(r"\b(lb-[a-z2-7]{16})\b", re.IGNORECASE)
MARKER_LENGTH = 19
REFERENCE_LENGTH = 255
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RATE_PLACES = 12


def moment(text: str) -> datetime:
    """`/Date(ms+0000)/` as UTC; the offset is always +0000. Some answers have ISO text."""
    if found := _DATE.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(found[1]))
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def day(raw: Raw, name: str) -> date | None:
    """A calendar date: its twin `…String` has no zone, so no zone can shift it."""
    text = raw.get(f"{name}String") or raw.get(name)
    return moment(str(text)).date() if text else None


def updated(raw: Raw) -> datetime | None:
    """When the record was last changed, UTC."""
    text = raw.get("UpdatedDateUTC")
    return moment(str(text)) if text else None


def marked(text: str, marker: str) -> str:
    """A reference that carries our marker behind what people read."""
    return f"{reference(text)} {marker}".strip()


def reference(text: str) -> str:
    """What people read of a reference: one line, no marker, no character that breaks a `where`.

    The room left for the marker is the same whether there is one or not, so that what we expect
    to be shown is what is sent.
    """
    held = " ".join(text.replace('"', "''").replace("\\", "/").split())
    cut = held[: REFERENCE_LENGTH - MARKER_LENGTH - 1]
    return " ".join(MARKER.sub(" ", cut).split())


def unmarked(text: str) -> tuple[str, str]:
    """(what people read, our marker or nothing), wherever a bookkeeper has moved it."""
    found = MARKER.findall(text)
    return " ".join(MARKER.sub(" ", text).split()), found[-1].lower() if found else ""


def shortened(text: str, length: int) -> str:
    """Cut to a length; what was cut away stays distinguishable."""
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: length - 9]}~{digest}"


def text(raw: Raw, name: str, length: int = 255) -> str:
    """A text of Xero's as the product may have it: pasted control characters do not travel."""
    return CONTROL.sub("", str(raw.get(name) or ""))[:length]


def number(raw: Raw, name: str, places: int = 4) -> Decimal:
    """An amount, 0 where it is absent; more places than we keep are rounded."""
    return rounded(Decimal(raw.get(name) or 0), places)


def rounded(value: Decimal, places: int) -> Decimal:
    """At most so many decimals, half up."""
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= places
    return value if fits else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def currency_rate(home: Decimal | None) -> Decimal | None:
    """Xero's rate, units of the document's currency for one of the company's, at most 6 decimals.

    https://developer.xero.com/documentation/best-practices/data-integrity/multicurrency/
    Ours is the inverse. The shortest that comes back as the same is taken, so that a rate which
    came from Xero goes back as it was.
    """
    if not home:
        return None
    exact = 1 / home
    spelled = (rounded(exact, places) for places in range(7))
    same = (rate for rate in spelled if rate and home_rate(rate) == home)
    return next(same, rounded(exact, 6)) or None


def home_rate(rate: Decimal | None) -> Decimal | None:
    """Units of the company's currency for one of the document's."""
    return rounded(1 / rate, _RATE_PLACES) if rate else None


def present(element: Element) -> Element:
    """Without what has no value: Xero leaves absent fields as they are."""
    return {name: value for name, value in element.items() if value is not None}
