"""`ledgerbridge preview` and `check`: questions to a connector; nothing is written for them."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.messages import Check, CheckReport, Connection, Preview, PreviewReport
from libs.devstack.process import DevstackError
from services.ops.answers import ask
from services.ops.arguments import ConnectionId, Json, Tenant, moment, print_json
from services.ops.commanding import chosen, new_id
from services.ops.deciding import Entity, Kind
from services.ops.local import Folder, OperatorSettings
from services.ops.stack import FOLDER

DIFFERS = 3
"""The exit status of an answer that asks for something to be done."""

From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="The earlier start, say 2026-01-01.")
]
Patience = Annotated[float, typer.Option(help="Seconds to wait for the answer.")]

commands = typer.Typer()


@commands.command()
def preview(
    *,
    start: From = None,
    wait: Patience = 300,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Say what an earlier start would bring: what is new, there already, or cannot be told apart.

    Reads both sides and writes nothing. Exit status: 0, or 3 where something is ambiguous.

    Example: ledgerbridge preview --from 2026-01-01
    """
    earlier = moment(start, "--from") if start else None
    settings, one = chosen(folder, tenant, connection)
    report = previewed(settings, one, earlier, wait)
    print_json(report.model_dump(mode="json")) if json_output else show_preview(report)
    if any(row.ambiguous for row in report.rows):
        raise typer.Exit(DIFFERS)


@commands.command()
def check(
    kind: Kind,
    entity: Entity,
    *,
    wait: Patience = 60,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Read both sides of one record now: what differs, and whether to link, pull or push.

    Nothing is written. Exit status: 0 where nothing is to be done, else 3.

    Example: ledgerbridge check invoice 536365
    """
    settings, one = chosen(folder, tenant, connection)
    question = Check(id=new_id(), tenant=tenant, connection=one.id, type=kind, entity=entity)
    report = asyncio.run(ask(settings, question, CheckReport, one.provider, wait))
    print_json(report.model_dump(mode="json")) if json_output else _show_check(report)
    if report.advice != "nothing":
        raise typer.Exit(DIFFERS)


def previewed(
    settings: OperatorSettings, one: Connection, start: datetime | None, wait: float
) -> PreviewReport:
    """The preview of a start; raises DevstackError where there is none."""
    question = Preview(id=new_id(), tenant=one.tenant, connection=one.id, starts_at=start)
    report = asyncio.run(ask(settings, question, PreviewReport, one.provider, wait))
    if report.problem:
        raise DevstackError(report.problem)
    return report


def show_preview(report: PreviewReport) -> None:
    """As a table, with the first of what is ambiguous."""
    console = Console()
    table = Table("kind", "new", "there already", "ambiguous", "only in the ledger")
    for row in report.rows:
        counts = (row.new, row.there, row.ambiguous, row.only_there)
        table.add_row(row.type.replace("_", " "), *map(str, counts))
    console.print(f"From {report.starts_at.isoformat(timespec='minutes')} on:")
    console.print(table)
    for row in report.rows:
        for question in row.questions:
            console.print(question, markup=False, highlight=False, soft_wrap=True)


def _show_check(report: CheckReport) -> None:
    console = Console()
    if report.differences:
        table = Table("field", "product", "ledger", "touched by")
        for one in report.differences:
            table.add_row(one.path, one.product or "-", one.ledger or "-", one.touched)
        console.print(table)
    for line in (report.sentence, report.action):
        if line:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
