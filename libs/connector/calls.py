"""Calls: writes under way, committed before they are sent, open until their outcome is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts.values import EntityType
from libs.connector.interface import Request, Verb
from libs.connector.states import SPACE
from libs.service.database import Connection

BEGIN = """
        insert into call (id, connection, type, verb, key, method, path, params, headers, body,
            lanes, first_sent, sent_at, left_at, deadline)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() - $13::interval,
            now() - $13::interval, case when $14 then now() - $13::interval end, $12)
        returning *
"""
LONG_AGO = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Call:
    """A write as it was committed; times are the database's."""

    id: UUID
    connection: str
    type: EntityType
    verb: Verb
    key: str
    request: Request
    lanes: int
    first_sent: datetime
    sent_at: datetime
    deadline: datetime
    left_at: datetime | None
    errors: int
    looked: bool

    @property
    def repeats(self) -> bool:
        """It was sent before: what the first send did is still unknown."""
        return self.sent_at > self.first_sent


@dataclass(frozen=True, slots=True)
class Intent:
    """What a call meant for one lane: the put it serves and the merge's plan for it."""

    lane: str
    verb: Verb
    seq: int | None
    revision: int
    put: Mapping[str, Any]
    plan: Mapping[str, Any]
    known: str = ""
    """The record that an answer named which came too late."""


def next_key(key: UUID | str) -> str:
    """The idempotency key of a call, from its id; that which follows a spent one, from that."""
    return str(uuid5(SPACE, str(key)))


async def begin(
    db: Connection,
    connection: str,
    kind: EntityType,
    verb: Verb,
    request: Request,
    intents: Sequence[Intent],
    deadline: datetime,
    *,
    before: bool = False,
) -> Call:
    """Commit to a call: it is open from now on. `deadline` is when its leases end.

    `before`: it may have been sent by a life of this schema that was lost, nobody knows when.
    """
    call = uuid4()
    row = await db.fetchrow(
        BEGIN,
        call,
        connection,
        kind,
        verb,
        next_key(call),
        request.method,
        request.path,
        json.dumps(request.params),
        json.dumps(request.headers),
        request.body,
        len(intents),
        deadline,
        LONG_AGO if before else timedelta(),
        before,
    )
    assert row is not None
    await _add_intents(db, call, intents)
    return _call(row)


async def _add_intents(db: Connection, call: UUID, intents: Sequence[Intent]) -> None:
    await db.executemany(
        """
        insert into intent (call, lane, position, verb, seq, revision, put, plan)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [
            (call, i.lane, n, i.verb, i.seq, i.revision, json.dumps(i.put), json.dumps(i.plan))
            for n, i in enumerate(intents)
        ],
    )
    await db.execute(
        "update lane set call = $1 where key = any($2)", call, [i.lane for i in intents]
    )


async def load(db: Connection, call: UUID) -> Call:
    """A call; raises LookupError where there is none."""
    row = await db.fetchrow("select * from call where id = $1", call)
    if row is None:
        raise LookupError(str(call))
    return _call(row)


async def intents(db: Connection, call: UUID) -> list[Intent]:
    """What a call meant, in the order of its elements."""
    rows = await db.fetch("select * from intent where call = $1 order by position", call)
    return [_intent(row) for row in rows]


def _intent(row: Any) -> Intent:
    put, plan = json.loads(row["put"]), json.loads(row["plan"])
    verb, known = Verb(row["verb"]), row["known"] or ""
    return Intent(row["lane"], verb, row["seq"], row["revision"], put, plan, known)


async def left(db: Connection, call: Call, *, error: bool) -> None:
    """Its outcome is unknown: from now the lane is quiet; `error`: the key answered an error.

    Only the sender of the newest send may say so.
    """
    await db.execute(
        """
        update call set left_at = now(), errors = errors + $2
        where id = $1 and sent_at = $3 and state = 'open'
        """,
        call.id,
        int(error),
        call.sent_at,
    )


async def remember(db: Connection, call: UUID, lane: str, record: str) -> None:
    """An answer named this record, but came too late to be settled: a fact all the same."""
    await db.execute(
        """
        update intent set known = $3 where lane = $2
          and call in ($1, (select l.call from lane l where l.key = $2))
        """,
        call,
        lane,
        record,
    )


async def again(db: Connection, call: Call, deadline: datetime, key: str, *, fresh: bool) -> None:
    """It is about to be sent once more; `fresh`: with a key that has not answered yet."""
    await db.execute(
        """
        update call set sent_at = now(), left_at = null, looked = false, deadline = $2, key = $3,
            errors = case when $4 then 0 else errors end where id = $1
        """,
        call.id,
        deadline,
        key,
        fresh,
    )


async def close(db: Connection, call: UUID, outcome: str) -> None:
    """The last lane of the call has settled it."""
    await db.execute(
        """
        update call set state = 'closed', outcome = $2
        where id = $1 and not exists (select from lane where lane.call = $1)
        """,
        call,
        outcome,
    )


async def dissolve(db: Connection, call: Call, parts: Mapping[str, Request]) -> None:
    """A bulk call of unknown outcome becomes one open call per lane, each with its own key."""
    found = {intent.lane: intent for intent in await intents(db, call.id)}
    for lane, request in parts.items():
        part = uuid5(SPACE, f"{call.id}/{lane}")
        await db.execute(
            """
            insert into call (id, connection, type, verb, key, method, path, params, headers, body,
                lanes, first_sent, sent_at, deadline, left_at)
            select $2, connection, type, verb, $3, $4, $5, $6, $7, $8, 1, first_sent, sent_at,
                deadline, left_at from call where id = $1
            """,
            call.id,
            part,
            next_key(part),
            request.method,
            request.path,
            json.dumps(request.params),
            json.dumps(request.headers),
            request.body,
        )
        await _add_intents(db, part, [found[lane]])
        await db.execute(
            "update intent set known = $3 where call = $1 and lane = $2",
            part,
            lane,
            found[lane].known or None,
        )
    await db.execute("update call set state = 'dissolved' where id = $1", call.id)


def _call(row: Any) -> Call:
    request = Request(
        row["method"],
        row["path"],
        tuple((k, v) for k, v in json.loads(row["params"])),
        row["body"],
        tuple((k, v) for k, v in json.loads(row["headers"])),
    )
    return Call(
        row["id"],
        row["connection"],
        EntityType(row["type"]),
        Verb(row["verb"]),
        row["key"],
        request,
        row["lanes"],
        row["first_sent"],
        row["sent_at"],
        row["deadline"],
        row["left_at"],
        row["errors"],
        row["looked"],
    )
