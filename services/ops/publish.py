"""`ledgerbridge publish`: files of invoices onto the topic an invoicing product publishes to."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.messages import BatchRef
from libs.messaging.publisher import KafkaDown, Publisher
from libs.messaging.topics import Names
from libs.service.settings import ServiceSettings
from services.ops.arguments import Json, moment, print_json
from services.ops.importers import online_retail
from services.ops.importers.batches import batched
from services.ops.importers.files import Format, Wanted, detect, messages
from services.ops.importers.links import linked
from services.ops.importers.refused import Imported, UnknownFormat
from services.ops.local import Folder, operator_settings
from services.ops.publishing import Summary, Told, publish
from services.ops.stack import FOLDER

SHOWN = 20
HELP = f"""Publish invoices to invoicing.events.v1 as an invoicing product does.

FILES are NDJSON of canonical events (one per line), UBL 2.1 invoices and credit notes (EN 16931,
the tenant is the seller), or the CSV of the UCI data set “Online Retail”; each may be gzipped.

{online_retail.RULES}

Documents out of UBL and CSV are linked to their page at PRODUCT_URL.

A record that cannot be published is told with its place and field, and the rest goes on.

Exit status: 0 all published, 1 some refused or Kafka is down, 2 wrong usage.

Example: ledgerbridge publish invoices.xml more.ndjson --tenant acme

Example: ledgerbridge publish online-retail.csv.gz --day 2010-12-01 --batch 2010-12-01
"""


commands = typer.Typer()

FILES = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="What to read.")]
TENANT = Annotated[
    str | None, typer.Option(help="Whose records; NDJSON may name its own. Default: demo.")
]
FORM = Annotated[Format, typer.Option("--format", help="Of all files.")]
DAY = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only this day of the Online Retail CSV.")
]
BATCH = Annotated[
    str | None, typer.Option(metavar="ID", help="One invoice batch of all, closed at the end.")
]
MADE_AT = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When the product made them (RFC 3339). Default: now."),
]
ISSUE_DATE = Annotated[
    str | None, typer.Option(metavar="DATE|today", help="Instead of the CSV's own dates.")
]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Read and count only.")]


@dataclass(frozen=True, slots=True)
class Job:
    """What one call of the command is to do."""

    files: tuple[Path, ...]
    form: Format
    wanted: Wanted
    batch: BatchRef | None = None
    dry_run: bool = False


@commands.command("publish", help=HELP)
def command(
    *,
    files: FILES,
    tenant: TENANT = None,
    form: FORM = Format.AUTO,
    day: DAY = None,
    batch: BATCH = None,
    made_at: MADE_AT = None,
    issue_date: ISSUE_DATE = None,
    dry_run: DRY_RUN = False,
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Publish files."""
    made = moment(made_at, "--made-at") if made_at else datetime.now(UTC)
    job = Job(
        tuple(files),
        form,
        Wanted(
            tenant,
            made,
            day=_date(day, "--day"),
            issue_date=_date(issue_date, "--issue-date"),
        ),
        BatchRef(id=batch, made_at=made) if batch else None,
        dry_run,
    )
    try:
        summary = run(job, operator_settings(folder), quiet=json_output)
    except UnknownFormat as error:
        raise typer.BadParameter(str(error)) from None
    except KafkaDown as error:
        typer.echo(f"{error} Publish again when it is back: repeats change nothing.", err=True)
        raise typer.Exit(1) from None
    show_json(summary) if json_output else show(summary, dry_run=dry_run)
    raise typer.Exit(1 if summary.refused else 0)


def run(job: Job, settings: ServiceSettings, *, quiet: bool = False) -> Summary:
    """Publish what `job` says, with a progress line unless quiet.

    Raises UnknownFormat before anything is published, and KafkaDown.
    """
    known = [(path, _format(job, path)) for path in job.files]
    with _progress(quiet=quiet) as progress:
        task = progress.add_task("Publishing" if not job.dry_run else "Reading", total=None)
        return asyncio.run(
            _publish(
                job,
                _read(job, known, settings.product_url),
                settings,
                lambda n: progress.advance(task, n),
            )
        )


def _format(job: Job, path: Path) -> Format:
    return detect(path) if job.form is Format.AUTO else job.form


def _read(job: Job, known: list[tuple[Path, Format]], product: str) -> Iterator[Imported]:
    everything = chain.from_iterable(
        found if form is Format.NDJSON else linked(found, product)
        for form, found in ((form, messages(path, job.wanted, form)) for path, form in known)
    )
    tenant = job.wanted.tenant or job.wanted.default_tenant
    return batched(everything, tenant, job.batch) if job.batch else everything


async def _publish(
    job: Job, found: Iterator[Imported], settings: ServiceSettings, told: Told
) -> Summary:
    if job.dry_run:
        return await publish(None, found, job.wanted.made_at, told)
    names = Names(settings.topic_prefix)
    async with Publisher(settings.kafka_url, names, client_id="ledgerbridge-publish") as publisher:
        return await publish(publisher, found, job.wanted.made_at, told)


def show(summary: Summary, *, dry_run: bool = False) -> None:
    """The summary as a table, and what was refused."""
    console = Console()
    table = Table(box=None, header_style="bold")
    for name in ("kind", "count", "net", "tax", "gross", "currency"):
        table.add_column(name, justify="left" if name in {"kind", "currency"} else "right")
    for (kind, currency), total in summary.sums.items():
        money = (total.net, total.tax, total.gross) if currency else ()
        amounts = [f"{amount:,.2f}" for amount in money] or ["", "", ""]
        table.add_row(kind, f"{total.count:,}", *amounts, currency)
    console.print(table)
    for refused in summary.refused[:SHOWN]:
        console.print(f"left out: {refused}", style="red", markup=False, highlight=False)
    if len(summary.refused) > SHOWN:
        console.print(f"... and {len(summary.refused) - SHOWN} more", style="red")
    done = "read, nothing published" if dry_run else "published"
    console.print(f"{summary.published:,} events {done}, {len(summary.refused)} records left out.")


def show_json(summary: Summary) -> None:
    """The summary as one JSON object on standard output."""
    content: dict[str, Any] = {
        "published": summary.published,
        "kinds": [
            {"kind": kind, "currency": currency or None, **asdict(total)}
            for (kind, currency), total in summary.sums.items()
        ],
        "refused": [asdict(refused) for refused in summary.refused],
    }
    print_json(content)


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} records"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
        transient=True,
    )


def _date(text: str | None, option: str) -> date | None:
    if text == "today":
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("write it like 2010-12-01", param_hint=option) from None
