"""Filing a batch of records in one transaction, so that one bad record never stops the rest."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import structlog

if TYPE_CHECKING:
    from libs.service.database import Connection

T = TypeVar("T")
File = Callable[[Sequence[T]], Awaitable[object]]
Bury = Callable[[T, asyncpg.PostgresError], Awaitable[object]]

# SQLSTATE classes 22 and 23: what PostgreSQL refuses for its content, now and the next time.
# 54000 is a value too long for an index.
REFUSALS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Received:
    """How many records were filed and how many went to the dead letters."""

    filed: int = 0
    buried: int = 0

    def __add__(self, other: "Received") -> "Received":
        return Received(self.filed + other.filed, self.buried + other.buried)


async def receive(
    connection: "Connection", records: Sequence[T], file: File[T], bury: Bury[T]
) -> Received:
    """File all records in one transaction; commit; only then may the offset be committed.

    `file` writes several records by this connection. Where PostgreSQL refuses them for their
    content, they are halved down to the record, which `bury` takes with the error, all in one
    transaction again. `bury` must not be refused itself. Any other error is raised and nothing is
    kept.
    """
    if not records:
        return Received()
    try:
        async with connection.transaction():
            await file(records)
    except REFUSALS as refusal:
        async with connection.transaction():
            return await _halve(connection, records, file, bury, refusal)
    return Received(filed=len(records))


async def _file(
    connection: "Connection", records: Sequence[T], file: File[T], bury: Bury[T]
) -> Received:
    if not records:
        return Received()
    try:
        async with connection.transaction():
            await file(records)
    except REFUSALS as refusal:
        return await _halve(connection, records, file, bury, refusal)
    return Received(filed=len(records))


async def _halve(
    connection: "Connection",
    records: Sequence[T],
    file: File[T],
    bury: Bury[T],
    refusal: asyncpg.PostgresError,
) -> Received:
    if len(records) == 1:
        log.warning("record.buried", sqlstate=refusal.sqlstate)
        await bury(records[0], refusal)
        return Received(buried=1)
    middle = len(records) // 2
    first = await _file(connection, records[:middle], file, bury)
    return first + await _file(connection, records[middle:], file, bury)
