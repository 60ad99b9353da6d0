"""A grant's row: who may refresh, and whose answer is kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import services.auth
from libs.service.database import database
from libs.service.secrets import KeyRing, Vault, new_key_ring
from services.auth.answers import Tokens
from services.auth.grants import Grant, Grants

MIGRATIONS = Path(services.auth.__file__).parent / "migrations"
HALF_HOUR = timedelta(minutes=30)
LEASE = timedelta(minutes=1)
OVER = timedelta(0)


def tokens(name: str, *, life: timedelta = HALF_HOUR, refresh: str | None = "") -> Tokens:
    wanted = f"refresh-{name}" if refresh == "" else refresh
    return Tokens(f"access-{name}", wanted, life, "somebody")


@pytest.fixture
async def grants(database_url: str) -> AsyncIterator[Grants]:
    async with database(database_url, "auth", MIGRATIONS) as pool:
        yield Grants(pool, Vault(KeyRing.parse(new_key_ring("k1"))))


async def stored(grants: Grants, given: Tokens) -> Grant:
    async with grants._pool.acquire() as db:
        return await read(grants, await grants.store(db, "acme", given))


async def read(grants: Grants, grant: UUID) -> Grant:
    margin, floor = timedelta(minutes=3), timedelta(seconds=30)
    found = await grants.read(grant, margin=margin, floor=floor)
    assert found is not None
    return found


async def test_one_lease_at_a_time(grants: Grants) -> None:
    first = await stored(grants, tokens("a"))
    assert await grants.lease(first, LEASE) is not None
    assert await grants.lease(first, LEASE) is None
    again = await read(grants, first.id)
    assert again.in_doubt
    assert await grants.lease(again, LEASE) is None


async def test_a_lease_that_ran_out_is_taken_and_its_answer_comes_too_late(grants: Grants) -> None:
    first = await stored(grants, tokens("a"))
    slow = await grants.lease(first, OVER)
    again = await read(grants, first.id)
    quick = await grants.lease(again, LEASE)
    assert slow is not None
    assert quick is not None
    await grants.settle(again, quick, tokens("quick"))
    await grants.settle(first, slow, tokens("slow"))
    assert (await read(grants, first.id)).refresh == "refresh-quick"


async def test_a_new_consent_outweighs_a_refresh_under_way(grants: Grants) -> None:
    first = await stored(grants, tokens("a"))
    version = await grants.lease(first, LEASE)
    assert version is not None
    renewed = await stored(grants, tokens("consent"))
    assert renewed.id == first.id
    await grants.settle(first, version, tokens("refreshed"))
    async with grants._pool.acquire() as db:
        assert not await grants.bury(db, first.id, version)
    found = await read(grants, first.id)
    assert (found.live, found.access, found.in_doubt) == (True, "access-consent", False)


async def test_without_a_new_refresh_token_the_former_stays(grants: Grants) -> None:
    first = await stored(grants, tokens("a"))
    version = await grants.lease(first, LEASE)
    assert version is not None
    await grants.settle(first, version, tokens("b", refresh=None))
    found = await read(grants, first.id)
    assert (found.access, found.refresh) == ("access-b", "refresh-a")


async def test_a_short_life_is_fresh_for_most_of_it(grants: Grants) -> None:
    short = await stored(grants, tokens("a", life=timedelta(minutes=1)))
    assert (short.fresh, short.usable) == (True, True)


async def test_an_unnamed_person_gets_a_grant_per_consent(grants: Grants) -> None:
    nobody = Tokens("a", "b", HALF_HOUR, None)
    assert (await stored(grants, nobody)).id != (await stored(grants, nobody)).id


async def test_secrets_do_not_show(grants: Grants) -> None:
    given = tokens("a")
    for shown in (repr(given), repr(await stored(grants, given))):
        assert "access-a" not in shown
        assert "refresh-a" not in shown
