"""Folds both topics into the books: puts of whoever writes them, and what the ledgers answer.

Records come at least once and in any order between the topics: a put counts by its revision, an
event of a connector by the number of its key. What cannot be read goes to the dead letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from contracts.messages import (
    ALL,
    BatchProgress,
    EntityChanged,
    EntityDeleted,
    EntityPut,
    Included,
    LaneEvent,
    Message,
    Numbered,
    SnapshotRequested,
)
from libs.messaging import deadletters, inbox
from libs.messaging.cloudevents import BadEnvelope, Envelope
from libs.messaging.record import Record
from libs.messaging.topics import Names
from services.reference_product import books, ledgers, outbox, product
from services.reference_product.books import Book, batch_of, state_of
from services.reference_product.product import Taker
from services.reference_product.settings import SCHEMA

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Folding:
    """The consumer of both topics."""

    pool: "Pool"
    names: Names
    taker: Taker

    async def fold(self, records: Sequence[Record]) -> None:
        """One batch in one transaction; PostgreSQL's refusals are buried one by one."""
        async with self.pool.acquire() as db:
            await inbox.receive(
                db,
                records,
                lambda some: self._file(db, some),
                lambda record, error: self._bury(
                    db, record, "refused", f"PostgreSQL refused it: {type(error).__name__}."
                ),
            )

    async def _file(self, db: "Connection", records: Sequence[Record]) -> None:
        for record in records:
            try:
                message = _message(record)
            except BadEnvelope as error:
                await self._bury(db, record, "envelope", str(error))
            except ValidationError as error:
                await self._bury(db, record, "schema", *deadletters.explain(error))
            else:
                await self._fold(db, message, (record.key or b"").decode())

    async def _fold(self, db: "Connection", message: Message | None, key: str) -> None:
        if isinstance(message, EntityPut):
            await self._fold_put(db, message)
        elif isinstance(message, EntityDeleted):
            await self._fold_deleted(db, message)
        elif isinstance(message, Numbered) and await ledgers.is_new(db, key, message.number):
            await self._fold_event(db, message)

    async def _fold_put(self, db: "Connection", put: EntityPut) -> None:
        first = replace(
            _book(put.tenant, put), applied=put.applied or {}, batch=batch_of(put.batch)
        )
        for book in (first, *(_book(put.tenant, included) for included in put.included)):
            await books.save(db, book)
            await self.taker.take_waiting(db, book)

    async def _fold_deleted(self, db: "Connection", deleted: EntityDeleted) -> None:
        known = await books.load(db, deleted.tenant, deleted.type, deleted.id)
        book = Book(
            deleted.tenant,
            deleted.type,
            known.id if known else deleted.id,
            known.made_at if known else datetime.now(UTC),
            deleted.revision,
            applied=deleted.applied or {},
            origin=deleted.origin,
        )
        await books.save(db, book)
        await self.taker.take_waiting(db, book)

    async def _fold_event(self, db: "Connection", event: Numbered) -> None:
        await ledgers.note(db, event)
        if isinstance(event, LaneEvent):
            await ledgers.note_place(db, event)
        if isinstance(event, EntityChanged):
            await self.taker.take(db, event)
        elif isinstance(event, SnapshotRequested):
            found = await books.made_since(db, event.tenant, event.since)
            log.info("snapshot.answered", tenant=event.tenant, entities=len(found))
            await product.snapshot(db, found)
        elif isinstance(event, BatchProgress):
            await ledgers.note_progress(db, event)

    async def _bury(
        self, db: "Connection", record: Record, reason: str, sentence: str, action: str = ""
    ) -> None:
        letter = deadletters.dead_letter(
            record, self.names, consumer=SCHEMA, reason=reason, sentence=sentence, action=action
        )
        log.warning("record.buried", reason=reason, sentence=sentence)
        now = datetime.now(UTC)
        await outbox.write(db, deadletters.outgoing(letter, source=outbox.SOURCE, time=now))


def _message(record: Record) -> Message | None:
    """None for what is not ours to read: tombstones, and events of a later version."""
    kind = ALL.get(Envelope.of(record.headers).type)
    if kind is None or record.value is None:
        return None
    return kind.model_validate_json(record.value)


def _book(tenant: str, said: EntityPut | Included) -> Book:
    return Book(
        tenant,
        said.entity.type,
        said.entity.id,
        said.made_at,
        said.revision,
        state_of(said.entity),
        origin=said.origin,
    )
