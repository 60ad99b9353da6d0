"""The vendor's spellings: references, times, numbers, names, cut texts (dossier section 11)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from contracts.values import CONTROL

Element = dict[str, Any]
Raw = Mapping[str, Any]

NAME_LENGTH = 100
DELETED = " (deleted)"


def ref(value: str | None) -> Element | None:
    """A reference to another object."""
    return {"value": value} if value else None


def ref_of(raw: Raw, name: str) -> str:
    """What a reference points to, "" where there is none."""
    return str((raw.get(name) or {}).get("value") or "")


def resource_id(external: str) -> tuple[str, str]:
    """`Customer/58` as its resource and its id; a plain id has no resource."""
    resource, _, identity = external.rpartition("/")
    return resource, identity


def moment(text: str) -> datetime:
    """An ISO time with any offset, as UTC."""
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def updated(raw: Raw) -> datetime | None:
    """When the object was last changed, UTC."""
    text = (raw.get("MetaData") or {}).get("LastUpdatedTime")
    return moment(str(text)) if text else None


def day(raw: Raw, name: str) -> date | None:
    """A calendar date; it has no zone, so none can shift it."""
    text = raw.get(name)
    return date.fromisoformat(str(text)[:10]) if text else None


def text(raw: Raw, name: str, length: int = 255) -> str:
    """A text as the product may have it: pasted control characters do not travel."""
    return CONTROL.sub("", str(raw.get(name) or ""))[:length].strip()


def number(raw: Raw, name: str, places: int = 4) -> Decimal:
    """An amount, 0 where it is absent; more places than we keep are rounded."""
    return rounded(Decimal(raw.get(name) or 0), places)


def rounded(value: Decimal, places: int) -> Decimal:
    """At most so many decimals, half up."""
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= places
    return value if fits else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def one_line(said: str) -> str:
    """Single blanks instead of line feeds, tabs and runs of blanks."""
    return " ".join(said.split())


def name(said: str, length: int = NAME_LENGTH) -> str:
    """A name as the vendor takes it: no colon, tab or line feed (dossier section 5)."""
    return one_line(said.replace(":", " - "))[:length].strip()


def shortened(said: str, length: int) -> str:
    """Cut to a length; what was cut away stays distinguishable."""
    if len(said) <= length:
        return said
    digest = hashlib.sha256(said.encode()).hexdigest()[:8]
    return f"{said[: length - 9]}~{digest}"


def is_active(raw: Raw) -> bool:
    """Lists are never deleted, only made inactive."""
    return raw.get("Active") is not False


def undeleted(shown: str, raw: Raw) -> str:
    """A name without what the vendor adds when it makes one inactive."""
    return shown if is_active(raw) else shown.removesuffix(DELETED)


def present(element: Element) -> Element:
    """Without what has no value: absent fields stay as they are in a sparse update."""
    return {key: value for key, value in element.items() if value is not None}


def filled(element: Element) -> Element:
    """Of a new object nothing that is empty."""
    found: Element = {}
    for field, value in element.items():
        inner = filled(value) if isinstance(value, dict) else value
        if inner not in ("", None, {}) and not (field == "Job" and inner is False):
            found[field] = inner
    return found
