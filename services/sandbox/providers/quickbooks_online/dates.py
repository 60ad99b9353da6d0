"""Moments and dates as QuickBooks writes them: Pacific offset whatever the company's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def envelope_time(moment: datetime) -> str:
    """`2026-03-09T08:04:05.000-07:00`."""
    return moment.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def meta_time(moment: datetime) -> str:
    """`2026-03-01T09:15:36-08:00`."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def hook_time(moment: datetime) -> str:
    """`2026-03-09T15:04:05.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def today(moment: datetime) -> str:
    """The server's calendar date."""
    return moment.astimezone(PACIFIC).date().isoformat()


def read_day(text: str) -> str | None:
    """`YYYY-MM-DD`, also with a time or an offset behind it; None when it is no date."""
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) >= 10 else None
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """An ISO 8601 moment; without an offset it is Pacific, a bare date its midnight."""
    # A `+` that was not escaped in the URL arrives as a space.
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    return moment.replace(tzinfo=PACIFIC) if moment.tzinfo is None else moment
