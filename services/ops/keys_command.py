"""`ledgerbridge keys`: the secrets of a new installation, as the file `.env` Compose reads."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.ops.arguments import Json, print_json
from services.ops.keys import new_keys
from services.ops.processes import known_providers, notifying

TO_SANDBOX = {"COMPOSE_PROFILES": "demo", "SANDBOX_URL": "http://127.0.0.1:9800"}
KEYS_HELP = """Make the keys of a new installation: variables for docker-compose.yml's file .env.

Every run makes others. Keep VAULT_KEYS: what was encrypted with them cannot be read without them.
Replace a provider's _WEBHOOK_KEY by the one of its developer portal.

Example: ledgerbridge keys --sandbox --env .env
"""

commands = typer.Typer()

EnvFile = Annotated[
    Path | None,
    typer.Option("--env", metavar="FILE", help="Write a new file that only its owner can read."),
]
Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Add what starts the sandbox and leads all calls there.")
]


@commands.command(help=KEYS_HELP)
def keys(env: EnvFile = None, sandbox: Sandbox = False, json_output: Json = False) -> None:
    """Make keys."""
    made = installation_keys(sandbox=sandbox)
    if env is not None:
        _write_new(env, env_text(made))
        Console(stderr=True).print(f"{env} holds {', '.join(made)}.", soft_wrap=True)
    elif json_output:
        print_json(made)
    else:
        sys.stdout.write(env_text(made))


def installation_keys(*, sandbox: bool) -> dict[str, str]:
    """What an installation needs, by environment variable."""
    made = {"POSTGRES_PASSWORD": secrets.token_hex(32), **new_keys(notifying(known_providers()))}
    return made | (TO_SANDBOX if sandbox else {})


def env_text(values: dict[str, str]) -> str:
    """The lines of a file `.env`; single quotes keep JSON as it is, for Compose and for a shell."""
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def _write_new(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sentence = f"{file} exists, and its keys may be in use: move it away first"
        raise typer.BadParameter(sentence, param_hint="--env") from None
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="--env") from None
    with os.fdopen(descriptor, "w") as target:
        target.write(text)
