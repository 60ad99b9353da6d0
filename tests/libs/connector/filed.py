"""What tests of the kernel's tables share: connections, records of the log, filed puts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.entities import Entity
from contracts.messages import BatchClosed, EntityDeleted, EntityPut
from contracts.messages import Connection as ConnectionMessage
from libs.connector import connections, filing, lanes
from libs.connector.filing import Burial
from libs.connector.interface import Company
from libs.connector.lane import Lane
from libs.messaging.cloudevents import headers
from libs.service.database import Connection
from libs.testing.builders import contact

START = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)
LEASE = timedelta(minutes=2)
COMPANY = Company(id="company", name="Company", currency="GBP")
Event = EntityPut | EntityDeleted | BatchClosed


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as a consumer hands it on."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    topic: str = "invoicing.events.v1"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = field(default=b"key")


def sent(event: Event, *, value: bytes | None = None, tenant: str | None = None) -> Sent:
    """An event on the log; `value`: other bytes than its own."""
    named = headers(event, source="product", id="1", time=LATER, tenant=tenant or event.tenant)
    return Sent(event.model_dump_json().encode() if value is None else value, named)


def put(entity: Entity | None = None, revision: int = 1, **fields: Any) -> EntityPut:
    """A put of contact c1, unless another entity is named."""
    default = {"tenant": "t1", "made_at": LATER, "entity": entity or contact("c1")}
    return EntityPut.model_validate({**default, "revision": revision, **fields})


async def open_connection(
    db: Connection, connection: str = "x1", tenant: str = "t1", **fields: Any
) -> None:
    """An open connection whose company has been described."""
    default = {
        "id": connection,
        "tenant": tenant,
        "provider": "acme",
        "company": f"company-{connection}",
        "company_name": "Company",
        "state": "open",
        "opened_at": START,
        "starts_at": START,
        "version": 1,
    }
    await connections.fold(db, ConnectionMessage.model_validate({**default, **fields}))
    await connections.described(db, connection, COMPANY)


async def file(db: Connection, *events: EntityPut | Sent, **options: Any) -> list[Burial]:
    """File these in one transaction."""
    records = [event if isinstance(event, Sent) else sent(event) for event in events]
    async with db.transaction():
        return await filing.file(db, records, **options)


async def claim(db: Connection, many: int = 50, lease: timedelta = LEASE) -> list[Lane]:
    """Claim as a worker does."""
    async with db.transaction():
        return await lanes.claim(db, lease, many)


async def pending(db: Connection) -> list[tuple[str, int]]:
    """Lane and revision of the puts that wait."""
    rows = await db.fetch(
        "select lane, revision from inbox where state = 'pending' and kind <> 'notice' order by seq"
    )
    return [(row["lane"], row["revision"]) for row in rows]


async def lane(db: Connection, key: str) -> dict[str, Any]:
    """A lane's row as it stands."""
    row = await db.fetchrow("select * from lane where key = $1", key)
    assert row, key
    return dict(row)
