"""How a lane is given back: due again, held, waiting for others, buried."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from libs.connector.lane import Lane
from libs.service.database import Connection


async def release(
    db: Connection, lane: Lane, due_in: timedelta | None = None, *, spent: bool = True
) -> None:
    """Give the lease back; due again in `due_in`, else at once if rows wait, else not at all.

    `spent`: it was an attempt; waiting for others or for a limit is none.
    """
    await db.execute(
        """
        update lane set leased_until = '-infinity',
            attempts = case when $3::interval is null then 0 when $5 then attempts
                else greatest(attempts - 1, 0) end,
            due_at = case
                when revision > $4 then now()
                when $3::interval is not null then now() + $3
                when call is not null then now()
                when exists (select from inbox where lane = $1 and state = 'pending')
                    and hold = '' then now()
                else null end
        where key = $1 and token = $2
        """,
        lane.key,
        lane.token,
        due_in,
        lane.revision,
        spent,
    )


async def release_all(db: Connection, done: Sequence[Lane]) -> None:
    """Give back the leases of lanes that came to a good end; those that were lost stay lost.

    What was turned away is looked at again when its lease would have ended, unless `rest`.
    """
    async with db.transaction():
        # Locked by a statement before: the next one then sees what was filed while this waited.
        mine = await db.fetch(
            """
            select l.key from lane l
            join unnest($1::text[], $2::bigint[]) as t (key, token) using (key, token)
            order by l.key for update of l
            """,
            [lane.key for lane in done],
            [lane.token for lane in done],
        )
        await db.execute(
            """
            update lane set leased_until = '-infinity', attempts = 0, urged = false,
                due_at = case when call is not null then now()
                    when exists (select from inbox i
                        where i.lane = lane.key and i.state = 'pending') then now()
                    when skipped then leased_until end
            where key = any($1)
            """,
            [row["key"] for row in mine],
        )


async def hold(
    db: Connection, lane: Lane, reason: str, sentence: str, action: str, since: datetime
) -> None:
    """Pause the lane; a newer put, a hint that came after `since`, a retry or the end of the
    cause takes it up again. So does the end of the lease it had, unless `rest`."""
    lane.hold = reason
    await db.execute(
        """
        update lane set hold = case when revision > $6 then '' else $3 end,
            hold_sentence = $4, hold_action = $5, leased_until = '-infinity', attempts = 0,
            due_at = case when revision > $6 or exists (select from inbox
                where lane = $1 and state = 'pending' and kind = 'notice' and received_at > $7)
                then now() else leased_until end
        where key = $1 and token = $2
        """,
        lane.key,
        lane.token,
        reason,
        sentence,
        action,
        lane.revision,
        since,
    )


async def rest(db: Connection, lanes: Sequence[Lane]) -> None:
    """What was held or turned away was so by all that is known now: it needs no second look.

    Who is killed before he has found that out leaves them due at the end of their leases.
    """
    await db.execute(
        """
        with resting as (
            select l.key from lane l
            join unnest($1::text[], $2::timestamptz[]) as t (key, until) using (key)
            where l.due_at = t.until and (l.hold <> '' or l.skipped) for update of l skip locked
        )
        update lane set due_at = null from resting where lane.key = resting.key
        """,
        [lane.key for lane in lanes],
        [lane.leased_until for lane in lanes],
    )


async def look_again(db: Connection, lane: Lane, due_in: timedelta) -> None:
    """A held lane whose reason may end without a word looks for itself."""
    await db.execute(
        """
        update lane set due_at = case when due_at <= now() then due_at else now() + $2 end
        where key = $1
        """,
        lane.key,
        due_in,
    )


async def explain(db: Connection, lane: Lane, sentence: str) -> bool:
    """Keep why it is not sent, for what waits for it; whether that is a new reason."""
    new = await db.fetchval(
        """
        update lane set hold_sentence = $3, hold_action = ''
        where key = $1 and token = $2 and hold_sentence <> $3 returning true
        """,
        lane.key,
        lane.token,
        sentence,
    )
    return bool(new)


async def unhold(db: Connection, lane: Lane) -> None:
    """The reason is gone."""
    lane.hold = ""
    await db.execute(
        """
        update lane set hold = '', hold_sentence = '', hold_action = ''
        where key = $1 and token = $2 and hold <> ''
        """,
        lane.key,
        lane.token,
    )


async def waits_for(db: Connection, lane: Lane, needs: Sequence[str]) -> bool:
    """Whether it waits for one of them already, and nobody has woken it."""
    query = "select exists (select from wait where lane = $1 and needs = any($2))"
    return bool(await db.fetchval(query, lane.key, list(needs)))


async def wait_for(db: Connection, lane: Lane, needs: Sequence[str]) -> None:
    """Remember what the lane waits for."""
    await db.execute("delete from wait where lane = $1", lane.key)
    await db.executemany(
        "insert into wait (lane, needs) values ($1, $2) on conflict do nothing",
        [(lane.key, need) for need in needs],
    )


async def rouse(db: Connection, keys: Sequence[str]) -> None:
    """Have what lies dormant among these sent: something refers to it now.

    A statement of its own, and none that waits: whoever settles one of them wakes the others.
    """
    await db.execute(
        """
        with dormant as (
            select key from lane where key = any($1) and due_at is null and hold = '' and not dead
              and exists (select from inbox i where i.lane = lane.key and i.state = 'pending')
            for update skip locked
        )
        update lane set due_at = now() from dormant where lane.key = dormant.key
        """,
        list(keys),
    )


async def urge_too(db: Connection, lane: Lane, keys: Sequence[str]) -> None:
    """What an urged lane waits for is urged with it; nobody is waited for."""
    await db.execute(
        """
        with needed as (
            select n.key from lane n join lane l on l.key = $1 and l.urged
            where n.key = any($2) and not n.urged for update of n skip locked
        )
        update lane set urged = true from needed where lane.key = needed.key
        """,
        lane.key,
        list(keys),
    )


async def wake_waiters(db: Connection, *keys: str) -> None:
    """These have their records: what waited only for them is due. A statement of its own, that
    waits for nobody; who is missed looks again by himself."""
    await db.execute(
        """
        with over as (delete from wait where needs = any($1) returning lane), free as (
            select key from lane where key in (select lane from over)
              and not exists (select from wait w where w.lane = lane.key and w.needs <> all($1))
            for update skip locked
        )
        update lane set due_at = now(), hold = case when hold = 'waits' then '' else hold end
        from free where lane.key = free.key
        """,
        list(keys),
    )


async def is_held(db: Connection, lane: Lane, reason: str, sentence: str) -> bool:
    """Whether the lane was told to be held for just this the last time."""
    same: bool = await db.fetchval(
        "select hold = $2 and hold_sentence = $3 from lane where key = $1",
        lane.key,
        reason,
        sentence,
    )
    return same


async def bury(db: Connection, lane: Lane, sentence: str, action: str) -> None:
    """Nothing of it waits any more; why stays on the lane."""
    await db.execute(
        """
        update lane set hold_sentence = $3, hold_action = $4, leased_until = '-infinity',
            attempts = 0, due_at = case when revision > $5 or exists (select from inbox
                where lane = $1 and state = 'pending') then now() end
        where key = $1 and token = $2
        """,
        lane.key,
        lane.token,
        sentence,
        action,
        lane.revision,
    )
