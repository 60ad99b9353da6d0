"""Lanes in the database: claimed under a lease, saved under its fence."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import asyncpg

from contracts.values import EntityType
from libs.connector import agreed as agreement
from libs.connector.agreed import Agreed
from libs.connector.lane import Facts, Lane, LeaseLost, Part
from libs.service.database import Connection

_COLUMNS = """key, connection, type, id, marker, generation, state, revision, agreed, lines, facts,
    ledger_number, version, origin, hold, dead, skipped, doubt, alone, number, token, attempts,
    leased_until, call, collided, prefix, linked"""

CLAIM = f"""
with turn as (
    select c.id, h.type, h.key, h.alone, not c.timed or c.running_since is not null as runs
    from connection c cross join lateral (
        select l.type, l.key, l.alone from lane l
        where l.connection = c.id and l.due_at + c.patience <= now()
          and l.leased_until <= now()
          and (not c.timed or c.running_since is not null or l.urged)
        order by l.due_at limit 1
    ) h
    where c.state = 'open' and c.facts is not null and not c.restoring
      and c.held_until <= now()
      and (c.patience < '1 s' or not exists (select from lane l
        where l.connection = c.id and l.leased_until > now()))
    order by c.served_at limit 1 for update of c skip locked
), served as (
    update connection c set served_at = clock_timestamp() from turn where c.id = turn.id
), heads as (
    select l.key from turn cross join lateral (
        select l.key from lane l
        where l.connection = turn.id and l.type = turn.type and l.due_at <= now()
          and l.leased_until <= now() and (not l.alone or l.key = turn.key)
          and (turn.runs or l.urged)
        order by l.key <> turn.key, l.due_at
        limit case when turn.alone then 1 else $2 end for update skip locked
    ) l
)
update lane set leased_until = now() + $1, token = token + 1, attempts = attempts + 1
from heads where lane.key = heads.key
returning {_COLUMNS.replace("key,", "lane.key,", 1)}
"""

SAVE = """
        update lane set generation = $3, state = $4, agreed = $5, lines = $6, facts = $7,
            ledger_number = $8, version = $9, origin = $10, dead = $11 and revision <= $15,
            doubt = $12, alone = $13, number = $14, marker = $16, skipped = $17, collided = $18,
            prefix = $19, linked = $20
        where key = $1 and token = $2 returning true
"""


def _lane(row: asyncpg.Record, parts: Sequence[Part]) -> Lane:
    values = dict(row)
    stored, number = values.pop("agreed"), values.pop("number")
    agreed = agreement.load(json.loads(stored)) if stored else Agreed(number=number)
    values["type"] = EntityType(values["type"])
    values["lines"] = json.loads(values["lines"])
    values["facts"] = Facts.load(json.loads(values["facts"]))
    return Lane(**values, agreed=agreed, parts=tuple(parts))


async def claim(db: Connection, lease: timedelta, many: int) -> list[Lane]:
    """Lease the due lanes of one type of the connection served longest ago, oldest first.

    One that has failed in company is worked on alone: it must not take others along. Commit at
    once: it locks the connection's row.
    """
    rows = await db.fetch(
        CLAIM,
        lease,
        many,
    )
    return await _with_parts(db, rows)


async def lease(db: Connection, keys: Sequence[str], length: timedelta) -> list[Lane]:
    """Lease these lanes too, in key order; fewer come back where another worker has one."""
    rows = await db.fetch(
        f"""
        with free as (
            select key from lane where key = any($1) and leased_until <= now()
            order by key for update skip locked
        )
        update lane set leased_until = now() + $2, token = token + 1 from free
        where lane.key = free.key
        returning {_COLUMNS.replace("key,", "lane.key,", 1)}
        """,
        list(keys),
        length,
    )
    return await _with_parts(db, rows)


async def load(db: Connection, keys: Sequence[str]) -> dict[str, Lane]:
    """Lanes as they are, without a lease: to look at, never to save."""
    rows = await db.fetch(f"select {_COLUMNS} from lane where key = any($1)", list(keys))
    return {lane.key: lane for lane in await _with_parts(db, rows)}


async def _with_parts(db: Connection, rows: Sequence[asyncpg.Record]) -> list[Lane]:
    if not rows:
        return []
    parts = await db.fetch(
        """
        select lane, type, external_id, generation, main from part where lane = any($1)
        order by generation desc, main desc, external_id
        """,
        [row["key"] for row in rows],
    )
    found: dict[str, list[Part]] = {row["key"]: [] for row in rows}
    for part in parts:
        known = Part(part["type"], part["external_id"], part["generation"], part["main"])
        found[part["lane"]].append(known)
    return [_lane(row, found[row["key"]]) for row in rows]


@asynccontextmanager
async def change(db: Connection, *changed: Lane) -> AsyncIterator[None]:
    """A transaction of these lanes, fenced in key order; if it fails, so have the working copies.

    Raises LeaseLost where one of them is no longer ours.
    """
    before = [(lane, replace(lane, events=[*lane.events])) for lane in changed]
    try:
        async with db.transaction():
            await fence(db, *changed)
            yield
    except BaseException:
        for lane, former in before:
            for part in fields(Lane):
                setattr(lane, part.name, getattr(former, part.name))
        raise


async def fence(db: Connection, *fenced: Lane) -> None:
    """Lock the lanes' rows in key order, if they are still ours; raises LeaseLost."""
    rows = await db.fetch(
        "select key, token from lane where key = any($1) order by key for update",
        [lane.key for lane in fenced],
    )
    tokens = {row["key"]: row["token"] for row in rows}
    for lane in fenced:
        if tokens.get(lane.key) != lane.token:
            raise LeaseLost(lane.key)


