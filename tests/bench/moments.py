"""When what happened: Xero's dates and the connector's own record, as Unix seconds."""

import re
from datetime import datetime
from typing import Any

_MS = re.compile(r"/Date\((\d+)\+0000\)/")


def committed(record: Any) -> float:
    """When the sandbox stored the record as it is, to the millisecond."""
    found = _MS.fullmatch(record["UpdatedDateUTC"])
    assert found is not None, record["UpdatedDateUTC"]
    return int(found[1]) / 1000


def moment(text: str) -> float:
    """A time of the connector's answers."""
    return datetime.fromisoformat(text).timestamp()


def filed(record: Any, kind: str) -> float:
    """When the newest row of that kind was filed for a lane."""
    return max(moment(row["received_at"]) for row in record["received"] if row["kind"] == kind)


def told(record: Any, event: str) -> float:
    """When the newest event of that type was committed to the journal."""
    return max(moment(row["at"]) for row in record["history"] if row["event"] == event)
