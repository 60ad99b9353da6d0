"""`ledgerbridge sandbox`: the vendors' simulators alone, for whoever wants to try a client."""

import os
import sys
from typing import Annotated

import typer

commands = typer.Typer()


@commands.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where it answers, on this machine only.")] = 9800,
    providers: Annotated[
        str, typer.Option(help="Which, separated by commas; all by default.")
    ] = "",
    limits: Annotated[bool, typer.Option(help="Keep to the vendors' rate limits.")] = True,
) -> None:
    """Run the simulators of the providers' APIs until Ctrl-C; their books are kept in memory.

    Example: ledgerbridge sandbox --port 9800 --providers xero
    """
    environment = {
        **os.environ,
        "SANDBOX_PROVIDERS": providers,
        "SANDBOX_LIMITS": "on" if limits else "off",
        "LOG_FORMAT": "console",
    }
    command = [sys.executable, "-m", "services", "sandbox", "--port", str(port)]
    # The simulators are a service of their own: this process becomes it.
    os.execve(sys.executable, command, environment)  # noqa: S606 - no shell is wanted
