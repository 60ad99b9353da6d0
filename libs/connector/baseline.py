"""After a lost schema: what was agreed about a record is worked out from the log and the record."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from libs.connector.agreed import Agreed
from libs.connector.flat import State
from libs.connector.interface import Record
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.numbers import prefix_between
from libs.connector.rows import Row
from libs.connector.spelling import stored
from libs.connector.states import state_of
from libs.service.database import Connection

if TYPE_CHECKING:
    from libs.connector.filing import Filing


async def baseline(db: Connection, desk: Desk, lane: Lane, record: Record) -> None:
    """The put that was settled last is `ours`, what the ledger makes of it `theirs`.

    Where the log no longer holds that put, what the ledger shows is both: nothing is mistaken for
    an edit of the bookkeeper, and a newer put is the product's edit.
    """
    lane.doubt = False
    ours = await _settled_put(db, lane)
    lane.prefix = prefix_between(lane.ledger_number, str(ours.get("number", "")))
    if ours:
        theirs = await _as_stored(db, desk, lane, ours)
    else:
        theirs = ours = await desk.shown(db, lane, record, {})
    lane.agreed = replace(
        Agreed(number=lane.agreed.number),
        ours=ours,
        theirs=theirs,
        owed=ours,
        said=ours,
        seen=lane.agreed.settled,
        settled=lane.agreed.settled,
        named=lane.agreed.number,
    )


async def _settled_put(db: Connection, lane: Lane) -> State:
    row = await db.fetchrow(
        "select kind, revision, body from inbox where lane = $1 and revision = $2 and kind = 'put'",
        lane.key,
        lane.agreed.settled,
    )
    if row is None:
        return {}
    event = Row(0, "put", row["revision"], "", row["body"], None, None).event()
    return state_of(event.entity) if hasattr(event, "entity") else {}


async def _as_stored(db: Connection, desk: Desk, lane: Lane, ours: State) -> State:
    return await stored(db, desk, lane, ours, None)


async def doubt(db: Connection, filings: "Sequence[Filing]") -> None:
    """After a restore: what the log names and has no record may have been created before."""
    await db.execute(
        """
        update lane l set doubt = true from connection c
        where l.key = any($1) and c.id = l.connection and c.restoring and l.state = 'absent'
        """,
        [f.lane for f in filings],
    )


async def keep_settled(db: Connection, filings: "Sequence[Filing]") -> None:
    """After a restore the put that was settled last is kept too: the merge starts from it."""
    await db.execute(
        """
        insert into inbox (connection, lane, kind, revision, body, state, reread)
        select t.connection, t.lane, t.kind, t.revision, t.body, 'superseded', true
        from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
            as t (connection, lane, kind, revision, body)
        join lane l on l.key = t.lane and l.doubt and (l.agreed ->> 'settled')::bigint = t.revision
        where l.revision > t.revision
        """,
        [f.connection for f in filings],
        [f.lane for f in filings],
        [f.kind for f in filings],
        [f.revision for f in filings],
        [f.body for f in filings],
    )
