"""`ledgerbridge start`: an earlier start of a connection, seen before it is taken."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from contracts.messages import Connection, MoveStart
from services.ops.arguments import ConnectionId, Json, Tenant, moment, print_json
from services.ops.asking import DIFFERS, previewed, show_preview
from services.ops.commanding import chosen, new_id, send
from services.ops.local import Folder, OperatorSettings
from services.ops.stack import FOLDER

commands = typer.Typer()

From = Annotated[str, typer.Option("--from", metavar="TIME", help="Say 2026-01-01.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask: begin even if some is ambiguous.")]
Patience = Annotated[float, typer.Option(help="Seconds to wait for the preview.")]


@commands.command()
def start(
    *,
    earlier: From,
    yes: Yes = False,
    wait: Patience = 300,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Move a connection's start back: what the product made since then is synced too.

    The preview comes first, and nothing is written before you agree. What is in the ledger already
    is joined, not made again. Exit status: 0 when it was moved, 3 when you did not agree.

    Example: ledgerbridge start --from 2026-01-01
    """
    begin = moment(earlier, "--from")
    settings, one = chosen(folder, tenant, connection)
    begin_from(settings, one, begin, yes=yes, wait=wait, json_output=json_output)


def begin_from(
    settings: OperatorSettings,
    one: Connection,
    earlier: datetime,
    *,
    yes: bool,
    wait: float,
    json_output: bool,
) -> None:
    """Preview, ask, and move the start; raises DevstackError, or typer.Exit where it is declined.

    For machines there is nobody to ask: without `yes` it ends with the preview, and status 3.
    """
    report = previewed(settings, one, earlier, wait)
    if not json_output:
        show_preview(report)
        agreed = yes or typer.confirm("Begin there?")
    else:
        print_json(report.model_dump(mode="json"))
        agreed = yes
    if not agreed:
        if not json_output:
            Console().print("The start stays where it was.")
        raise typer.Exit(DIFFERS)
    order = MoveStart(id=new_id(), tenant=one.tenant, connection=one.id, starts_at=earlier)
    send(settings, order, one, json_output=json_output)
