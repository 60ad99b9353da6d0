"""Xero's rate limits: rolling windows per tenant and per app, and calls in flight."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from services.sandbox.clock import Clock

CONCURRENT = 5
MINUTE = (60, 60.0)
DAY = (5000, 86_400.0)
APP_MINUTE = (10_000, 60.0)


@dataclass(frozen=True, slots=True)
class Throttled:
    """429: which limit, and how many whole seconds until a call fits again."""

    problem: str
    retry_after: int


class _Window:
    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self.taken: deque[float] = deque()

    def left(self, now: float) -> int:
        # Calls of the future are left over from a clock that was moved and reset.
        while self.taken and not now - self.seconds < self.taken[0] <= now:
            self.taken.popleft()
        return self.calls - len(self.taken)

    def wait(self, now: float) -> int:
        return max(1, ceil(self.taken[0] + self.seconds - now))


class Limits:
    """What is left for each (app, tenant). A refused call is not counted."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._windows: dict[tuple[str, str, str], _Window] = {}
        self._in_flight: dict[tuple[str, str], int] = {}

    def take(self, app: str, tenant: str) -> Throttled | None:
        """Count one call, or say why it may not be made."""
        if not self._enforced:
            return None
        now = self._clock.seconds()
        if self._in_flight.get((app, tenant), 0) > CONCURRENT:
            return Throttled("concurrent", 1)
        windows = self._of(app, tenant)
        for name, window in windows.items():
            if window.left(now) <= 0:
                return Throttled(name, window.wait(now))
        for window in windows.values():
            window.taken.append(now)
        return None

    @contextmanager
    def in_flight(self, app: str, tenant: str) -> Iterator[None]:
        """Counts a call as under way."""
        key = (app, tenant)
        self._in_flight[key] = self._in_flight.get(key, 0) + 1
        try:
            yield
        finally:
            self._in_flight[key] -= 1

    def headers(self, app: str, tenant: str) -> dict[str, str]:
        """What every answer tells of the limits."""
        now = self._clock.seconds()
        left = {
            name: window.left(now) if self._enforced else window.calls
            for name, window in self._of(app, tenant).items()
        }
        return {
            "x-daylimit-remaining": str(left["day"]),
            "x-minlimit-remaining": str(left["minute"]),
            "x-appminlimit-remaining": str(left["appminute"]),
        }

    def _of(self, app: str, tenant: str) -> dict[str, _Window]:
        return {
            "day": self._window(("day", app, tenant), DAY),
            "minute": self._window(("minute", app, tenant), MINUTE),
            "appminute": self._window(("appminute", app, ""), APP_MINUTE),
        }

    def _window(self, key: tuple[str, str, str], size: tuple[int, float]) -> _Window:
        if key not in self._windows:
            self._windows[key] = _Window(*size)
        return self._windows[key]
