"""`ledgerbridge doctor`: what is wrong on this machine, and what to do about it."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.ops.checks import Finding, examine
from services.ops.stack import FOLDER

COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}

commands = typer.Typer()


@commands.command()
def doctor(
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    folder: Annotated[Path, typer.Option(help="The folder `up` was given.")] = FOLDER,
) -> None:
    """Check Python, disk, ports, Kafka, PostgreSQL and services; say what to do.

    Ends with status 1 when something is wrong.
    """
    findings = asyncio.run(examine(folder.resolve()))
    if json_output:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings]) + "\n")
    else:
        Console().print(_table(findings))
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table("check", "", "found", "what to do")
    for finding in findings:
        state = f"[{COLOURS[finding.state]}]{finding.state}[/]"
        table.add_row(finding.check, state, finding.found, finding.advice)
    return table
