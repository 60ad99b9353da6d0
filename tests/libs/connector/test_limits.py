"""The vendor's limits, shared by all who take: never more calls in a window than it allows."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from contracts.provider import Limits, Window
from libs.connector.errors import RateLimited
from libs.connector.limits import AT_ONCE, PATIENCE, SLOTS, Limiter
from libs.service.database import Connection, Pool

SECONDS = 6_000
MINUTE = Window(name="minute", calls=60, seconds=SECONDS)
"""A hundred times slower than a vendor's minute: what passes while a test runs is nothing."""
DAY = Window(name="day", calls=100, seconds=86_400)


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


SLOT = timedelta(seconds=SECONDS) / SLOTS


async def pass_time(db: Connection, time: timedelta) -> timedelta:
    """The counts get that much older, in whole slots; how much."""
    slots = -(-time // SLOT)
    await db.execute(
        "update rate_limit set newest = newest - $1, held_until = held_until - $2::interval",
        slots,
        slots * SLOT,
    )
    return slots * SLOT


async def wait_asked(limits: Limiter, connection: str = "x1") -> timedelta:
    with pytest.raises(RateLimited) as refused:
        await limits.take(connection)
    return refused.value.after


@pytest.mark.parametrize("seed", range(4))
async def test_no_window_has_more_calls_than_it_allows(
    db: Connection, pool: Pool, seed: int
) -> None:
    """A taker that waits as it is told, now and then longer, and now and then in between."""
    limits = limiter(pool, MINUTE)
    rng, passed = random.Random(seed), timedelta()
    moments: list[datetime] = []
    while len(moments) < 180:
        try:
            await limits.take("x1")
        except RateLimited as refused:
            idle = timedelta(seconds=rng.choice((0, 0, 0, SECONDS / 3, SECONDS)))
            passed += await pass_time(db, refused.after + idle)
        else:
            moments.append(await db.fetchval("select clock_timestamp()") + passed)
            passed += await pass_time(db, timedelta(seconds=rng.choice((0,) * 9 + (SECONDS / 7,))))
    for first in moments:
        window = [at for at in moments if first <= at < first + timedelta(seconds=SECONDS)]
        assert len(window) <= 60


async def test_the_whole_window_goes_at_once_and_all_of_it_again_a_window_later(
    db: Connection, pool: Pool
) -> None:
    limits = limiter(pool, MINUTE)
    assert await take_all(limits) == 60
    wait = await wait_asked(limits)
    assert timedelta(seconds=SECONDS) <= wait <= timedelta(seconds=SECONDS) + SLOT
    await pass_time(db, wait)
    assert await take_all(limits) == 60


async def test_it_waits_until_a_few_calls_are_free(db: Connection, pool: Pool) -> None:
    """Let in for one call alone, what needs a read and a write would never get to write."""
    limits = limiter(pool, MINUTE)
    for at_most in (1, 1, 58):
        await take_all(limits, at_most=at_most)
        await pass_time(db, SLOT)
    wait = await wait_asked(limits)
    assert wait > timedelta(seconds=SECONDS) - SLOT
    await pass_time(db, wait)
    assert await take_all(limits) >= AT_ONCE


async def test_takers_at_the_same_moment_share_the_limit(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)
    taken = await asyncio.gather(*(take_all(limits, at_most=10) for _ in range(8)))
    assert sum(taken) == 60


async def test_a_refused_call_is_taken_from_no_window(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, DAY, MINUTE)
    assert await take_all(limits) == 60
    assert (await limits.left(db, "x1"))["day"] == 40
    await wait_asked(limits)
    assert (await limits.left(db, "x1"))["day"] == 40


async def test_connections_have_windows_of_their_own(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)
    assert await take_all(limits) == 60
    assert await take_all(limits, "x2") == 60


async def test_a_window_of_a_path_counts_what_goes_there_alone(db: Connection, pool: Pool) -> None:
    """A batch counts in the vendor's window for batches and in the one for all calls."""
    batches = MINUTE.model_copy(update={"name": "batch", "calls": 20, "path": "/batch"})
    limits = limiter(pool, MINUTE, batches)
    for path in ("/batch", "/batch/5", "/batches", "/invoice"):
        await limits.take("x1", path)
    left = await limits.left(db, "x1")
    assert left == {"minute": 56, "batch": 18}
    for _ in range(18):
        await limits.take("x1", "/batch")
    with pytest.raises(RateLimited, match="per batch"):
        await limits.take("x1", "/batch")
    assert (await limits.left(db, "x1"))["minute"] == 38
    await limits.take("x1", "/invoice")


async def test_a_window_of_the_app_is_shared_by_all(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE.model_copy(update={"scope": "app"}))
    assert await take_all(limits) == 60
    assert await take_all(limits, "x2") == 0


async def test_the_provider_is_believed(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, DAY, MINUTE)
    await limits.refused("x1", timedelta(hours=1), "Minute")
    wait = await wait_asked(limits)
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
    assert (await limits.left(db, "x1"))["minute"] == 0
    assert (await limits.left(db, "x1"))["day"] == 100


async def test_claims_are_patient_when_little_is_left(db: Connection, pool: Pool) -> None:
    limits = limiter(pool, MINUTE)

    async def patience() -> timedelta:
        found: timedelta = await db.fetchval("select patience from connection where id = 'x1'")
        return found

    await take_all(limits, at_most=20)
    assert await patience() == timedelta()
    await take_all(limits, at_most=11)
    assert await patience() == PATIENCE
    await pass_time(db, timedelta(days=1))
    await limits.take("x1")
    assert await patience() == timedelta()
