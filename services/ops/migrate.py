"""`ledgerbridge migrate`: bring every service's schema up to date before the services start."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from libs.service.database import migrate, schema_of
from libs.service.settings import ServiceSettings
from services.ops.processes import SERVICES, known_providers

KERNEL = SERVICES.parent / "libs" / "connector" / "migrations"

commands = typer.Typer()


def migration_folders() -> dict[str, Path]:
    """Every schema and the folder of its migrations; connectors share the kernel's."""
    own = {schema_of(folder.parent.name): folder for folder in SERVICES.glob("*/migrations")}
    connectors = {schema_of(f"connectors.{provider}"): KERNEL for provider in known_providers()}
    return dict(sorted((own | connectors).items()))


@commands.command("migrate")
def migrate_command(
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Apply new migrations of every service to the database POSTGRES_URL names.

    Services do this themselves when they start; an operator may do it before.
    """
    applied = asyncio.run(_migrate_all(ServiceSettings().postgres_url))
    if json_output:
        sys.stdout.write(json.dumps(applied) + "\n")
        return
    table = Table("schema", "applied now")
    for schema, names in applied.items():
        table.add_row(schema, ", ".join(names) or "nothing new")
    Console().print(table)


async def _migrate_all(url: str) -> dict[str, list[str]]:
    return {
        schema: await migrate(url, schema, folder) for schema, folder in migration_folders().items()
    }
