"""Xero's dates: read in every form clients send, written as `/Date(ms+0000)/`."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from services.sandbox.providers.xero.errors import malformed

_MS = re.compile(r"^/Date\((-?\d+)([+-]\d{4})?\)/$")
_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000


def read_date(wire: dict[str, Any], key: str) -> date | None:
    """A calendar date; None when absent. Raises Refused (400) for what is none."""
    value = wire.get(key)
    if value is None or value == "":
        return None
    try:
        return _parsed(str(value))
    except (ValueError, OverflowError):
        raise malformed(f"The value of {key} is not a valid date") from None


@lru_cache(4096)
def _parsed(value: str) -> date:
    if found := _MS.match(value):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()


@lru_cache(4096)
def ms_date(day: date) -> str:
    """A document's date: midnight UTC, always `+0000`."""
    return f"/Date({(day - _EPOCH).days * _DAY_MS}+0000)/"


@lru_cache(4096)
def iso_date(day: date) -> str:
    """The `DateString` twin: an ISO date-time without zone."""
    return f"{day.isoformat()}T00:00:00"


def ms_moment(moment: datetime) -> str:
    """`UpdatedDateUTC` and its like."""
    return f"/Date({_milliseconds(moment)}+0000)/"


def ms_envelope(moment: datetime) -> str:
    """The envelope's `DateTimeUTC`, which has no `+0000`."""
    return f"/Date({_milliseconds(moment)})/"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def read_since(value: str) -> datetime | None:
    """`If-Modified-Since` as ISO (UTC) or RFC 1123; None when it is neither."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
