"""`python -m tests.real`: a real year of documents into each ledger; 1 where one is wrong."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from libs.devstack.process import DevstackError
from libs.messaging.publisher import KafkaDown
from tests.bench.stack import local_stack
from tests.real.data import URL, Data, read
from tests.real.ledgers import LEDGERS
from tests.real.running import Run, Runner
from tests.real.showing import show, shown_json

FILE = Path("online-retail.csv.gz")
FAILURES = (DevstackError, KafkaDown, AssertionError, TimeoutError, OSError, ValueError)
QUIET = 30.0
"""Seconds between two lines where nobody sees the bar."""
FREE: Mapping[str, str] = {"SANDBOX_LIMITS": "off"}
HELP = f"""Put the 25,900 documents of the Online Retail data set into each ledger's simulator.

The file is not part of the project: it is the data set of {URL} (CC BY 4.0), its sheet saved as
CSV (UTF-8, dates as 2010-12-01 08:26:00), gzipped or not.

KAFKA_URL and POSTGRES_URL name servers to use; else they are started and stopped.

Exit status: 0 all as expected, 1 something was not, 2 wrong usage.

Example: make real ARGS="--data online-retail.csv.gz --only xero --failing"
"""

commands = typer.Typer()


@commands.command(help=HELP)
def command(
    *,
    data: Annotated[Path, typer.Option(help="The file.", metavar="FILE")] = FILE,
    only: Annotated[list[str] | None, typer.Option(help="This provider; repeatable.")] = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="A tenth of the calls fail at random.")
    ] = False,
    documents: Annotated[
        int | None, typer.Option(min=10, help="That many, spread over the file; else all.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Run it."""
    unknown = set(only or ()) - LEDGERS.keys()
    if unknown:
        raise typer.BadParameter(f"known are {', '.join(LEDGERS)}", param_hint="--only")
    if not data.is_file():
        sentence = f"there is no {data}: fetch the Online Retail data set from {URL} as CSV"
        raise typer.BadParameter(sentence, param_hint="--data")
    found = read(data, documents)
    runs: list[Run] = []
    for provider in [name for name in LEDGERS if not only or name in only]:
        run = _one(provider, data, found, failing=failing, whole=documents is None)
        runs += [run] if run else []
        if run and not json_output:
            show(run)
    if json_output:
        print(shown_json(runs))  # noqa: T201
    wanted = len(only or LEDGERS)
    sys.exit(1 if len(runs) < wanted or any(run.verdict.failed for run in runs) else 0)


def _one(provider: str, file: Path, data: Data, *, failing: bool, whole: bool) -> Run | None:
    before = dict(os.environ)
    try:
        with _progress() as progress:
            task = progress.add_task("starting", total=None)

            said = time.monotonic()

            def told(what: str, done: int, of: int) -> None:
                nonlocal said
                progress.update(task, description=what, completed=done, total=of)
                if not progress.console.is_terminal and time.monotonic() - said > QUIET:
                    said = time.monotonic()
                    progress.console.print(f"{what} {done:,} of {of:,}", highlight=False)

            extra = {**FREE, "SANDBOX_PROVIDERS": provider}
            with local_stack(lambda what: told(f"starting {what}", 0, 1), [provider], extra) as (
                stack,
                prefix,
            ):
                runner = Runner(stack, prefix, provider, data, file, failing, told)
                return asyncio.run(runner.run(whole=whole))
    except FAILURES as error:
        Console(stderr=True).print(f"{provider} failed: {error!r}"[:3000], markup=False)
        return None
    finally:
        os.environ.clear()
        os.environ.update(before)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


if __name__ == "__main__":
    commands()