async def save(db: Connection, lane: Lane) -> None:
    """Write the working copy back, fenced; raises LeaseLost. The lease and the call are kept."""
    if not await db.fetchval(SAVE, *_values(lane)):
        raise LeaseLost(lane.key)


async def save_all(db: Connection, changed: Sequence[Lane]) -> None:
    """Write these working copies back; for use inside `change`, whose locks no one passes."""
    await db.executemany(SAVE, [_values(lane) for lane in changed])


def _values(lane: Lane) -> tuple[Any, ...]:
    return (
        lane.key,
        lane.token,
        lane.generation,
        lane.state,
        json.dumps(agreement.dump(lane.agreed)),
        json.dumps(lane.lines),
        json.dumps(lane.facts.dump()),
        lane.ledger_number,
        lane.version,
        lane.origin,
        lane.dead,
        lane.doubt,
        lane.alone,
        lane.agreed.number,
        lane.revision,
        lane.marker,
        lane.skipped,
        lane.collided,
        lane.prefix,
        lane.linked,
    )


async def take_over(db: Connection, old: Lane, new: Lane) -> None:
    """The record of `old` and all that was agreed about it is `new`'s from now on; both leased."""
    await db.execute(
        "update part set lane = $2, generation = $3 where lane = $1 and generation = $4",
        old.key,
        new.key,
        new.generation,
        old.generation,
    )
    new.parts = tuple(replace(p, generation=new.generation) for p in old.parts)
    new.state, new.version, new.lines, new.facts = old.state, old.version, old.lines, old.facts
    new.ledger_number = old.ledger_number
    new.doubt, old.doubt = new.doubt or old.doubt, False
    new.agreed = replace(old.agreed, number=new.agreed.number, events={}, last=None)
    old.parts, old.state, old.agreed = (), "absent", Agreed(number=old.agreed.number)
    old.ledger_number = ""
    await save(db, old)
    await save(db, new)


async def discard(db: Connection, lane: Lane) -> None:
    """Forget a lane that was made for a hint and came to nothing."""
    await db.execute(
        """
        with nothing as (
            select key from lane where key = $1 and token = $2 and state = 'absent'
              and revision = 0 and number = 0
              and not exists (select from wait where lane = $1)
              and not exists (select from inbox where lane = $1 and state = 'pending')
        ), beside as (
            delete from part using nothing where part.lane = nothing.key and not part.main
        )
        delete from lane using nothing where lane.key = nothing.key
        """,
        lane.key,
        lane.token,
    )


async def end_call(db: Connection, *ended: Lane, written: bool) -> None:
    """The lanes' call is over; `written`: their records are as we have just made them."""
    for lane in ended:
        lane.call = None
    await db.execute(
        """
        update lane set call = null, written_at = case when $2 then now() else written_at end
        where key = any($1)
        """,
        [lane.key for lane in ended],
        written,
    )
