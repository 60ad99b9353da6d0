"""The request log: what clients asked of a simulated provider, without tokens or secrets."""

import itertools
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 200_000


@dataclass(slots=True)
class Logged:
    """One request; `elements` counts the records of a bulk body, `ms` is wall time."""

    seq: int
    at: str
    method: str
    path: str
    query: str
    company: str | None = None
    status: int | None = None
    idempotency_key: str | None = None
    replayed: bool = False
    elements: int | None = None
    fault: str | None = None
    ms: float | None = None


class RequestLog:
    """The newest requests of one provider; numbers go on rising when it is cleared."""

    def __init__(self) -> None:
        self._rows: deque[Logged] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)

    def open(self, at: str, method: str, path: str, query: str) -> Logged:
        """Log a request as it comes in; the caller fills in how it went."""
        row = Logged(next(self._numbers), at, method, path, query)
        self._rows.append(row)
        return row

    def rows(self, company: str | None, since: int) -> list[dict[str, Any]]:
        """Requests after number `since`, of one company or of all."""
        return [
            asdict(row)
            for row in self._rows
            if row.seq > since and (company is None or row.company == company)
        ]

    def clear(self) -> None:
        """Forget them."""
        self._rows.clear()
