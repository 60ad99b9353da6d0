"""What several commands take: moments, tenants, JSON, and how they show their answers."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Tenant = Annotated[str, typer.Option(help="Whose.")]
ConnectionId = Annotated[
    str, typer.Option("--connection", help="Which; needed only where a tenant has several.")
]


def moment(text: str, option: str) -> datetime:
    """An RFC 3339 moment with its time zone, or a date (midnight UTC); else a usage error."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        sentence = "write it like 2026-01-31T12:00:00Z or 2026-01-31"
        raise typer.BadParameter(sentence, param_hint=option) from None
    if found.tzinfo is None and len(text) > len("2026-01-31"):
        raise typer.BadParameter("name the time zone: 2026-01-31T12:00:00Z", param_hint=option)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def print_json(content: Any) -> None:
    """One line on standard output; what JSON does not know is written as text."""
    sys.stdout.write(json.dumps(content, default=str) + "\n")
