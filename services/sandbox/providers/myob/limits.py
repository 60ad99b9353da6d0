"""MYOB's rate limits: one for each API key over all its customers."""

from collections import Counter, deque

from services.sandbox.clock import Clock

A_SECOND = 8
A_DAY = 1_000_000
DAY = 86_400


class Limits:
    """Calls of each key in the last second and on this day. A refused call is not counted."""

    def __init__(self, clock: Clock, *, enforced: bool, a_day: int = A_DAY) -> None:
        self._clock = clock
        self._enforced = enforced
        self._a_day = a_day
        self._taken: dict[str, deque[float]] = {}
        self._days: Counter[tuple[str, int]] = Counter()

    def take(self, key: str) -> str | None:
        """Count one call, or name the limit that forbids it: `per-second` or `daily`."""
        if not self._enforced:
            return None
        now = self._clock.seconds()
        taken = self._taken.setdefault(key, deque())
        # Calls of the future are left over from a clock that was moved and reset.
        while taken and not now - 1 < taken[0] <= now:
            taken.popleft()
        day = (key, int(now // DAY))
        if self._days[day] >= self._a_day:
            return "daily"
        if len(taken) >= A_SECOND:
            return "per-second"
        taken.append(now)
        self._days[day] += 1
        return None
