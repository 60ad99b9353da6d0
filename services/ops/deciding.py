"""`ledgerbridge resolve`, `recreate` and `link`: what only a person can decide of one record."""

from enum import StrEnum
from typing import Annotated

import typer

from contracts.messages import Link, Recreate, ResolveConflict
from contracts.values import EntityType
from services.ops.arguments import ConnectionId, Json, Tenant
from services.ops.commanding import chosen, new_id, send
from services.ops.local import Folder
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
    settings, one = chosen(folder, tenant, connection)
    command = ResolveConflict(
        id=new_id(),
        tenant=tenant,
        connection=one.id,
        type=kind,
        entity=entity,
        conflict=conflict,
        winner=winner.value,
    )
    send(settings, command, one, json_output=json_output)


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
    settings, one = chosen(folder, tenant, connection)
    command = Recreate(
        id=new_id(),
        tenant=tenant,
        connection=one.id,
        type=kind,
        entity=entity,
        generation=generation,
    )
    send(settings, command, one, json_output=json_output)


@commands.command()
def link(
    kind: Kind,
    entity: Entity,
    external: Annotated[
        str, typer.Argument(help="The record's id in the ledger; `new`: it is none of them.")
    ],
    *,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Say which record of the ledger it is: nothing is created, the two are merged.

    Where both say something else it is a conflict like any other, decided by the policy.

    Example: ledgerbridge link invoice 536365 1f0a5c1e-7a52-4c8e-9d7e-0d9d5c3a7b11
    """
    settings, one = chosen(folder, tenant, connection)
    command = Link(
        id=new_id(),
        tenant=tenant,
        connection=one.id,
        type=kind,
        entity=entity,
        external=external,
    )
    send(settings, command, one, json_output=json_output)
