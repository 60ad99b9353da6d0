"""Xero's spellings: dates, marked references, cut texts (dossier sections 5 and 11)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

Element = dict[str, Any]
Raw = Mapping[str, Any]

MARKER = re.compile(r"\s*\b(lb-[a-z2-7]{16})\b")
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REFERENCE_LENGTH = 255


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
    """A reference that carries our marker behind what people read.

    Double quotes break Xero's `where` language, by which the reference is found again.
    """
    room = REFERENCE_LENGTH - len(marker) - 1
    return f"{plain(text)[:room]} {marker}".strip()


def plain(text: str) -> str:
    """Text without the characters a `where` cannot hold."""
    return text.replace('"', "'")


def unmarked(text: str) -> tuple[str, str]:
    """(what people read, our marker or nothing)."""
    found = MARKER.search(text)
    return MARKER.sub("", text).strip(), found[1] if found else ""


def shortened(text: str, length: int) -> str:
    """Cut to a length; what was cut away stays distinguishable."""
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: length - 9]}~{digest}"


def number(raw: Raw, name: str) -> Decimal:
    """An amount, 0 where it is absent."""
    return Decimal(raw.get(name) or 0)


def present(element: Element) -> Element:
    """Without what has no value: Xero leaves absent fields as they are."""
    return {name: value for name, value in element.items() if value is not None}
