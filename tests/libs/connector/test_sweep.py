"""Sweeps: which looks one call serves, how far a look brings the cursors, and what is news."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.provider import load
from contracts.values import EntityType
from libs.connector import sweep, triggers
from libs.connector.errors import Unavailable
from libs.connector.interface import Record
from libs.service.database import Connection, Pool
from tests.libs.connector.filed import START

CONTACT, INVOICE, PAYMENT = EntityType.CONTACT, EntityType.INVOICE, EntityType.PAYMENT
FACTS = load(
    """
    id = "acme"
    name = "Acme"
    limits = { windows = [], concurrency = 1 }
    calls = { base_url = "https://acme.example" }
    [entities.contact]
    record = "Contact"
    [entities.invoice]
    record = "Invoice"
    [entities.payment]
    record = "Payment"
    """
)
NAMES = ["sweep/contact", "sweep/invoice", "sweep/payment"]
NEWS = START + timedelta(days=3)


@dataclass(slots=True)
class Plain:
    """Lists one kind per call."""

    shown: Sequence[Record] = ()
    asked: list[dict[EntityType, datetime]] = field(default_factory=list)

    async def changes(
        self, _: Any, kind: EntityType, since: datetime
    ) -> AsyncIterator[Sequence[Record]]:
        self.asked.append({kind: since})
        if found := [record for record in self.shown if record.type is kind]:
            yield found


class Together(Plain):
    """Lists all kinds in one."""

    async def changes_together(
        self, _: Any, since: Mapping[EntityType, datetime]
    ) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
        self.asked.append(dict(since))
        for kind in since:
            if found := [record for record in self.shown if record.type is kind]:
                yield kind, found


class Failing(Plain):
    """Cannot be reached."""

    async def changes_together(
        self, _: Any, since: Mapping[EntityType, datetime]
    ) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
        for kind in since:
            yield kind, ()
            raise Unavailable("Nobody answers.")


def kernel(pool: Pool, connector: Plain) -> Any:
    async def session(_: object) -> object:
        return SimpleNamespace(company="company")

    sessions = SimpleNamespace(session=session)
    return SimpleNamespace(pool=pool, provider=FACTS, connector=connector, sessions=sessions)


async def swept(db: Connection, pool: Pool, connector: Plain) -> int:
    await triggers.sweep_now(db, "x1", NAMES)
    return await sweep.sweep_due(kernel(pool, connector))


async def hinted(db: Connection) -> set[str]:
    rows = await db.fetch("select record from inbox where kind = 'notice' and state = 'pending'")
    return {row["record"] for row in rows}


async def cursors(db: Connection) -> dict[str, datetime]:
    rows = await db.fetch("select name, at from cursor where connection = 'x1'")
    return {row["name"]: row["at"] for row in rows}


@pytest.mark.parametrize(("connector", "calls"), [(Plain, 3), (Together, 1)])
async def test_where_one_call_lists_all_kinds_one_is_made(
    db: Connection, pool: Pool, connector: type[Plain], calls: int
) -> None:
    there = connector([Record(INVOICE, "7", {}, updated_at=NEWS), Record(CONTACT, "8", {})])
    assert await swept(db, pool, there) == 2
    assert await hinted(db) == {"7", "8"}
    assert len(there.asked) == calls
    assert {kind for one in there.asked for kind in one} == {CONTACT, INVOICE, PAYMENT}


async def test_what_is_quiet_is_not_asked_for_from_the_beginning_each_time(
    db: Connection, pool: Pool
) -> None:
    """The second look goes back to a day before the first, whatever was shown."""
    there = Together([Record(INVOICE, "7", {}, updated_at=NEWS)])
    await swept(db, pool, there)
    began = await db.fetchval("select clock_timestamp()")
    await swept(db, pool, there)
    day = timedelta(days=1) + FACTS.sweep_overlap + timedelta(minutes=5)
    assert all(since > began - day for since in there.asked[1].values())
    assert len(set(there.asked[1].values())) == 1


async def test_a_look_that_failed_is_due_again_for_all_its_kinds(
    db: Connection, pool: Pool
) -> None:
    assert await swept(db, pool, Failing()) == 0
    assert set((await cursors(db)).values()) == {START}
    there = Together([Record(PAYMENT, "9", {})])
    assert await sweep.sweep_due(kernel(pool, there)) == 1
    assert len(there.asked) == 1


async def test_what_is_gone_and_was_never_ours_is_no_news(db: Connection, pool: Pool) -> None:
    there = Together([Record(INVOICE, "7", {}, "deleted"), Record(INVOICE, "8", {}, "void")])
    await swept(db, pool, there)
    assert await hinted(db) == {"8"}
