"""Intuit's rate limits: per company, per company and app, for batches, and the metered month."""

from collections import deque

from services.sandbox.clock import Clock

Key = tuple[str, str, str]
MINUTE = 60.0
COMPANY_MINUTE = (500, MINUTE)
APP_SECOND = (10, 1.0)
BATCH_APP_MINUTE = (40, MINUTE)
BATCH_COMPANY_MINUTE = (120, MINUTE)
MAILS_A_DAY = 40
METERED_A_MONTH = 500_000
"""CorePlus calls (reads, queries, CDC) of the free Builder tier, per app."""


class _Window:
    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self.taken: deque[float] = deque()

    def full(self, now: float) -> bool:
        # Calls of the future are left over from a clock that was moved and reset.
        while self.taken and not now - self.seconds < self.taken[0] <= now:
            self.taken.popleft()
        return len(self.taken) >= self.calls


class Limits:
    """What has been taken; a refused call is not counted."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._windows: dict[Key, _Window] = {}
        self.metered: dict[tuple[str, str], int] = {}

    def throttled(self, app: str, company: str, *, batch: bool, metered: bool) -> bool:
        """Count one call, or say that it is one too many."""
        if not self._enforced:
            return False
        now = self._clock.seconds()
        month = (app, self._clock.now().strftime("%Y-%m"))
        if metered and self.metered.get(month, 0) >= METERED_A_MONTH:
            return True
        windows = self._of(app, company, batch=batch)
        if any(window.full(now) for window in windows):
            return True
        for window in windows:
            window.taken.append(now)
        self.metered[month] = self.metered.get(month, 0) + metered
        return False

    def mailed(self, sent: list[float]) -> bool:
        """Count one e-mail of a company, or say that it is one too many."""
        now = self._clock.seconds()
        sent[:] = [at for at in sent if now - 86_400 < at <= now]
        if self._enforced and len(sent) >= MAILS_A_DAY:
            return False
        sent.append(now)
        return True

    def _of(self, app: str, company: str, *, batch: bool) -> list[_Window]:
        wanted: dict[Key, tuple[int, float]] = {
            ("company", "", company): COMPANY_MINUTE,
            ("app", app, company): APP_SECOND,
        }
        if batch:
            wanted["batch", app, company] = BATCH_APP_MINUTE
            wanted["batches", "", company] = BATCH_COMPANY_MINUTE
        for key, size in wanted.items():
            if key not in self._windows:
                self._windows[key] = _Window(*size)
        return [self._windows[key] for key in wanted]
