"""`ledgerbridge retry` and `ledgerbridge map`: commands of the operator to a connector."""

import asyncio
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.messages import Command, Connection, Retry, SetMapping
from contracts.topics import COMMANDS
from contracts.values import EntityType
from libs.messaging.cloudevents import headers
from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.service.settings import ServiceSettings
from services.ops.arguments import ConnectionId, Json, Tenant, print_json
from services.ops.local import Folder, OperatorSettings, operator_settings
from services.ops.remote import Auth, only
from services.ops.stack import FOLDER

SOURCE = "/ledgerbridge"

commands = typer.Typer()


class Mapped(StrEnum):
    """What of the product may be mapped."""

    ACCOUNT = "account"
    TAX_CODE = "tax_code"
    PAYMENT_METHOD = "payment_method"
    TRACKING = "tracking"
    LINE_KIND = "line_kind"
    ITEM = "item"


@commands.command()
def retry(
    *,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    type: Annotated[  # noqa: A002 - the option's own name
        EntityType | None, typer.Option(help="Of the one record to take up again.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Of that record.")] = None,  # noqa: A002
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Take up again what is held or was rejected: one record, or all of a connection.

    Example: ledgerbridge retry --tenant demo --type invoice --id 536365
    """
    if (type is None) != (id is None):
        raise typer.BadParameter("--type and --id belong together")
    settings, one = chosen(folder, tenant, connection)
    command = Retry(id=new_id(), tenant=tenant, connection=one.id, type=type, entity=id)
    send(settings, command, one, json_output=json_output)


@commands.command("map")
def set_mapping(
    kind: Annotated[Mapped, typer.Argument(help="What it is.")],
    local: Annotated[str, typer.Argument(help="The product's word, say part, or a tax code's id.")],
    external: Annotated[str, typer.Argument(help="The ledger's, say the account's code.")],
    *,
    tenant: Tenant = "demo",
    connection: ConnectionId = "",
    json_output: Json = False,
    folder: Folder = FOLDER,
) -> None:
    """Say what a word of the product is called in the ledger; what waited for it resumes.

    Example: ledgerbridge map line_kind labour 200 --tenant demo
    """
    settings, one = chosen(folder, tenant, connection)
    command = SetMapping(
        id=new_id(),
        tenant=tenant,
        connection=one.id,
        kind=kind.value,
        local=local,
        external=external,
    )
    send(settings, command, one, json_output=json_output)


def chosen(folder: Path, tenant: str, connection: str) -> tuple[OperatorSettings, Connection]:
    """Where commands go, and the connection meant; raises DevstackError where that is not one."""
    settings = operator_settings(folder)
    return settings, only(Auth(settings).connections(tenant), connection, tenant)


async def tell(settings: ServiceSettings, command: Command, provider: str = "") -> None:
    """Publish a command to the connector; raises KafkaDown."""
    made = headers(
        command,
        source=SOURCE,
        id=command.id,
        time=datetime.now(UTC),
        tenant=command.tenant,
        connection=command.connection,
        provider=provider,
    )
    body = command.model_dump_json().encode()
    async with Publisher(settings.kafka_url, Names(settings.topic_prefix)) as publisher:
        await publisher.publish(COMMANDS.name, command.connection, body, made)


def send(
    settings: ServiceSettings, command: Command, connection: Connection, *, json_output: bool
) -> None:
    """Publish a command and say so; raises KafkaDown."""
    asyncio.run(tell(settings, command, connection.provider))
    if json_output:
        print_json({"event": command.EVENT, **command.model_dump(mode="json")})
    else:
        Console().print(f"Sent to {connection.provider} for {connection.company_name}.")


def new_id() -> str:
    """The id of a command: a repeat under the same id is harmless."""
    return str(uuid.uuid4())
