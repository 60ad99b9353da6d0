"""`ledgerbridge reconcile`: both sides of a period, every difference, and whether it may close."""

import asyncio
import json
import re
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from contracts.canonical import HASH, digest
from contracts.messages import Reconcile, ReconciliationReport
from contracts.reconciliation import Figures, ReconciledDifference, ReconciledRow
from libs.devstack.process import DevstackError
from libs.messaging.publisher import KafkaDown
from services.ops.answers import ask
from services.ops.arguments import ConnectionId, Json, Tenant, print_json
from services.ops.commanding import chosen, new_id
from services.ops.local import Folder
from services.ops.stack import FOLDER

DIFFERENT, UNANSWERED = 1, 3
PERIOD = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:\.\.(\d{4}-(?:0[1-9]|1[0-2])))?")
FIGURES = ("count", "net", "tax", "gross", "paid", "balance")

Period = Annotated[
    str | None, typer.Option(metavar="YYYY-MM[..YYYY-MM]", help="A month, or the first and last.")
]
Verify = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Check the hash of a report kept with --json, no more."),
]
Patience = Annotated[float, typer.Option(help="Seconds to wait for the answer.")]

commands = typer.Typer()


@commands.command()
def reconcile(
    *,
    period: Period = None,
    verify: Verify = None,
    wait: Patience = 900,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Compare what the product has published with the ledger's own figures, month by month.

    Every difference is named with its cause, and whether the period is ready to be closed. Nothing
    is written. Exit status: 0 ready, 1 not ready, 2 asked wrongly, 3 no answer.

    Example: ledgerbridge reconcile --period 2026-03 --json > march.json
    """
    if verify:
        raise typer.Exit(_verify(verify, json_output=json_output))
    first, last = _months(period)
    try:
        settings, one = chosen(folder, tenant, connection)
        order = Reconcile(id=new_id(), tenant=tenant, connection=one.id, first=first, last=last)
        report = asyncio.run(ask(settings, order, ReconciliationReport, one.provider, wait))
    except (DevstackError, KafkaDown) as error:
        _complain(str(error))
        raise typer.Exit(UNANSWERED) from None
    print_json(report.model_dump(mode="json")) if json_output else show(report)
    if report.problem:
        raise typer.Exit(UNANSWERED)
    if not report.ready:
        raise typer.Exit(DIFFERENT)


def _months(period: str | None) -> tuple[str, str]:
    found = PERIOD.fullmatch(period or "")
    if not found:
        raise typer.BadParameter("write it like 2026-03 or 2026-01..2026-03", param_hint="--period")
    first, last = found[1], found[2] or found[1]
    if last < first:
        raise typer.BadParameter("the earlier month comes first", param_hint="--period")
    return first, last


def _verify(file: Path, *, json_output: bool) -> int:
    """Whether the file is as the connector has published it; the exit status."""
    try:
        content: Any = json.loads(file.read_bytes())
        report = ReconciliationReport.model_validate(content)
        reckoned = digest(content)
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="--verify") from None
    except (ValidationError, ValueError, TypeError) as error:
        sentence = f"{file} is no reconciliation report: {str(error).splitlines()[0]}"
        raise typer.BadParameter(sentence, param_hint="--verify") from None
    sound = reckoned == content[HASH]
    if json_output:
        print_json({"sound": sound, "sha256": content[HASH], "reckoned": reckoned})
    else:
        word = "is unchanged" if sound else "HAS BEEN CHANGED"
        period = f"{report.first}..{report.last} of {report.company_name}"
        Console().print(f"The report on {period} {word} ({reckoned}).", soft_wrap=True)
    return 0 if sound else DIFFERENT


def show(report: ReconciliationReport) -> None:
    """As tables: each kind, the customers who differ, every difference with its cause."""
    console = Console()
    if report.problem:
        _complain(report.problem)
        return
    console.print(f"{report.company_name or report.connection}, {report.first} to {report.last}")
    console.print(_table("all customers", _totals(report.rows)))
    differing = [row for row in report.rows if not row.equal]
    if differing:
        rows = [(f"{r.month} {r.name or r.customer}", r) for r in differing]
        console.print(_table("customers who differ", _pairs(rows)))
    if report.differences:
        console.print(_causes(report.differences))
    if report.ready:
        console.print("Ready to close.", style="bold green")
    for blocker in report.blockers:
        console.print(blocker, style="red", markup=False, highlight=False)
    console.print(f"sha256 {report.sha256}", soft_wrap=True, highlight=False)


Pair = tuple[str, Figures, Figures]


def _pairs(rows: Iterable[tuple[str, ReconciledRow]]) -> list[Pair]:
    return [
        (f"{name}, {_kind(row.type)} {row.currency}", row.product, row.ledger) for name, row in rows
    ]


def _totals(rows: Iterable[ReconciledRow]) -> list[Pair]:
    groups: dict[str, list[ReconciledRow]] = {}
    for row in rows:
        groups.setdefault(f"{row.month} {_kind(row.type)} {row.currency}", []).append(row)
    return [
        (name, _sum([r.product for r in some]), _sum([r.ledger for r in some]))
        for name, some in groups.items()
    ]


def _sum(some: list[Figures]) -> Figures:
    def add(name: str) -> Decimal | None:
        known = [amount for one in some if (amount := getattr(one, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    amounts = {name: add(name) for name in FIGURES[1:]}
    return Figures(count=sum(one.count for one in some), **amounts)


def _table(title: str, pairs: Iterable[Pair]) -> Table:
    table = Table(title, "", *(Column(name, justify="right") for name in FIGURES))
    for name, product, ledger in pairs:
        for label, side, figures in ((name, "product", product), ("", "ledger", ledger)):
            cells = [_cell(product, ledger, figures, one) for one in FIGURES]
            table.add_row(Text(label), side, *cells)
    return table


def _cell(product: Figures, ledger: Figures, shown: Figures, name: str) -> Text:
    value, pair = getattr(shown, name), (getattr(product, name), getattr(ledger, name))
    text = "" if value is None else f"{value:,}" if name == "count" else f"{value:,.2f}"
    return Text(text, "bold red" if pair[0] != pair[1] else "", justify="right")


def _causes(differences: Iterable[ReconciledDifference]) -> Table:
    table = Table("record", "product / ledger", "cause", "why, and what to do", show_lines=True)
    for one in differences:
        name = f"{_kind(one.type)} {one.number or one.id}\n{one.date}"
        fields = [f"{f.path} {f.product or '-'} / {f.ledger or '-'}" for f in one.fields]
        why = "\n".join(filter(None, (one.sentence, one.action)))
        cause = Text(one.cause.replace("_", " "), "red" if one.blocks else "dim")
        table.add_row(Text(name), Text("\n".join(fields)), cause, Text(why))
    return table


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _complain(sentence: str) -> None:
    Console(file=sys.stderr).print(sentence, style="red", markup=False, highlight=False)
