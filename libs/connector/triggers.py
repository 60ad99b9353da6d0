"""Runs of connections that are not synced at once: when the next one is due, its begin and end."""

from datetime import datetime, time, timedelta

import structlog

from contracts.messages import SyncNow
from contracts.values import EntityType
from libs.connector import sweep
from libs.connector.connections import Account, account
from libs.connector.kernel import Kernel
from libs.connector.policy import Policy
from libs.connector.rows import notice
from libs.connector.zones import zone
from libs.service.database import Connection

LASTS = timedelta(hours=1)
"""What a run has not come to by then, say because the vendor is down, waits for the next."""

log = structlog.get_logger()


def next_run(policy: Policy, time_zone: str, now: datetime) -> datetime | None:
    """When a run is next due after `now` (UTC); None where all is live.

    `time_zone` is the company's, by an IANA or Windows name.
    """
    if policy.trigger == "live":
        return None
    if policy.trigger == "hours":
        return now + timedelta(hours=policy.every_hours)
    local = now.astimezone(zone(time_zone))
    at = time.fromisoformat(policy.daily_at)
    due = datetime.combine(local.date(), at, local.tzinfo)
    if due.astimezone(now.tzinfo) <= now:
        due = datetime.combine(local.date() + timedelta(days=1), at, local.tzinfo)
    return due.astimezone(now.tzinfo)


async def run_due(kernel: Kernel) -> int:
    """Sweep what is due, then begin and end runs; how many notices were filed."""
    async with kernel.pool.acquire() as db:
        for row in await db.fetch(BEGIN):
            await _begin(kernel, row["id"])
    found = await sweep.sweep_due(kernel)
    async with kernel.pool.acquire() as db:
        for row in await db.fetch(OVER, LASTS, sweep.names(kernel.provider)):
            await _end(db, await account(db, row["id"]))
    return found


async def set_trigger(db: Connection, connection: str) -> None:
    """The policy's trigger has changed: the next run is reckoned anew."""
    of = await account(db, connection)
    await db.execute(
        "update connection set timed = $2, running_since = null where id = $1",
        connection,
        of.policy.timed,
    )
    await _plan(db, of)


async def begin(db: Connection, connection: str, names: list[str]) -> None:
    """A run: all that waits, is held or was refused is taken up, and the ledger is swept."""
    await db.execute(
        "update connection set running_since = now() where id = $1 and timed", connection
    )
    await take_up(db, connection)
    # What is mapped is looked at anew, too.
    await db.execute(
        "update connection set described_at = '-infinity' where id = $1 and facts is not null",
        connection,
    )
    await sweep_now(db, connection, names)
    await db.execute("select pg_notify('lane', '')")


async def urge(db: Connection, command: SyncNow) -> None:
    """One record or the members of an invoice batch, whatever the trigger; the ledger is read."""
    rows = await db.fetch(
        """
        update lane l set urged = true where l.connection = $1 and (
            l.type = $2 and l.id = $3
            or exists (select from batch_member m where m.lane = l.key and m.batch = $4))
        returning key, type
        """,
        command.connection,
        command.type,
        command.entity,
        command.batch,
    )
    keys = [row["key"] for row in rows]
    await take_up(db, command.connection, keys)
    await db.execute(
        """
        update lane set due_at = now() where key = any($1) and due_at is null
          and exists (select from inbox i where i.lane = lane.key and i.state = 'pending')
        """,
        keys,
    )
    for record in await db.fetch("select type, external_id from part where lane = any($1)", keys):
        hint = {record["external_id"]: None}
        await notice(db, command.connection, EntityType(record["type"]), hint)


async def take_up(db: Connection, connection: str, keys: list[str] | None = None) -> None:
    """What is dead waits again, what is held is tried again; not what only a person may decide."""
    await revive(db, connection, keys)
    await db.execute(
        """
        update lane set dead = false, hold = '', due_at = now(), attempts = 0
        where connection = $1 and ($2::text[] is null or key = any($2))
          and (dead or hold not in ('', 'uncertain', 'conflict'))
        """,
        connection,
        keys,
    )
    await db.execute(
        """
        update lane set due_at = now() where connection = $1 and due_at > now()
          and ($2::text[] is null or key = any($2))
        """,
        connection,
        keys,
    )


async def revive(db: Connection, connection: str, keys: list[str] | None) -> None:
    """The newest put or notice of each dead lane waits again."""
    await db.execute(REVIVE, connection, keys)


async def sweep_now(db: Connection, connection: str, names: list[str]) -> None:
    """All sweeps are due; a connection that has just opened has no cursors yet."""
    await db.execute(
        """
        insert into cursor (connection, name, at, swept_at)
        select c.id, n.name, c.opened_at, '-infinity'
        from connection c cross join unnest($2::text[]) as n (name) where c.id = $1
        on conflict (connection, name) do update set swept_at = '-infinity'
        """,
        connection,
        names,
    )


async def _begin(kernel: Kernel, connection: str) -> None:
    async with kernel.pool.acquire() as db, db.transaction():
        of = await account(db, connection)
        due = await db.fetchval("select runs_at from connection where id = $1", connection)
        await _plan(db, of)
        if due is not None:
            await begin(db, connection, sweep.names(kernel.provider))
            log.info("run.begun", connection=connection)


async def _plan(db: Connection, of: Account) -> None:
    """When the next run is due; not known before the company, and its time zone, is."""
    now: datetime = await db.fetchval("select clock_timestamp()")
    due = next_run(of.policy, of.company.time_zone, now) if of.company else None
    await db.execute("update connection set runs_at = $2 where id = $1", of.id, due)


async def _end(db: Connection, of: Account) -> None:
    await db.execute("update connection set running_since = null where id = $1", of.id)
    log.info("run.ended", connection=of.id)


BEGIN = """
select id from connection where timed and state = 'open' and facts is not null and not restoring
  and (runs_at is null or runs_at <= now())
"""
# A run is over when nothing that is not held is left to do, and the ledger was swept in it.
OVER = """
select c.id from connection c where c.running_since is not null and (
    c.running_since + $1 <= now() or c.state <> 'open'
    or (not exists (select from lane l where l.connection = c.id and (l.leased_until > now()
            or l.call is not null or l.due_at is not null and l.hold = ''))
        and not exists (select from unnest($2::text[]) as n (name)
            left join cursor k on k.connection = c.id and k.name = n.name
            where k.swept_at is null or k.swept_at < c.running_since)))
"""
REVIVE = """
update inbox i set state = 'pending' from lane l
where l.connection = $1 and ($2::text[] is null or l.key = any($2)) and l.dead
  and i.lane = l.key and i.state = 'dead'
  and i.seq = (select max(seq) from inbox n where n.lane = l.key and n.state = 'dead')
"""
