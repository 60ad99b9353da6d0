"""`ledgerbridge up` and `ledgerbridge down`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from libs.service.logging import redact_text
from services.ops.processes import LocalStack, Report, known_providers

FOLDER = Path(".ledgerbridge")

commands = typer.Typer()

Folder = Annotated[
    Path, typer.Option(envvar="LEDGERBRIDGE_FOLDER", help="Where data, logs and keys are kept.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Providers = Annotated[
    str, typer.Option(help="Connectors to start, separated by commas; all by default.")
]
Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Start the vendors' simulators and lead all calls there.")
]


@commands.command()
def up(
    providers: Providers = "",
    sandbox: Sandbox = False,
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Start PostgreSQL, Kafka and the services, and wait until all are ready.

    May be said twice: what runs is left alone. KAFKA_URL and POSTGRES_URL use servers that are
    there already.
    """
    chosen = _chosen(providers)
    with _progress(silent=json_output) as report:
        stack = LocalStack(folder.resolve(), chosen, sandbox=sandbox, report=report)
        stack.start()
    if json_output:
        sys.stdout.write(json.dumps(_described(stack)) + "\n")
    else:
        Console().print(_table(stack))


@commands.command()
def down(json_output: Json = False, folder: Folder = FOLDER) -> None:
    """Stop what `up` started; its data stays."""
    stopped = LocalStack(folder.resolve(), ()).stop()
    if json_output:
        sys.stdout.write(json.dumps({"stopped": stopped}) + "\n")
    else:
        Console().print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")


def _chosen(providers: str) -> list[str]:
    known = known_providers()
    chosen = [name.strip() for name in providers.split(",") if name.strip()] or known
    if unknown := sorted(set(chosen) - set(known)):
        raise typer.BadParameter(f"no connector for {', '.join(unknown)}; there is {known}")
    return chosen


@contextmanager
def _progress(*, silent: bool) -> Iterator[Report]:
    console = Console(stderr=True, quiet=silent)
    with console.status("starting") as status:
        yield lambda what: status.update(f"starting: {what}")


def _described(stack: LocalStack) -> dict[str, object]:
    assert stack.addresses is not None
    return {
        "kafka": stack.addresses.kafka,
        "postgres": redact_text(stack.addresses.postgres),
        "services": {
            name: {
                "url": service.url,
                "pid": service.process.pid if service.process else None,
                "log": str(service.log),
            }
            for name, service in stack.services.items()
        },
    }


def _table(stack: LocalStack) -> Table:
    assert stack.addresses is not None
    table = Table("what")
    for header in ("where", "log"):
        table.add_column(header, overflow="fold")  # addresses are there to be copied
    table.add_row("Kafka", stack.addresses.kafka)
    table.add_row("PostgreSQL", redact_text(stack.addresses.postgres))
    for name, service in stack.services.items():
        table.add_row(name, service.url, str(service.log))
    return table
