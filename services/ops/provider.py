"""`ledgerbridge provider`: lay out a new provider and a red suite to fill in until green."""

import keyword
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console

from contracts.provider import provider_ids
from libs.devstack.process import DevstackError

TEMPLATES = Path(__file__).parent / "templates" / "provider"
ID = re.compile(r"[a-z][a-z0-9_]{1,30}")
FILES: Mapping[str, str] = {
    "contracts/providers/{id}.toml": "facts.toml.j2",
    "services/connectors/{id}/__init__.py": "package.py.j2",
    "services/connectors/{id}/app.py": "app.py.j2",
    "services/connectors/{id}/connector.py": "connector.py.j2",
    "services/connectors/{id}/mapping.py": "mapping.py.j2",
    "services/connectors/{id}/README.md": "README.md.j2",
    "services/sandbox/providers/{id}/__init__.py": "simulator_package.py.j2",
    "services/sandbox/providers/{id}/provider.py": "simulator.py.j2",
    "tests/services/connectors/{id}/__init__.py": "",
    "tests/services/connectors/{id}/test_{id}.py": "suite.py.j2",
}
HELP = """Lay out the new provider NAME: its facts, a connector, a simulator and a red suite.

No file that is there already is touched. NAME is its id: it stands in URLs, topics, modules.

Example: ledgerbridge provider acme
"""
NEXT = """Next:
1. contracts/providers/{id}.toml: the vendor's facts
2. services/sandbox/providers/{id}: the vendor's API, from its documents alone
3. services/connectors/{id}: mapping.py, then connector.py
4. {python} -m pytest tests/services/connectors/{id}, until it is green; then make check
5. docker-compose.yml: its service"""

commands = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="Say acme.")]
Into = Annotated[Path, typer.Option(help="The checkout, or a folder that is laid out like it.")]


@commands.command(help=HELP)
def provider(name: Name, into: Into = Path()) -> None:
    """Lay out a new provider."""
    made = lay_out(name, into)
    console = Console(highlight=False)
    for file in made:
        console.print(f"  {file}", soft_wrap=True)
    console.print(NEXT.format(id=name, python=Path(sys.executable).name), soft_wrap=True)


def lay_out(name: str, into: Path) -> list[Path]:
    """Write the files of a new provider; raises DevstackError, and then nothing was written."""
    if not ID.fullmatch(name) or keyword.iskeyword(name):
        raise DevstackError(
            f"{name!r} cannot be a provider's id: lower-case letters, digits and _, say acme."
        )
    files = {into / path.format(id=name): template for path, template in FILES.items()}
    if name in provider_ids() or any(file.exists() for file in files):
        raise DevstackError(f"There is a provider {name!r} already; nothing was written.")
    texts = {file: _rendered(template, name) for file, template in files.items()}
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return list(files)


def _rendered(template: str, name: str) -> str:
    if not template:
        return ""
    words = name.replace("_", " ").title()
    # What is rendered is Python and TOML: escaping for HTML would spoil it.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(template).render(
        id=name, cls=words.replace(" ", ""), title=words
    )
