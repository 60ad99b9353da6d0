"""The books in PostgreSQL: one row per entity, its newest revision."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from contracts.entities import Entity
from contracts.messages import BatchRef
from contracts.values import EntityType
from services.reference_product.rules import Reference, State

if TYPE_CHECKING:
    import asyncpg

    from libs.service.database import Connection

COLUMNS = """
tenant, type, id, revision, made_at, state::text as state, applied::text as applied, origin,
batch::text as batch
"""


@dataclass(frozen=True, slots=True)
class Book:
    """An entity; `state` is None once it is deleted. Revision 0: not in the books yet."""

    tenant: str
    type: EntityType
    id: str
    made_at: datetime
    revision: int = 0
    state: State | None = None
    applied: Mapping[str, int] = field(default_factory=dict)
    origin: str | None = None
    batch: State | None = None

    @classmethod
    def of(cls, row: "asyncpg.Record") -> Self:
        parsed = {name: _parsed(row[name]) for name in ("state", "applied", "batch")}
        return cls(**{**dict(row), **parsed, "type": EntityType(row["type"])})

    def next(self, state: State | None, **changes: Any) -> "Book":
        """The next revision."""
        return replace(self, revision=self.revision + 1, state=state, **changes)


def state_of(entity: Entity) -> State:
    """The entity as it is kept: every field, money as text."""
    state: State = entity.model_dump(mode="json")
    return state


def batch_of(batch: BatchRef | None) -> State | None:
    """The invoice batch as it is kept."""
    return batch.model_dump(mode="json") if batch else None


async def load(db: "Connection", tenant: str, kind: EntityType, entity: str) -> Book | None:
    """The entity by our id or by the connector's; locked until the transaction ends."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS} from entity
        where tenant = $1 and type = $2 and (id = $3 or origin = $3)
        order by (id = $3) desc limit 1 for update
        """,
        tenant,
        kind,
        entity,
    )
    return Book.of(row) if row else None


async def several(db: "Connection", tenant: str, wanted: Collection[Reference]) -> list[Book]:
    """Those of `wanted` that are in the books and not deleted, sorted."""
    rows = await db.fetch(
        f"""
        select {COLUMNS} from entity
        where tenant = $1 and state is not null
            and (type, id) in (select * from unnest($2::text[], $3::text[]))
        order by type, id
        """,
        tenant,
        [kind for kind, _ in wanted],
        [entity for _, entity in wanted],
    )
    return [Book.of(row) for row in rows]


async def names(
    db: "Connection", tenant: str, wanted: Collection[Reference]
) -> dict[Reference, str]:
    """Our ids of those of `wanted` that are ids a connector gave."""
    rows = await db.fetch(
        """
        select type, origin, id from entity
        where tenant = $1 and (type, origin) in (select * from unnest($2::text[], $3::text[]))
        """,
        tenant,
        [kind for kind, _ in wanted],
        [entity for _, entity in wanted],
    )
    return {(EntityType(row["type"]), row["origin"]): row["id"] for row in rows}


async def made_since(db: "Connection", tenant: str, since: datetime) -> list[Book]:
    """What of a tenant was made since, what others refer to first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS} from entity
        where tenant = $1 and made_at >= $2 and state is not null
        order by array_position($3::text[], type), made_at, id
        """,
        tenant,
        since,
        list(EntityType),
    )
    return [Book.of(row) for row in rows]


async def save(db: "Connection", book: Book) -> bool:
    """Keep a revision; False where the books have it already, or a newer one."""
    saved = await db.fetchval(
        """
        insert into entity as e
            (tenant, type, id, revision, made_at, state, applied, origin, batch)
        values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9::jsonb)
        on conflict (tenant, type, id) do update set
            revision = excluded.revision, made_at = excluded.made_at, state = excluded.state,
            applied = excluded.applied, origin = coalesce(excluded.origin, e.origin),
            batch = coalesce(excluded.batch, e.batch)
        where e.revision < excluded.revision
        returning true
        """,
        book.tenant,
        book.type,
        book.id,
        book.revision,
        book.made_at,
        _text(book.state),
        _text(book.applied),
        book.origin,
        _text(book.batch),
    )
    return bool(saved)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
