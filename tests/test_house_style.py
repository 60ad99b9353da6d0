"""The house style's limits: short functions, short files, a sentence at the top of each module."""

import ast
from pathlib import Path

import pytest

import contracts
import libs
import services

ROOT = Path(__file__).parent.parent
FUNCTION_LINES = 40
FILE_LINES = 250
PROVIDER_FILE_LINES = 200
PROVIDERS = ("services/connectors/", "services/sandbox/providers/", "services/auth/providers/")

SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in ("contracts", "libs", "services")
    for path in (ROOT / folder).rglob("*.py")
)


def too_long(text: str, limit: int) -> list[str]:
    """What of one module breaks a limit."""
    lines = len(text.splitlines())
    found = [f"{lines} lines, {limit} are allowed"] if lines > limit else []
    functions = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    for function in functions:
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            found.append(f"{function.name} has {length} lines, {FUNCTION_LINES} are allowed")
    return found


def limit_of(path: Path) -> int:
    return PROVIDER_FILE_LINES if path.as_posix().startswith(PROVIDERS) else FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    assert too_long((ROOT / path).read_text(), limit_of(path)) == []


def test_the_limits_can_be_broken() -> None:
    body = "\n".join(["def f():", *["    pass"] * FUNCTION_LINES])
    assert too_long(body, FILE_LINES) == ["f has 41 lines, 40 are allowed"]
    assert too_long("\n" * 201, limit_of(Path("services/connectors/acme/connector.py")))
    assert not too_long("\n" * 201, limit_of(Path("libs/connector/worker.py")))


@pytest.mark.parametrize("package", [contracts, libs, services])
def test_the_packages_imported_are_ours(package: object) -> None:
    assert Path(str(getattr(package, "__file__", ""))).is_relative_to(ROOT)
