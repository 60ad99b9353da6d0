"""Runs one service as a process: `python -m services <name> [--port N] [--host H]`."""

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import cast

import uvicorn
from fastapi import FastAPI

from libs.service.logging import configure_logging
from libs.service.ports import default_port
from libs.service.settings import ServiceSettings


def main() -> None:
    """Parse the command line and serve until SIGTERM or SIGINT."""
    arguments = _parser().parse_args()
    settings = ServiceSettings()
    configure_logging(arguments.name, settings.log_level, settings.log_format)
    uvicorn.run(
        _factory(arguments.name),
        factory=True,
        host=arguments.host,
        port=arguments.port or default_port(arguments.name),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services", description=__doc__)
    parser.add_argument("name", help="auth, webhook_gateway, connectors.<provider>, ...")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    return parser


def _factory(name: str) -> Callable[[], FastAPI]:
    module = f"services.{name}.app"
    try:
        return cast("Callable[[], FastAPI]", importlib.import_module(module).create_app)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        sys.exit(f"There is no service {name!r}.")


if __name__ == "__main__":
    main()
