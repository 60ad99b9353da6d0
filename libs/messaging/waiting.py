"""Waiting for work in a table: LISTEN on a connection of its own, and a poll beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import structlog

from libs.messaging.backoff import delay

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Connect = Callable[[], Awaitable[Connection]]

POLL = timedelta(seconds=1)
RETRY_BASE = timedelta(milliseconds=100)
RETRY_CAP = timedelta(seconds=5)

log = structlog.get_logger()


class Wakeup:
    """What waits on one channel; what happens while it works wakes it the next time.

    Several may wait on one: each notice wakes one of them, and who finds work calls `wake` before
    it begins, so that another looks whether there is more.
    """

    def __init__(self, poll: timedelta) -> None:
        self._poll = poll.total_seconds()
        self._notices: asyncio.Queue[None] = asyncio.Queue(1)

    async def wait(self) -> None:
        """Return at a notice, or after the poll interval; look for work after it either way."""
        with suppress(TimeoutError):
            # wait_for of Python 3.11 forgets a cancellation that comes with the notice.
            async with asyncio.timeout(self._poll):
                await self._notices.get()

    def wake(self) -> None:
        """Let one that waits look for work now."""
        with suppress(asyncio.QueueFull):
            self._notices.put_nowait(None)


class Notifications:
    """Hands NOTIFY on to any number of waiters; `run` it as a task of its own.

    After a lost connection it listens again, and wakes everybody: a notice may have been missed.
    While it cannot listen, the waiters poll. `listening` is set while it can.
    """

    def __init__(self, connect: "Connect", *, poll: timedelta = POLL) -> None:
        self._connect = connect
        self._poll = poll
        self._channels: dict[str, list[Wakeup]] = {}
        self._connection: Connection | None = None
        self.listening = asyncio.Event()

    async def subscribe(self, channel: str) -> Wakeup:
        """A waiter of its own for `channel`, which does not wait the first time."""
        wakeup = Wakeup(self._poll)
        wakeups = self._channels.setdefault(channel, [])
        wakeups.append(wakeup)
        if len(wakeups) == 1 and self._connection is not None:
            await self._connection.add_listener(channel, self._hear)
        wakeup.wake()
        return wakeup

    async def run(self) -> None:
        """Listen until cancelled."""
        failures = 0
        while True:
            lost = asyncio.Event()
            try:
                await self._listen(lost)
                failures = 0
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                failures += 1
                log.warning("listen.failed", failures=failures, error=type(error).__name__)
                wait = delay(failures, base=RETRY_BASE, cap=RETRY_CAP, jitter_seed="listen")
                await asyncio.sleep(wait.total_seconds())
            finally:
                self._hang_up()

    async def _listen(self, lost: asyncio.Event) -> None:
        connection = await self._connect()
        self._connection = connection
        connection.add_termination_listener(lambda _: lost.set())
        for channel in list(self._channels):
            await connection.add_listener(channel, self._hear)
        for channel in self._channels:
            self._wake(channel)
        self.listening.set()

    def _hang_up(self) -> None:
        self.listening.clear()
        if self._connection is not None:
            # Also when cancelled: an orderly close would wait for the server.
            self._connection.terminate()
            self._connection = None

    def _hear(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        self._wake(channel)

    def _wake(self, channel: str) -> None:
        for wakeup in self._channels.get(channel, ()):
            wakeup.wake()
