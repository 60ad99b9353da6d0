"""Runs the operator's command line inside the test, and reads what it left on a topic."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from typer.testing import CliRunner, Result

from contracts.topics import INVOICING_EVENTS
from libs.messaging.broker import ensure_topics
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.messaging.topics import Names
from services.ops.cli import app


async def ledgerbridge(*arguments: object) -> Result:
    """The command with these arguments, in a thread: it brings an event loop of its own."""
    words = [str(one) for one in arguments]
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, words))


def answered(result: Result) -> Any:
    """What a command said with --json."""
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


async def log(kafka: str, prefix: str, topic: str = INVOICING_EVENTS.name) -> list[Record]:
    """Every record of a topic, which is made where it is not there."""
    await ensure_topics(kafka, prefix)
    reader = LogReader(kafka, Names(prefix))
    found: list[Record] = []

    async def keep(records: Sequence[Record]) -> None:
        found.extend(records)

    await reader.read(topic, await reader.bounds(topic), keep)
    return found


def header(record: Record, name: str) -> str:
    return (dict(record.headers)[name] or b"").decode()
