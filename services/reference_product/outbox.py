"""Publishing a revision: written to the journal in the transaction that makes it."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contracts.entities import ON_DEMAND
from contracts.messages import EntityDeleted, EntityPut
from contracts.topics import INVOICING_EVENTS, event_key
from libs.messaging.cloudevents import headers
from libs.messaging.publisher import Outgoing
from libs.messaging.relay import CHANNEL
from services.reference_product import books
from services.reference_product.books import Book
from services.reference_product.rules import references

if TYPE_CHECKING:
    from libs.service.database import Connection

SOURCE = "/reference_product"
IDS = uuid.UUID("9d0f5f0c-9c2c-5f6e-8e63-0a3a5c7a1b02")


async def publish(db: "Connection", book: Book) -> None:
    """The entity as it is now: a put, or its deletion; the same revision is the same event."""
    message = await _put(db, book) if book.state is not None else _deleted(book)
    key = event_key(book.tenant, book.type, book.id)
    envelope = headers(
        message,
        source=SOURCE,
        id=str(uuid.uuid5(IDS, f"{key} {book.revision}")),
        time=datetime.now(UTC),
        tenant=book.tenant,
    )
    body = message.model_dump_json().encode()
    await write(db, Outgoing(INVOICING_EVENTS.name, key, body, tuple(envelope)))


async def write(db: "Connection", message: Outgoing) -> None:
    """A message that leaves once the transaction is committed."""
    await db.execute(
        "insert into journal (topic, key, headers, value) values ($1, $2, $3::jsonb, $4)",
        message.topic,
        message.key,
        json.dumps({name: value.decode() for name, value in message.headers}),
        message.value,
    )
    await db.execute("select pg_notify($1, '')", CHANNEL)


async def _put(db: "Connection", book: Book) -> EntityPut:
    assert book.state is not None
    wanted = {found for found in references(book.state) if found[0] in ON_DEMAND}
    included = await books.several(db, book.tenant, wanted) if "lines" in book.state else []
    return EntityPut.model_validate_json(
        json.dumps(
            {
                "tenant": book.tenant,
                "applied": book.applied,
                "batch": book.batch,
                "included": [_snapshot(one) for one in included],
                **_snapshot(book),
            }
        )
    )


def _snapshot(book: Book) -> Mapping[str, Any]:
    return {
        "revision": book.revision,
        "made_at": book.made_at.isoformat(),
        "entity": book.state,
        "origin": book.origin,
    }


def _deleted(book: Book) -> EntityDeleted:
    return EntityDeleted(
        tenant=book.tenant,
        type=book.type,
        id=book.id,
        revision=book.revision,
        applied=dict(book.applied),
        origin=book.origin,
    )
