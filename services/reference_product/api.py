"""The product's HTTP API: save, delete, import, read, and what it all comes to."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field, TypeAdapter, ValidationError

from contracts.entities import Entity
from contracts.messages import BatchRef
from contracts.values import EntityType, LocalId, Model
from libs.messaging.deadletters import explain
from libs.service.app import empty, read_body
from services.reference_product import books, product, reading
from services.reference_product.books import Book
from services.reference_product.product import Overtaken
from services.reference_product.summary import summary

IMPORT_LIMIT = 64 * 1024 * 1024
ENTITY: TypeAdapter[Entity] = TypeAdapter(Entity)


class Saved(Model):
    """A whole entity as its user saves it."""

    tenant: LocalId = "demo"
    entity: Entity
    batch: BatchRef | None = None
    expected: Annotated[
        int | None, Field(description="The revision the user saw; 409 where it is another by now.")
    ] = None


async def transaction(request: Request) -> AsyncIterator[Any]:
    """One transaction per request, on the application's pool."""
    async with request.app.state.pool.acquire() as db, db.transaction():
        yield db


Tenant = Annotated[LocalId, Query(description="Whose books.")]
# Committed before the answer leaves, not after it.
Db = Annotated[Any, Depends(transaction, scope="function")]


def api() -> APIRouter:
    """The routes."""
    router = APIRouter()
    router.post("/entities", status_code=201)(save)
    router.post("/imports", status_code=201)(take_file)
    router.get("/entities")(several)
    router.get("/entities/{type}/{id:path}")(one)
    router.delete("/entities/{type}/{id:path}", status_code=204)(delete)
    router.get("/summary")(sums)
    router.get("/notices")(notices)
    router.get("/batches")(batches)
    return router


async def save(saved: Saved, db: Db) -> dict[str, Any]:
    """Create or edit a whole entity; its next revision is published."""
    try:
        book = await product.save(
            db,
            saved.tenant,
            saved.entity,
            now=datetime.now(UTC),
            batch=saved.batch,
            expected=saved.expected,
        )
    except Overtaken as error:
        raise HTTPException(409, str(error)) from None
    return _named(book)


async def take_file(
    request: Request, db: Db, tenant: Tenant = "demo", batch: LocalId | None = None
) -> dict[str, Any]:
    """NDJSON, an entity per line: all of them, or none where a line is wrong (422)."""
    now = datetime.now(UTC)
    reference = BatchRef(id=batch, made_at=now) if batch else None
    entities = _entities(await read_body(request, IMPORT_LIMIT))
    kept = [await product.save(db, tenant, entity, now=now, batch=reference) for entity in entities]
    return {"saved": len(kept), "entities": [_named(book) for book in kept]}


async def one(type: EntityType, id: str, db: Db, tenant: Tenant = "demo") -> dict[str, Any]:  # noqa: A002
    """An entity, its revision, and where it is in each ledger."""
    book = await books.load(db, tenant, type, id)
    if book is None or book.state is None:
        raise HTTPException(404, f"There is no {type} {id}.")
    return {
        **_named(book),
        "entity": book.state,
        "made_at": book.made_at,
        "applied": book.applied,
        "origin": book.origin,
        "batch": book.batch,
        "ledgers": await reading.places(db, tenant, type, book.id),
    }


async def several(
    db: Db,
    type: EntityType,  # noqa: A002
    tenant: Tenant = "demo",
    after: Annotated[str, Query(description="The id the last page ended with.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Entities of one type in the order of their ids, a page at a time."""
    found = await reading.page(db, tenant, type, after, limit)
    return {"entities": [{**_named(book), "entity": book.state} for book in found]}


async def delete(type: EntityType, id: str, db: Db, tenant: Tenant = "demo") -> Response:  # noqa: A002
    """Delete an entity; its deletion is published as the next revision."""
    if await product.delete(db, tenant, type, id) is None:
        raise HTTPException(404, f"There is no {type} {id}.")
    return empty(204)


async def sums(
    db: Db,
    tenant: Tenant = "demo",
    connection: Annotated[
        LocalId | None, Query(description="Only what that connection has told of.")
    ] = None,
) -> dict[str, Any]:
    """Count, net, tax, gross and balance per type and currency."""
    return {
        "tenant": tenant,
        "sums": [asdict(row) for row in await summary(db, tenant, connection)],
    }


async def notices(
    db: Db, tenant: Tenant = "demo", limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, Any]:
    """Holds, rejections, conflicts, deletions and alerts, the newest first."""
    return {"notices": await reading.notices(db, tenant, limit)}


async def batches(db: Db, tenant: Tenant = "demo") -> dict[str, Any]:
    """How far each invoice batch has come in each connection."""
    return {"batches": await reading.batches(db, tenant)}


def _named(book: Book) -> dict[str, Any]:
    return {"type": book.type, "id": book.id, "revision": book.revision}


def _entities(body: bytes) -> list[Entity]:
    found: list[Entity] = []
    for number, line in enumerate(body.splitlines(), start=1):
        try:
            if line.strip():
                found.append(ENTITY.validate_json(line))
        except ValidationError as error:
            raise HTTPException(422, f"line {number}: {explain(error)[0]}") from None
    return found
