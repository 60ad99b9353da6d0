"""Inbox rows of claimed lanes: the waiting put and the notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from contracts.messages import EntityDeleted, EntityPut
from contracts.values import EntityType
from libs.connector.agreed import Put
from libs.connector.lane import marker_of
from libs.connector.states import local_id, state_of
from libs.service.database import Connection

ECHOES = timedelta(seconds=10)
GATHER = timedelta(seconds=3)
"""What hooks within `ECHOES` of our own write is most likely its echo: many are read at once."""


HINT = """
        with hinted as (
            select t.record, t.at, coalesce(p.lane, $1 || '/' || $2 || '/' || t.id) as lane
            from unnest($3::text[], $4::text[], $5::timestamptz[]) as t (record, id, at)
            left join part p on p.connection = $1 and p.type = $2 and p.external_id = t.record
        ), filed as (
            insert into inbox (connection, lane, kind, record, hinted_at)
            select $1, lane, 'notice', record, at from hinted order by lane
            on conflict (lane, record) where state = 'pending' and kind = 'notice'
                do update set hints = inbox.hints + 1, received_at = now(),
                    hinted_at = greatest(inbox.hinted_at, excluded.hinted_at)
            returning lane
        )
        update lane set due_at = least(due_at,
            case when written_at + $6 > now() then now() + $7 else now() end)
        where key in (select lane from filed)
        returning key
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to work on; `waits`: the open creates a notice of an unknown record waits for."""

    seq: int
    kind: Literal["put", "deleted", "notice"]
    revision: int
    record: str
    body: bytes
    waits: tuple[UUID, ...] | None
    hinted_at: datetime | None
    hints: int = 1

    def event(self) -> EntityPut | EntityDeleted:
        """The event as it was filed."""
        kind = EntityPut if self.kind == "put" else EntityDeleted
        return kind.model_validate_json(self.body)


def put_of(event: EntityPut | EntityDeleted, connection: str) -> Put:
    """What the merge needs of an event."""
    applied = None if event.applied is None else event.applied.get(connection, 0)
    state = state_of(event.entity) if isinstance(event, EntityPut) else {}
    return Put(event.revision, state, applied)


async def pending(db: Connection, lanes: Sequence[str]) -> dict[str, list[Row]]:
    """Lane -> its waiting rows; notices first, they overtake puts."""
    rows = await db.fetch(
        """
        select lane, seq, kind, revision, record, body, waits, hinted_at, hints from inbox
        where lane = any($1) and state = 'pending' order by lane, kind <> 'notice', seq
        """,
        list(lanes),
    )
    found: dict[str, list[Row]] = {lane: [] for lane in lanes}
    for row in rows:
        waits = None if row["waits"] is None else tuple(row["waits"])
        found[row["lane"]].append(
            Row(
                row["seq"],
                row["kind"],
                row["revision"],
                row["record"],
                row["body"] or b"",
                waits,
                row["hinted_at"],
                row["hints"],
            )
        )
    return found


async def done(db: Connection, seqs: Sequence[int]) -> None:
    """These puts are finished."""
    await db.execute("update inbox set state = 'done' where seq = any($1)", list(seqs))


async def bury(db: Connection, lane: str, revision: int, since: datetime) -> None:
    """What was worked on is dead; a newer put or hint that has come since is not."""
    await db.execute(
        """
        update inbox set state = 'dead'
        where lane = $1 and state = 'pending'
          and case when kind = 'notice' then received_at <= $3 else revision <= $2 end
        """,
        lane,
        revision,
        since,
    )


async def noticed(db: Connection, *read: Row) -> None:
    """The records were read; a hint that came meanwhile is still to be followed."""
    await db.execute(
        """
        update inbox set state = 'done' from unnest($1::bigint[], $2::int[]) as t (seq, hints)
        where inbox.seq = t.seq and inbox.hints = t.hints
        """,
        [row.seq for row in read],
        [row.hints for row in read],
    )


async def wait_for_calls(db: Connection, seq: int, opened: Sequence[str]) -> None:
    """Remember the creates that were open when an unknown record was first looked at."""
    await db.execute(
        "update inbox set waits = $2::text[]::uuid[] where seq = $1", seq, list(opened)
    )


async def notice(
    db: Connection, connection: str, kind: EntityType, hints: Mapping[str, datetime | None]
) -> int:
    """File hints (record -> when it changed, if known); those waiting already are not doubled.

    An unknown record gets the lane it would be bound to. Returns how many are new.
    """
    records = sorted(hints)
    ids = [local_id(connection, kind, record) for record in records]
    moments = [hints[record] for record in records]
    await _make_lanes(db, connection, kind, records, ids)
    rows = await db.fetch(
        HINT,
        connection,
        str(kind),
        records,
        ids,
        moments,
        ECHOES,
        GATHER,
    )
    if rows:
        await db.execute("select pg_notify('lane', '')")
    return len(rows)


async def _make_lanes(
    db: Connection, connection: str, kind: EntityType, records: Sequence[str], ids: Sequence[str]
) -> None:
    await db.execute(
        """
        insert into lane (key, connection, type, id, marker)
        select $1 || '/' || $2 || '/' || t.id, $1, $2, t.id, t.marker
        from unnest($3::text[], $4::text[], $5::text[]) as t (record, id, marker)
        where not exists (select from part p
            where p.connection = $1 and p.type = $2 and p.external_id = t.record)
        order by t.id
        on conflict (key) do nothing
        """,
        connection,
        str(kind),
        list(records),
        list(ids),
        [marker_of(connection, kind, entity, 0) for entity in ids],
    )
