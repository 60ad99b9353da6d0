"""The sandbox's clock: real time that can be moved forward by the control API."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """UTC time plus an offset; waiters are woken when the offset changes."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._moved: asyncio.Event | None = None

    def seconds(self) -> float:
        """Seconds since the epoch, as the sandbox sees them."""
        return time.time() + self._offset

    def now(self) -> datetime:
        """The same moment, to the millisecond, in UTC."""
        moment = datetime.fromtimestamp(self.seconds(), UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += seconds
        self._wake()

    def reset(self) -> None:
        """Back to real time."""
        self._offset = 0.0
        self._wake()

    async def wait_until(self, moment: float) -> None:
        """Return once the clock has reached `moment` (seconds since the epoch)."""
        while (left := moment - self.seconds()) > 0:
            if self._moved is None:
                self._moved = asyncio.Event()
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                continue

    async def wait_for(self, news: asyncio.Event, moment: float | None) -> None:
        """Return once there is news, or the clock has reached `moment`, whichever comes first."""
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(news.wait())]
        if moment is not None:
            waits.append(asyncio.ensure_future(self.wait_until(moment)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _wake(self) -> None:
        if self._moved is not None:
            self._moved.set()
            self._moved = None
