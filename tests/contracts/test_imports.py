import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import contracts

ROOT = Path(contracts.__file__).parent
ALLOWED = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "contracts"}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


@pytest.mark.parametrize("file", sorted(ROOT.glob("**/*.py")), ids=lambda file: file.name)
def test_contracts_import_pydantic_and_the_standard_library_only(file: Path) -> None:
    assert {name.split(".")[0] for name in imported(file)} <= ALLOWED


def test_the_contracts_are_those_of_this_checkout() -> None:
    assert Path(__file__).parents[2] == ROOT.parent
