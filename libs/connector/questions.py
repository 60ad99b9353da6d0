"""Questions of people, say a preview or a check: worked on one by one, answered by a report."""

import time
from collections.abc import Mapping
from typing import Any

import structlog

from contracts.messages import (
    Check,
    CheckReport,
    Command,
    Numbered,
    Preview,
    PreviewReport,
    Reconcile,
)
from contracts.topics import reconciliation_key
from libs.connector import checking, connections, previewing
from libs.connector.connections import Account
from libs.connector.errors import Rejected, SyncError
from libs.connector.events import append, numbered
from libs.connector.kernel import Kernel, desk
from libs.connector.reconciliation.asking import reconcile
from libs.connector.reconciliation.reporting import failed
from libs.messaging.logs import LogReader
from libs.service.database import Connection, is_transient

Question = Preview | Check | Reconcile
KINDS: Mapping[str, type[Question]] = {kind.EVENT: kind for kind in (Preview, Check, Reconcile)}

log = structlog.get_logger()


async def file(db: Connection, command: Command) -> None:
    """Keep the question; a handler never calls a provider."""
    await db.execute(
        "insert into question (id, connection, event, body) values ($1, $2, $3, $4)",
        command.id,
        command.connection,
        command.EVENT,
        command.model_dump_json().encode(),
    )


async def answer_due(kernel: Kernel, reader: LogReader) -> int:
    """Answer what is asked; how many."""
    count = 0
    while await _answer_one(kernel, reader):
        count += 1
    return count


async def _answer_one(kernel: Kernel, reader: LogReader) -> bool:
    # The row stays locked meanwhile: a killed connector leaves the question to the next.
    async with kernel.pool.acquire() as db, db.transaction():
        row = await db.fetchrow(
            "select id, connection, event, body from question order by asked_at limit 1 "
            "for update skip locked"
        )
        if row is None:
            return False
        account = await connections.account(db, row["connection"])
        question = KINDS[row["event"]].model_validate_json(row["body"])
        report = await _report(kernel, reader, account, question)
        await append(db, report, _key(account, question, report))
        await db.execute("delete from question where id = $1", row["id"])
        log.info("question.answered", connection=account.id, question=row["event"])
    return True


def _key(account: Account, question: Question, report: Numbered) -> str:
    if isinstance(question, Reconcile):
        return reconciliation_key(account.id, question.first, question.last)
    return f"{account.id}/{report.EVENT.split('.')[0]}/{question.id}"


async def _report(
    kernel: Kernel, reader: LogReader, account: Account, question: Question
) -> Numbered:
    """What cannot be found out is said, not tried for ever."""
    # A period is asked for again and again under one key: later reports have higher numbers.
    number = time.time_ns() // 1000 if isinstance(question, Reconcile) else 1
    head: dict[str, Any] = {**numbered(account, kernel.provider.id, number)}
    head["command"] = question.id
    try:
        async with kernel.pool.acquire() as db:
            view = await desk(kernel, db, account.id)
            if isinstance(question, Reconcile):
                return await reconcile(db, view, reader, question, head)
            if isinstance(question, Check):
                found = await checking.check(db, view, question)
                return CheckReport.model_validate({**head, **found})
            rows = await previewing.preview(db, view, reader, question.starts_at)
            start = question.starts_at or account.starts_at
            return PreviewReport(**head, starts_at=start, rows=rows)
    except SyncError as error:
        return _failed(head, account, question, error)
    except Exception as error:
        if is_transient(error):
            raise
        # Asked again and again it would only read the ledger for nothing.
        log.exception("question.failed", connection=account.id)
        sentence = f"A fault of ours ({type(error).__name__}): report it."
        return _failed(head, account, question, Rejected(sentence, reason="bug"))


def _failed(
    head: dict[str, Any], account: Account, question: Question, error: SyncError
) -> Numbered:
    if isinstance(question, Reconcile):
        return failed(head, question.first, question.last, error.sentence)
    if isinstance(question, Preview):
        start = question.starts_at or account.starts_at
        return PreviewReport(**head, starts_at=start, problem=error.sentence[:4000])
    return CheckReport(
        **head,
        type=question.type,
        id=question.entity,
        advice="wait",
        sentence=f"It cannot be checked now: {error.sentence}"[:4000],
        action=error.action,
    )
