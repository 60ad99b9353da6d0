import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from libs.messaging.waiting import Notifications, Wakeup
from libs.service.database import connect
from tests.libs.messaging.conftest import LIMIT, SCHEMA, running

if TYPE_CHECKING:
    from libs.service.database import Pool

NEVER = timedelta(hours=1)  # so that only a notice can wake


@pytest.fixture
async def notifications(database_url: str, pool: "Pool") -> AsyncIterator[Notifications]:
    notifications = Notifications(lambda: connect(database_url, SCHEMA), poll=NEVER)
    async with running(notifications.run()):
        yield notifications


async def test_a_notice_wakes_every_waiter_of_its_channel(
    notifications: Notifications, pool: "Pool"
) -> None:
    waiters = [await listening(notifications, channel) for channel in ("work", "work", "other")]
    await pool.execute("select pg_notify('work', '')")
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(waiters[0].wait(), waiters[1].wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waiters[2].wait(), 0.05)


async def test_a_notice_while_the_waiter_works_is_not_lost(
    notifications: Notifications, pool: "Pool"
) -> None:
    wakeup = await listening(notifications, "work")
    seen = await listening(notifications, "work")
    await pool.execute("select pg_notify('work', '')")
    async with asyncio.timeout(LIMIT):
        await seen.wait()
        await wakeup.wait()


async def test_a_lost_connection_wakes_and_listens_again(
    notifications: Notifications, database_url: str
) -> None:
    wakeup = await listening(notifications, "work")
    admin = await asyncpg.connect(database_url)
    try:
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        async with asyncio.timeout(LIMIT):
            await wakeup.wait()
            await notifications.listening.wait()
            await admin.execute("select pg_notify('work', '')")
            await wakeup.wait()
    finally:
        await admin.close()


async def listening(notifications: Notifications, channel: str) -> Wakeup:
    """A waiter that only a notice from now on wakes."""
    await notifications.listening.wait()
    wakeup = await notifications.subscribe(channel)
    await wakeup.wait()
    return wakeup


async def test_who_cannot_listen_polls() -> None:
    async def refuse() -> "asyncpg.Connection[asyncpg.Record]":
        raise ConnectionRefusedError

    notifications = Notifications(refuse, poll=timedelta(milliseconds=1))
    wakeup = await notifications.subscribe("work")
    async with running(notifications.run()), asyncio.timeout(LIMIT):
        await wakeup.wait()


async def test_a_notice_wakes_one_of_those_who_share_a_wakeup() -> None:
    shared = Wakeup(NEVER)
    waiters = [asyncio.create_task(shared.wait()) for _ in range(3)]
    for left in (2, 1):
        shared.wake()
        async with asyncio.timeout(LIMIT):
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        waiters = [waiter for waiter in waiters if not waiter.done()]
        assert len(waiters) == left
    waiters[0].cancel()
