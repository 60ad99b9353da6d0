"""The vendor's limits, shared by all who take: never more calls in a window than it allows."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from contracts.provider import Limits, Window
from libs.connector.errors import RateLimited
from libs.connector.limits import AT_ONCE, PATIENCE, Limiter
from libs.service.database import Connection, Pool

SECONDS = 6_000
MINUTE = Window(name="minute", calls=60, seconds=SECONDS, burst=50)
"""A hundred times slower than a vendor's minute: what passes while a test runs is nothing."""
DAY = Window(name="day", calls=100, seconds=86_400, burst=80)


def limiter(pool: Pool, *windows: Window) -> Limiter:
    return Limiter(pool, "acme", Limits(windows=windows, concurrency=5))


async def take_all(limits: Limiter, connection: str = "x1", at_most: int = 200) -> int:
    """How many calls may go at once."""
    for count in range(at_most):
        try:
            await limits.take(connection)
        except RateLimited:
            return count
    return at_most


async def pass_time(db: Connection, time: timedelta) -> None:
    await db.execute("update rate_limit set tat = tat - $1::interval", time)


async def wait_asked(limits: Limiter, connection: str = "x1") -> timedelta:
    with pytest.raises(RateLimited) as refused:
        await limits.take(connection)
    return refused.value.after


@pytest.mark.parametrize("burst", [50, None, 1, 59])
async def test_no_window_has_more_calls_than_it_allows(
    db: Connection, pool: Pool, burst: int | None
) -> None:
    """A greedy taker that waits as it is told, and now and then longer."""
    limits = limiter(pool, MINUTE.model_copy(update={"burst": burst}))
    rng, passed = random.Random(burst), timedelta()
    moments: list[datetime] = []
    while len(moments) < 180:
        try:
            await limits.take("x1")
        except RateLimited as refused:
            idle = timedelta(seconds=rng.choice((0, 0, 0, SECONDS / 3, SECONDS)))
            await pass_time(db, refused.after + idle)
            passed += refused.after + idle
        else:
            moments.append(await db.fetchval("select clock_timestamp()") + passed)
    for first in moments:
        window = [at for at in moments if first <= at < first + timedelta(seconds=SECONDS)]
        assert len(window) <= 60


async def test_the_burst_goes_at_once_and_then_a_few_at_a_time(db: Connection, pool: Pool) -> None:
    """Let in for one call alone, what needs a read and a write would never get to write."""
    limits = limiter(pool, MINUTE)
    assert await take_all(limits) == 50
    wait = await wait_asked(limits)
    assert timedelta(seconds=SECONDS / 5) < wait <= timedelta(seconds=SECONDS * 3 / 10)
    await pass_time(db, wait)
    assert await take_all(limits) == AT_ONCE


async def test_takers_at_the_same_moment_share_the_limit(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)
    taken = await asyncio.gather(*(take_all(limits, at_most=10) for _ in range(8)))
    assert sum(taken) == 50


async def test_a_refused_call_is_taken_from_no_window(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, DAY, MINUTE)
    assert await take_all(limits) == 50
    assert (await limits.left(db, "x1"))["day"] == 30
    await wait_asked(limits)
    assert (await limits.left(db, "x1"))["day"] == 30


async def test_connections_have_windows_of_their_own(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)
    assert await take_all(limits) == 50
    assert await take_all(limits, "x2") == 50


async def test_a_window_of_the_app_is_shared_by_all(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE.model_copy(update={"scope": "app"}))
    assert await take_all(limits) == 50
    assert await take_all(limits, "x2") == 0


async def test_the_provider_is_believed(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, DAY, MINUTE)
    await limits.refused("x1", timedelta(hours=1), "Minute")
    wait = await wait_asked(limits)
    assert timedelta(hours=1) < wait <= timedelta(hours=1, seconds=SECONDS * 3 / 10)
    assert (await limits.left(db, "x1"))["minute"] == 0
    assert (await limits.left(db, "x1"))["day"] == 80


async def test_claims_are_patient_when_little_is_left(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)

    async def patience() -> timedelta:
        found: timedelta = await db.fetchval("select patience from connection where id = 'x1'")
        return found

    await take_all(limits, at_most=20)
    assert await patience() == timedelta()
    await take_all(limits, at_most=10)
    assert await patience() == PATIENCE
    await pass_time(db, timedelta(days=1))
    await limits.take("x1")
    assert await patience() == timedelta()
