"""What a held record tells a person to type exists: every `ledgerbridge map` in a sentence."""

import re
from pathlib import Path

import pytest

from services.ops.commanding import Mapped

ROOT = Path(__file__).parents[3]
QUOTES = re.compile(r'"\s+f?"')
NAMED = re.compile(r"ledgerbridge map (\w+) ")


def sentences() -> list[tuple[str, str]]:
    """Kinds that sources name, with the file; a sentence may be written over several lines."""
    found = []
    for folder in ("libs", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            text = QUOTES.sub("", path.read_text())
            found += [(path.name, kind) for kind in NAMED.findall(text)]
    return sorted(set(found))


def test_there_are_some() -> None:
    assert "tax_code" in {kind for _, kind in sentences()}


@pytest.mark.parametrize(("file", "kind"), sentences())
def test_a_mapping_that_is_named_can_be_made(file: str, kind: str) -> None:
    assert kind in list(Mapped), file
