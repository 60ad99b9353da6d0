"""The command `ledgerbridge`: every module named here brings its own commands."""

import sys

import typer
from rich.console import Console

from libs.devstack.process import DevstackError
from libs.messaging.publisher import KafkaDown
from libs.service.logging import configure_logging
from services.ops import (
    asking,
    commanding,
    connections,
    deciding,
    doctor,
    keys_command,
    migrate,
    provider,
    publish,
    reconciling,
    replay,
    sandbox,
    stack,
    starting,
    steering,
)
from services.ops.demo import command as demo

MODULES = (
    demo,
    stack,
    doctor,
    keys_command,
    migrate,
    publish,
    replay,
    connections,
    commanding,
    deciding,
    steering,
    asking,
    starting,
    reconciling,
    sandbox,
    provider,
)

app = typer.Typer(
    name="ledgerbridge",
    help="Two-way sync between an invoicing product and the accounting application of each tenant.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def _before_every_command() -> None:
    # A command's own output is its result; what it logs is for whoever looks for a fault.
    configure_logging("ops", "WARNING", "console", sys.stderr)


for module in MODULES:
    app.add_typer(module.commands)


def main() -> None:
    """Run a command; what an operator can mend is said in one sentence, without a traceback."""
    try:
        app()
    except (DevstackError, KafkaDown) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)
