"""The product's own acts: its user saves or deletes, and an event of a ledger is taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from contracts.entities import Bill, Entity, PurchaseOrder
from contracts.messages import BatchRef, EntityChanged
from contracts.values import EntityType
from services.reference_product import books, outbox
from services.reference_product.books import Book, batch_of, state_of
from services.reference_product.rules import (
    State,
    Verdict,
    own_id,
    references,
    renamed,
    verdict,
)

if TYPE_CHECKING:
    from libs.service.database import Connection

log = structlog.get_logger()


class Overtaken(Exception):
    """Somebody else saved the same entity meanwhile: look again."""


async def save(
    db: "Connection",
    tenant: str,
    entity: Entity,
    *,
    now: datetime,
    batch: BatchRef | None = None,
    expected: int | None = None,
) -> Book:
    """A user saves the whole entity; raises Overtaken where its revision is not `expected`."""
    book = await books.load(db, tenant, entity.type, entity.id)
    book = book or Book(tenant, entity.type, entity.id, now)
    if expected is not None and expected != book.revision:
        raise Overtaken(f"{entity.type} {entity.id} has revision {book.revision} by now.")
    if isinstance(entity, Bill | PurchaseOrder):
        await _supplies(db, tenant, entity.supplier)
    state = {**state_of(entity), "id": book.id}
    return await _keep(db, book.next(state, batch=batch_of(batch) or book.batch))


async def _supplies(db: "Connection", tenant: str, contact: str) -> None:
    """Whoever is ordered from is a supplier from now on, whatever else he is."""
    book = await books.load(db, tenant, EntityType.CONTACT, contact)
    if book and book.state and not book.state["supplier"]:
        await _keep(db, book.next({**book.state, "supplier": True}))


async def delete(db: "Connection", tenant: str, kind: EntityType, entity: str) -> Book | None:
    """A user deletes it; None where there is nothing to delete."""
    book = await books.load(db, tenant, kind, entity)
    if book is None or book.state is None:
        return None
    return await _keep(db, book.next(None))


async def snapshot(db: "Connection", found: Sequence[Book]) -> None:
    """Publish them as they are, their revisions unchanged."""
    for book in found:
        await outbox.publish(db, book)


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes events of ledgers in, each whole or not at all."""

    own_ids: bool

    async def take(self, db: "Connection", event: EntityChanged) -> None:
        """Take it, leave it, or keep it until the revision it is built on has come."""
        book = await books.load(db, event.tenant, event.type, event.id)
        newest = book.revision if book else 0
        ruling = verdict(event.revision, newest)
        log.info("change.judged", id=event.id, number=event.number, verdict=ruling.name)
        if ruling is Verdict.TAKE:
            await self._take(db, book or self._unknown(event), event)
        elif ruling is Verdict.WAIT:
            await _keep_early(db, book.id if book else event.id, event)

    async def take_waiting(self, db: "Connection", book: Book) -> None:
        """What waited for this revision, in the order of its numbers."""
        rows = await db.fetch(
            """
            delete from early
            where tenant = $1 and type = $2 and id in ($3, $4) and revision <= $5
            returning number, body
            """,
            book.tenant,
            book.type,
            book.id,
            book.origin or book.id,
            book.revision,
        )
        for row in sorted(rows, key=lambda row: row["number"]):
            await self.take(db, EntityChanged.model_validate_json(row["body"]))

    def _unknown(self, event: EntityChanged) -> Book:
        """A record first seen in a ledger: it keeps the connector's id, or gets one of ours."""
        if not self.own_ids:
            return Book(event.tenant, event.type, event.id, event.at)
        local = own_id(event.tenant, event.type, event.id)
        return Book(event.tenant, event.type, local, event.at, origin=event.id)

    async def _take(self, db: "Connection", book: Book, event: EntityChanged) -> None:
        state = await _ours(db, book, event.after)
        applied = {**book.applied, event.connection: event.number}
        await _keep(db, book.next(state, applied=applied))


async def _keep(db: "Connection", book: Book) -> Book:
    if not await books.save(db, book):
        raise Overtaken(f"{book.type} {book.id} has been saved by somebody else.")
    await outbox.publish(db, book)
    return book


async def _ours(db: "Connection", book: Book, entity: Entity | None) -> State | None:
    """What the event shows, with our ids in place of those a connector gave."""
    if entity is None:
        return None
    state = state_of(entity)
    names = await books.names(db, book.tenant, references(state))
    return renamed({**state, "id": book.id}, lambda kind, key: names.get((kind, key), key))


async def _keep_early(db: "Connection", local: str, event: EntityChanged) -> None:
    await db.execute(
        """
        insert into early (tenant, type, id, connection, number, revision, body)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
        """,
        event.tenant,
        event.type,
        local,
        event.connection,
        event.number,
        event.revision,
        event.model_dump_json().encode(),
    )
