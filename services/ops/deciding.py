"""`ledgerbridge resolve` and `recreate`: what only a person can decide about one record."""

from enum import StrEnum
from typing import Annotated

import typer

from contracts.messages import Recreate, ResolveConflict
from contracts.values import EntityType
from services.ops.arguments import ConnectionId, Json, Tenant
from services.ops.commanding import new_id, send
from services.ops.local import Folder, operator_settings
from services.ops.remote import Auth, only
from services.ops.stack import FOLDER

commands = typer.Typer()

Kind = Annotated[EntityType, typer.Argument(help="invoice, contact, ...")]
Entity = Annotated[str, typer.Argument(help="The record's id in the product.")]


class Side(StrEnum):
    """Whose value stands."""

    PRODUCT = "product"
    LEDGER = "ledger"


@commands.command()
def resolve(
    kind: Kind,
    entity: Entity,
    winner: Annotated[Side, typer.Argument(help="Whose value stands.")],
    *,
    conflict: Annotated[int, typer.Option(help="The number of the question.", min=1)],
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Answer a conflict: both sides changed the same thing, and one value has to go.

    The answer holds only while both values stand; else it is asked again.

    Example: ledgerbridge resolve invoice 536365 ledger --conflict 3
    """
    settings = operator_settings(folder)
    chosen = only(Auth(settings).connections(tenant), connection, tenant)
    command = ResolveConflict(
        id=new_id(),
        tenant=tenant,
        connection=chosen.id,
        type=kind,
        entity=entity,
        conflict=conflict,
        winner=winner.value,
    )
    send(settings, command, chosen, json_output=json_output)


@commands.command()
def recreate(
    kind: Kind,
    entity: Entity,
    *,
    generation: Annotated[int, typer.Option(help="The life it ends; 0 for the first.", min=0)] = 0,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Create a record again that somebody deleted in the ledger; nothing else ever does.

    Example: ledgerbridge recreate invoice 536365
    """
    settings = operator_settings(folder)
    chosen = only(Auth(settings).connections(tenant), connection, tenant)
    command = Recreate(
        id=new_id(),
        tenant=tenant,
        connection=chosen.id,
        type=kind,
        entity=entity,
        generation=generation,
    )
    send(settings, command, chosen, json_output=json_output)
