"""What the log no longer holds is asked of the product, which answers with ordinary puts."""

from datetime import datetime

import structlog

from contracts.messages import SnapshotRequested
from libs.connector import connections
from libs.connector.events import append, numbered
from libs.service.database import Connection

log = structlog.get_logger()


async def request(db: Connection, provider: str, connection: str, asked_at: datetime) -> None:
    """Ask for all that was made since the connection's start; `asked_at` tells one reading of the
    log from the next. What the product sends again under a revision we have is no news."""
    account = await connections.account(db, connection)
    event = SnapshotRequested(**numbered(account, provider, 1), since=account.starts_at)
    await append(db, event, f"{connection}/snapshot/{asked_at.isoformat()}")
    log.info("snapshot.requested", connection=connection, since=account.starts_at.isoformat())
