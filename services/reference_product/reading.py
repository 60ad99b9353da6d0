"""What the HTTP API shows of the books."""

import json
from typing import TYPE_CHECKING, Any

from contracts.values import EntityType
from services.reference_product.books import COLUMNS, Book

if TYPE_CHECKING:
    from libs.service.database import Connection


async def page(
    db: "Connection", tenant: str, kind: EntityType, after: str, limit: int
) -> list[Book]:
    """Entities that are not deleted, by id."""
    rows = await db.fetch(
        f"""
        select {COLUMNS} from entity
        where tenant = $1 and type = $2 and id > $3 and state is not null
        order by id limit $4
        """,
        tenant,
        kind,
        after,
        limit,
    )
    return [Book.of(row) for row in rows]


async def places(
    db: "Connection", tenant: str, kind: EntityType, entity: str
) -> list[dict[str, Any]]:
    """Where an entity is in each ledger."""
    rows = await db.fetch(
        """
        select connection, provider, state, external_ids::text as external_ids, ledger_number,
            link, balance, status, problem::text as problem, at
        from place where tenant = $1 and type = $2 and id = $3 order by connection
        """,
        tenant,
        kind,
        entity,
    )
    return [
        {**dict(row), **{name: _parsed(row[name]) for name in ("external_ids", "problem")}}
        for row in rows
    ]


async def notices(db: "Connection", tenant: str, limit: int) -> list[Any]:
    """The newest notices, each the event's data and its type."""
    rows = await db.fetch(
        """
        select event, body::text as body from notice
        where tenant = $1 order by seq desc limit $2
        """,
        tenant,
        limit,
    )
    return [{"event": row["event"], **json.loads(row["body"])} for row in rows]


async def batches(db: "Connection", tenant: str) -> list[Any]:
    """The last progress of each invoice batch in each connection."""
    rows = await db.fetch(
        "select body::text as body from progress where tenant = $1 order by batch, connection",
        tenant,
    )
    return [json.loads(row["body"]) for row in rows]


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
