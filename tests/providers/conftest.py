"""Invented providers are known while their own tests run."""

from pathlib import Path

import pytest

FOLDER = str(Path(__file__).parent)
FOLDERS = dict.fromkeys(("PROVIDERS_PATH", "CONNECTORS_PATH", "SIMULATORS_PATH"), FOLDER)


@pytest.fixture(autouse=True)
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator would say it."""
    for name, value in FOLDERS.items():
        monkeypatch.setenv(name, value)
