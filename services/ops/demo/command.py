"""`ledgerbridge demo`: starts everything, tells the story, stops everything."""

import asyncio
import shutil
import time
from contextlib import ExitStack
from importlib.resources import as_file
from pathlib import Path
from typing import Annotated

import typer

from libs.devstack.process import DevstackError
from services.ops.arguments import Json, print_json
from services.ops.demo.planting import Plant
from services.ops.demo.scene import PROVIDER, Outcome
from services.ops.demo.screen import Screen
from services.ops.demo.story import SHORTENED, Wanted, addresses, seconds, tell_story
from services.ops.processes import LocalStack
from services.ops.sample import DAY, INVOICE, sample
from services.ops.stack import FOLDER

FEWEST = 8
HELP = """Run the whole system on this machine and show what it does, with one real day of invoices.

It starts PostgreSQL, Kafka, a simulated Xero, a small invoicing product and Ledgerbridge, connects
them, and ends with a reconciliation. Nothing outside this machine is called, and every process it
started is stopped at the end or by Ctrl-C. KAFKA_URL and POSTGRES_URL use servers that are there.

Exit status: 0 all is equal to the cent, 1 something is not, and it is said what.

Example: ledgerbridge demo --keep
"""

commands = typer.Typer()

Browser = Annotated[
    bool, typer.Option("--browser", help="Consent and choose the company in your own browser.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave everything running, and say what can be tried.")
]
File = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Other invoices than the shipped day."),
]
Limit = Annotated[
    int | None, typer.Option(min=FEWEST, help="Only the first so many documents of the file.")
]
Planted = Annotated[Plant | None, typer.Option(hidden=True)]
Folder = Annotated[
    Path, typer.Option(help="Where data and logs are kept; those of an earlier demo are deleted.")
]


@commands.command("demo", help=HELP)
def demo(
    *,
    browser: Browser = False,
    keep: Keep = False,
    file: File = None,
    limit: Limit = None,
    json_output: Json = False,
    plant: Planted = None,
    folder: Folder = FOLDER / "demo",
) -> None:
    """Run the demo."""
    screen, outcome, began = Screen(quiet=json_output), Outcome(), time.monotonic()
    with as_file(sample(DAY)) as shipped:
        wanted = Wanted(folder.resolve(), file or shipped, limit, browser, plant, began)
        try:
            _run(wanted, screen, outcome, keep=keep)
        except DevstackError as error:
            outcome.problems.append(str(error))
            screen.bad(str(error))
    _end(screen, outcome, began, json_output=json_output)


def _run(wanted: Wanted, screen: Screen, outcome: Outcome, *, keep: bool) -> None:
    _clear(wanted.folder)
    with ExitStack() as cleanup:
        stack = _start(wanted, screen, cleanup)
        scene = asyncio.run(tell_story(wanted, stack, screen, outcome))
        if keep:
            with as_file(sample(INVOICE)) as invoice:
                _leave(screen, outcome, addresses(scene, stack, wanted.folder, invoice))
            cleanup.pop_all()


def _start(wanted: Wanted, screen: Screen, cleanup: ExitStack) -> LocalStack:
    screen.chapter("Start and connect")
    with screen.busy("starting") as status:
        stack = LocalStack(
            wanted.folder,
            [PROVIDER],
            sandbox=True,
            free_ports=True,
            extra=SHORTENED,
            report=lambda what: status.update(f"starting: {what}"),
        )
        cleanup.callback(screen.note, "Everything that was started is stopped.")
        cleanup.enter_context(stack)
    ready = f"ready after {seconds(wanted.began):.0f} s"
    screen.good(f"PostgreSQL, Kafka and {len(stack.services)} services of ours, {ready}:")
    screen.note(", ".join(stack.services))
    return stack


def _clear(folder: Path) -> None:
    """Every demo begins with empty books: the simulated Xero forgets, so must the others."""
    if LocalStack(folder, ()).running():
        raise DevstackError(
            f"A demo that was kept still runs; stop it: ledgerbridge down --folder {folder}"
        )
    for name in ("kafka", "postgres"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("services.json", "keys.json"):
        (folder / name).unlink(missing_ok=True)
    for log in folder.glob("*.log"):
        log.unlink()


def _leave(screen: Screen, outcome: Outcome, left: dict[str, str]) -> None:
    outcome.facts["kept"] = left
    screen.chapter("Everything is left running")
    for label, text in {
        "The books at Xero, a page for people:": left["books"],
        "The invoicing product's API:": left["product"],
        "Publish one more invoice:": left["publish"],
        "Do what a bookkeeper does:": left["bookkeeper"],
        "See what came of it:": left["status"],
        "Stop it:": left["stop"],
    }.items():
        screen.copy(label, text)


def _end(screen: Screen, outcome: Outcome, began: float, *, json_output: bool) -> None:
    took, ok = seconds(began), not outcome.problems
    if json_output:
        print_json({"ok": ok, "seconds": took, **outcome.facts, "problems": outcome.problems})
    elif ok:
        screen.good(f"All as it should be, after {took:.0f} s.")
    else:
        screen.bad(f"Ended after {took:.0f} s; what is not as it should be stands above.")
    raise typer.Exit(0 if ok else 1)
