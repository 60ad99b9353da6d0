"""What arrives on the topics: each handler files in one transaction, and nothing more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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

M = TypeVar("M", bound=Message)

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
        only: str | None = None,
        again: bool = False,
    ) -> None:
        """File a batch; `only`: for that connection, `again`: it is read from the log again."""

        async def all_of(some: Sequence[Record]) -> None:
            for burial in await filing.file(db, some, only=only, reread=again):
                await self.bury(db, burial)

        async def one(record: Record, error: asyncpg.PostgresError) -> None:
            sentence = f"It cannot be stored: {error.sqlstate} {type(error).__name__}."
            await self.bury(
                db, Burial(record, "unstorable", sentence, "Correct and send it again.")
            )

        await receive(db, records, all_of, one)

    async def connections(self, records: Sequence[Record]) -> None:
        """auth's topic: what is opened or moved has the log read again."""
        for record in records:
            message = await self._message(record, ConnectionMessage)
            if message is None or message.provider != self.kernel.provider.id:
                continue
            async with self.kernel.pool.acquire() as db, db.transaction():
                happened = await connections.fold(db, message)
                if happened:
                    await reread.ask(db, message.id)
            self.kernel.sessions.credentials.forget(message.id)
            log.info("connection.folded", connection=message.id, state=message.state)

    async def webhooks(self, records: Sequence[Record]) -> None:
        """Hints of the provider, one body per company."""
        connector = self.kernel.connector
        assert isinstance(connector, Notifies)
        for record in records:
            async with self.kernel.pool.acquire() as db, db.transaction():
                company = (record.key or b"").decode(errors="replace")
                try:
                    hints = connector.notices(record.value or b"", company)
                except SyncError as error:
                    await self.bury(db, Burial(record, error.reason, error.sentence, error.action))
                    continue
                for connection in await connections.of_company(db, company):
                    for kind in {hint.type for hint in hints}:
                        news = {
                            h.record: h.at
                            for h in hints
                            if h.type == kind and h.record.isprintable()
                        }
                        await rows.notice(db, connection, kind, news)

    async def commands(self, records: Sequence[Record]) -> None:
        """What people ask for."""
        for record in records:
            try:
                order = ORDERS.get(Envelope.of(record.headers).type)
            except BadEnvelope:
                order = None
            message = await self._message(record, order) if order else None
            if message is None:
                continue
            async with self.kernel.pool.acquire() as db, db.transaction():
                await commands.obey(self.kernel, db, message)

    async def _message(self, record: Record, kind: type[M]) -> M | None:
        if not record.value:
            return None
        try:
            return kind.model_validate_json(record.value)
        except ValidationError as error:
            async with self.kernel.pool.acquire() as db:
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
