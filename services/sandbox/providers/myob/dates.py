"""Dates on the wire: `YYYY-MM-DDTHH:mm:ss`, never a zone."""

import re
from datetime import UTC, date, datetime

_FORM = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d{1,7})?)?")


def read_moment(text: str) -> datetime:
    """A wall-clock moment, or ValueError; a zone is refused (cautious reading)."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text)
    # The zone is a formality: MYOB's stamps have none, and two of them compare as they are.
    return datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}").replace(tzinfo=UTC)


def midnight(day: date) -> datetime:
    """A document date as a moment."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def written(value: date) -> str:
    """A date or moment as MYOB writes it."""
    return (
        value.isoformat()[:19] if isinstance(value, datetime) else f"{value.isoformat()}T00:00:00"
    )
