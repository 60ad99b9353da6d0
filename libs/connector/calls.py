"""Calls: writes under way, committed before they are sent, open until their outcome is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts.values import EntityType
from libs.connector.interface import Request, Verb
from libs.connector.states import SPACE
from libs.service.database import Connection


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


@dataclass(frozen=True, slots=True)
class Intent:
    """What a call meant for one lane: the put it serves and the merge's plan for it."""

    lane: str
    verb: Verb
    seq: int | None
    revision: int
    put: Mapping[str, Any]
    plan: Mapping[str, Any]


def new_key(call: UUID, turn: int = 0) -> str:
    """The idempotency key of a call; a spent one is followed by that of the next turn."""
    return str(uuid5(SPACE, f"{call}/{turn}"))


async def begin(
    db: Connection,
    connection: str,
    kind: EntityType,
    verb: Verb,
    request: Request,
    intents: Sequence[Intent],
    deadline: datetime,
) -> Call:
    """Commit to a call: it is open from now on. `deadline` is when its leases end."""
    call = uuid4()
    row = await db.fetchrow(
        """
        insert into call (id, connection, type, verb, key, method, path, params, headers, body,
            lanes, first_sent, sent_at, deadline)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now(), now(), $12)
        returning *
        """,
        call,
        connection,
        kind,
        verb,
        new_key(call),
        request.method,
        request.path,
        json.dumps(request.params),
        json.dumps(request.headers),
        request.body,
        len(intents),
        deadline,
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
    return [
        Intent(
            row["lane"],
            Verb(row["verb"]),
            row["seq"],
            row["revision"],
            json.loads(row["put"]),
            json.loads(row["plan"]),
        )
        for row in rows
    ]


async def sent_before(db: Connection, call: UUID) -> None:
    """It may have been sent by a life of this schema that was lost, nobody knows when."""
    await db.execute(
        """
        update call set first_sent = now() - interval '10 years',
            sent_at = now() - interval '10 years', left_at = now() - interval '10 years'
        where id = $1
        """,
        call,
    )


async def left(db: Connection, call: UUID, *, error: bool) -> None:
    """Its outcome is unknown: from now the lane is quiet; `error`: the key answered an error."""
    await db.execute(
        "update call set left_at = now(), errors = errors + $2 where id = $1", call, int(error)
    )


async def again(db: Connection, call: Call, deadline: datetime, key: str, *, fresh: bool) -> None:
    """It is about to be sent once more; `fresh`: with a key that has not answered yet."""
    await db.execute(
        """
        update call set sent_at = now(), left_at = null, deadline = $2, key = $3,
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


async def dissolve(db: Connection, call: Call, parts: Mapping[str, Request]) -> dict[str, UUID]:
    """A bulk call of unknown outcome becomes one open call per lane, each with its own key."""
    found = {intent.lane: intent for intent in await intents(db, call.id)}
    made = {lane: uuid4() for lane in parts}
    for lane, request in parts.items():
        await db.execute(
            """
            insert into call (id, connection, type, verb, key, method, path, params, headers, body,
                lanes, first_sent, sent_at, deadline, left_at)
            select $2, connection, type, verb, $3, $4, $5, $6, $7, $8, 1, first_sent, sent_at,
                deadline, left_at from call where id = $1
            """,
            call.id,
            made[lane],
            new_key(made[lane]),
            request.method,
            request.path,
            json.dumps(request.params),
            json.dumps(request.headers),
            request.body,
        )
        await _add_intents(db, made[lane], [found[lane]])
    await db.execute("update call set state = 'dissolved' where id = $1", call.id)
    return made


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
    )
