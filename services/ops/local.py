"""Where a command finds what it talks to: the environment, else the stack of a local folder."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field, SecretStr

from libs.devstack.kafka import find_kafka
from libs.service.settings import ServiceSettings
from services.ops.keys import load_keys
from services.ops.records import Records
from services.ops.stack import FOLDER

URLS = {"AUTH_URL": "auth", "PRODUCT_URL": "reference_product", "SANDBOX_URL": "sandbox"}

Folder = Annotated[
    Path,
    typer.Option(envvar="LEDGERBRIDGE_FOLDER", help="The folder `up` was given."),
]


class OperatorSettings(ServiceSettings):
    """The settings of the operator's commands."""

    link_key: SecretStr | None = Field(default=None, description="Signs the links to /connect.")
    sandbox_url: str | None = None
    connectors: dict[str, str] = Field(
        default_factory=dict, description="Base URL of each provider's connector, as JSON."
    )


def operator_settings(folder: Path = FOLDER) -> OperatorSettings:
    """What the environment names, and for the rest what runs in `folder`."""
    found = {k: v for k, v in _found(folder.resolve()).items() if k.upper() not in os.environ}
    return OperatorSettings(**found)


def _found(folder: Path) -> dict[str, Any]:
    running = {n: s for n, s in Records(folder).load().items() if s.is_running}
    kafka = find_kafka(folder / "kafka")
    keys = load_keys(folder / "keys.json", ()) if (folder / "keys.json").exists() else {}
    urls = {name: running[service].url for name, service in URLS.items() if service in running}
    connectors = {
        name.removeprefix("connectors."): service.url
        for name, service in running.items()
        if name.startswith("connectors.")
    }
    named = {**keys, **urls, **({"KAFKA_URL": kafka.url} if kafka else {})}
    lower = {name.lower(): value for name, value in named.items()}
    return lower | ({"connectors": connectors} if connectors else {})
