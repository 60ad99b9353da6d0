"""What the ledgers say of our records: place, balance, problems, and how far a batch has come."""

import json
from typing import TYPE_CHECKING

from contracts.messages import (
    BatchProgress,
    ConflictFound,
    EntityGone,
    EntityHeld,
    EntityRejected,
    LaneEvent,
    MappingAlert,
    Numbered,
)

if TYPE_CHECKING:
    from libs.service.database import Connection

NOTABLE = (EntityHeld, EntityRejected, EntityGone, ConflictFound, MappingAlert)


async def is_new(db: "Connection", key: str, number: int) -> bool:
    """Whether the number is above the last one seen of its key, which it then becomes."""
    return bool(
        await db.fetchval(
            """
            insert into seen as s (key, number) values ($1, $2)
            on conflict (key) do update set number = excluded.number
            where s.number < excluded.number
            returning true
            """,
            key,
            number,
        )
    )


async def note(db: "Connection", event: Numbered) -> None:
    """Keep what a person should see."""
    if isinstance(event, NOTABLE):
        await db.execute(
            "insert into notice (tenant, event, body, at) values ($1, $2, $3::jsonb, $4)",
            event.tenant,
            event.EVENT,
            event.model_dump_json(),
            event.at,
        )


async def note_place(db: "Connection", event: LaneEvent) -> None:
    """Where the record is in that ledger and what stands in its way there.

    Kept under our own id, where the connector names the record by the one it gave it.
    """
    await db.execute(
        """
        insert into place (tenant, type, id, connection, provider, state, external_ids,
            ledger_number, link, balance, status, problem, at)
        values ($1, $2, coalesce((select id from entity
            where tenant = $1 and type = $2 and origin = $3), $3),
            $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12::jsonb, $13)
        on conflict (tenant, type, id, connection) do update set
            state = excluded.state, external_ids = excluded.external_ids,
            ledger_number = excluded.ledger_number, link = excluded.link,
            balance = excluded.balance, status = excluded.status, problem = excluded.problem,
            at = excluded.at
        """,
        event.tenant,
        event.type,
        event.id,
        event.connection,
        event.provider,
        event.state,
        json.dumps([part.model_dump() for part in event.external_ids]),
        event.ledger_number,
        event.link,
        event.balance,
        event.status,
        _problem(event),
        event.at,
    )


async def note_progress(db: "Connection", progress: BatchProgress) -> None:
    """How far an invoice batch has come in one connection."""
    await db.execute(
        """
        insert into progress (tenant, connection, batch, body) values ($1, $2, $3, $4::jsonb)
        on conflict (tenant, connection, batch) do update set body = excluded.body
        """,
        progress.tenant,
        progress.connection,
        progress.batch,
        progress.model_dump_json(),
    )


def _problem(event: LaneEvent) -> str | None:
    if isinstance(event, EntityHeld | EntityRejected):
        named = {"event": event.EVENT, "reason": event.reason}
        return json.dumps({**named, "sentence": event.sentence, "action": event.action})
    if isinstance(event, ConflictFound) and event.winner is None:
        sentence = "Changed here and in the ledger: a person must decide which value stands."
        named = {"event": event.EVENT, "reason": "conflict", "sentence": sentence}
        return json.dumps({**named, "action": f"Resolve conflict {event.number}."})
    return None
