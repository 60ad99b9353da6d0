"""What a newcomer reads in the README works when typed: commands, targets, paths, variables."""

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from contracts.provider import provider_ids
from services.ops.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TYPED = re.findall(r"^ {4}((?:make|ledgerbridge) .*)$", README, re.MULTILINE)
NAMED = sorted(set(re.findall(r"ledgerbridge ([a-z]+)", README)) - {"is"})


def test_the_readme_has_commands_to_type() -> None:
    assert len(TYPED) > 6


@pytest.mark.parametrize("line", [line for line in TYPED if line.startswith("make")])
def test_every_make_target_exists(line: str) -> None:
    assert re.search(rf"^{line.split()[1]}:.*## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("name", NAMED)
def test_every_command_exists_and_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
    assert answer.exit_code == 0
    assert name in get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", [line for line in TYPED if line.startswith("ledgerbridge")])
def test_every_option_that_is_typed_exists(line: str) -> None:
    _, name, *rest = line.split()
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_linked_file_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:services|tests|contracts|libs)/[\w./]+)`", README)))
)
def test_every_named_path_exists(path: str) -> None:
    assert (ROOT / path).exists() or "acme" in path


@pytest.mark.parametrize(
    "variable", sorted(set(re.findall(r"`([A-Z]+_[A-Z_]+)`", README.split("## Configuration")[1])))
)
def test_every_variable_is_read_somewhere(variable: str) -> None:
    sources = [*ROOT.glob("libs/**/*.py"), *ROOT.glob("services/**/*.py")]
    words = {variable, variable.lower()}
    named = [one.upper() for one in provider_ids() if variable.startswith(one.upper())]
    words |= {variable.removeprefix(one) for one in named}
    assert any(word in source.read_text() for source in sources for word in words)
