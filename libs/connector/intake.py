"""What arrives on the topics: each handler files in one transaction, and nothing more."""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import asyncpg
import structlog
from pydantic import ValidationError

from contracts.messages import COMMANDS, Command, Message
from contracts.messages import Connection as ConnectionMessage
from libs.connector import commands, connections, filing, reread, rows
from libs.connector.errors import SyncError
from libs.connector.filing import Burial
from libs.connector.interface import Notifies
from libs.connector.kernel import Kernel
from libs.messaging.cloudevents import BadEnvelope, Envelope
from libs.messaging.deadletters import dead_letter, explain, outgoing
from libs.messaging.inbox import receive
from libs.messaging.record import Record
from libs.messaging.topics import Names
from libs.service.database import Connection

ORDERS: dict[str, type[Command]] = {command.EVENT: command for command in COMMANDS}

NOTHING_LOST = "Nothing needs doing: the next sweep reads what has changed there."
UNREADABLE = (SyncError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError)

M = TypeVar("M", bound=Message)
File = Callable[[Connection, Record], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intake:
    """The consumers of one connector service."""

    kernel: Kernel
    names: Names

    @property
    def service(self) -> str:
        return f"connectors.{self.kernel.provider.id}"

    async def events(self, records: Sequence[Record]) -> None:
        """Events of the invoicing product."""
        async with self.kernel.pool.acquire() as db:
            await self.file(db, records)

    async def file(
        self,
        db: Connection,
        records: Sequence[Record],
        *,
        only: Collection[str] | None = None,
        again: bool = False,
    ) -> None:
        """File a batch; `only`: for these connections, `again`: it is read from the log again."""

        async def all_of(some: Sequence[Record]) -> None:
            for burial in await filing.file(db, some, only=only, reread=again):
                await self.bury(db, burial)

        await receive(db, records, all_of, partial(self._unstorable, db))

    async def _each(self, records: Sequence[Record], file: File) -> None:
        """Each in a transaction of its own; what cannot be stored is buried and stops nothing."""
        for record in records:
            async with self.kernel.pool.acquire() as db:
                bury = partial(self._unstorable, db)
                await receive(db, [record], partial(_all, file, db), bury)

    async def _unstorable(
        self, db: Connection, record: Record, error: asyncpg.PostgresError
    ) -> None:
        sentence = f"It cannot be stored: {error.sqlstate} {type(error).__name__}."
        await self.bury(db, Burial(record, "unstorable", sentence, "Correct and send it again."))

    async def connections(self, records: Sequence[Record]) -> None:
        """auth's topic: what is opened or moved has the log read again."""
        await self._each(records, self._connection)

    async def _connection(self, db: Connection, record: Record) -> None:
        message = await self._message(db, record, ConnectionMessage) if record.value else None
        if message is None or message.provider != self.kernel.provider.id:
            return
        if await connections.fold(db, message):
            await reread.ask(db, message.id)
        self.kernel.sessions.credentials.forget(message.id)
        log.info("connection.folded", connection=message.id, state=message.state)

    async def webhooks(self, records: Sequence[Record]) -> None:
        """Hints of the provider, one body per company."""
        await self._each(records, self._hints)

    async def _hints(self, db: Connection, record: Record) -> None:
        connector = self.kernel.connector
        assert isinstance(connector, Notifies)
        company = (record.key or b"").decode(errors="replace")
        try:
            hints = connector.notices(record.value or b"", company)
            hints = [hint for hint in hints if hint.record.isprintable()]
        except UNREADABLE as error:
            reason = error.reason if isinstance(error, SyncError) else "body"
            sentence = f"The webhook's body is not one of {self.kernel.provider.name}'s."
            await self.bury(db, Burial(record, reason, sentence, NOTHING_LOST))
            return
        for connection in await connections.of_company(db, company):
            for kind in {hint.type for hint in hints}:
                news = {hint.record: hint.at for hint in hints if hint.type == kind}
                await rows.notice(db, connection, kind, news)

    async def commands(self, records: Sequence[Record]) -> None:
        """What people ask for."""
        await self._each(records, self._order)

    async def _order(self, db: Connection, record: Record) -> None:
        try:
            name = Envelope.of(record.headers).type
        except BadEnvelope as error:
            await self.bury(db, Burial(record, "envelope", str(error), "Send it with the header."))
            return
        order = ORDERS.get(name)
        if order is None:
            action = f"Use one of {', '.join(ORDERS)}."
            await self.bury(
                db, Burial(record, "unknown-command", f"{name!r} is no command.", action)
            )
            return
        message = await self._message(db, record, order)
        if message is not None:
            await commands.obey(self.kernel, db, message)

    async def _message(self, db: Connection, record: Record, kind: type[M]) -> M | None:
        try:
            return kind.model_validate_json(record.value or b"")
        except ValidationError as error:
            await self.bury(db, Burial(record, "invalid", *explain(error)))
            return None

    async def bury(self, db: Connection, burial: Burial) -> None:
        """Journal the dead letter, in the transaction that files the rest."""
        letter = dead_letter(
            burial.record,
            self.names,
            consumer=self.service,
            reason=burial.reason,
            sentence=burial.sentence,
            action=burial.action,
        )
        out = outgoing(letter, source=f"ledgerbridge/{self.service}", time=datetime.now(UTC))
        await db.execute(
            "insert into journal (topic, key, headers, value) values ($1, $2, $3, $4)",
            out.topic,
            out.key,
            json.dumps({name: value.decode() for name, value in out.headers}),
            out.value,
        )
        await db.execute("select pg_notify('journal', '')")
        log.warning("record.buried", reason=burial.reason, sentence=burial.sentence)


async def _all(file: File, db: Connection, records: Sequence[Record]) -> None:
    for record in records:
        await file(db, record)
