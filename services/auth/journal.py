"""What auth publishes, written down first: a Kafka outage loses nothing."""

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.messages import Connection as Message
from contracts.topics import CONNECTIONS
from libs.messaging.cloudevents import headers

if TYPE_CHECKING:
    from libs.service.database import Connection

NAMESPACE = uuid.UUID("c2b7c1a4-7f43-5b0e-9a6d-2f1e8d9c3b50")
WRITE = """
with written as (insert into journal (topic, key, headers, value) values ($1, $2, $3, $4))
select pg_notify('journal', '')
"""


async def write(db: "Connection", changed: Message) -> None:
    """Journal the whole connection in the transaction that changed it."""
    envelope = headers(
        changed,
        source="auth",
        id=str(uuid.uuid5(NAMESPACE, f"{changed.id}/{changed.version}")),
        time=datetime.now(UTC),
        tenant=changed.tenant,
        connection=changed.id,
        provider=changed.provider,
    )
    named = json.dumps({name: value.decode() for name, value in envelope})
    body = changed.model_dump_json().encode()
    await db.execute(WRITE, CONNECTIONS.name, changed.id, named, body)
