"""A new provider is laid out as a red suite, and every service finds it by its folders alone."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from contracts.provider import provider, provider_ids
from libs.devstack.process import DevstackError
from services.ops.processes import known_providers
from services.ops.provider import lay_out
from tests.services.ops.commanded import ledgerbridge

ROOT = Path(__file__).parents[3]


def folders(laid: Path) -> dict[str, str]:
    """As an operator names a provider that lies elsewhere."""
    return {
        "PROVIDERS_PATH": str(laid / "contracts" / "providers"),
        "CONNECTORS_PATH": str(laid / "services" / "connectors"),
        "SIMULATORS_PATH": str(laid / "services" / "sandbox" / "providers"),
    }


def run(laid: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **folders(laid)},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_command_says_what_it_wrote_and_what_to_do_next(tmp_path: Path) -> None:
    said = await ledgerbridge("provider", "acme_books", "--into", tmp_path)
    assert said.exit_code == 0, said.output
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {
        "contracts/providers/acme_books.toml",
        "services/connectors/acme_books/__init__.py",
        "services/connectors/acme_books/app.py",
        "services/connectors/acme_books/connector.py",
        "services/connectors/acme_books/mapping.py",
        "services/connectors/acme_books/README.md",
        "services/sandbox/providers/acme_books/__init__.py",
        "services/sandbox/providers/acme_books/provider.py",
        "tests/services/connectors/acme_books/__init__.py",
        "tests/services/connectors/acme_books/test_acme_books.py",
    }
    assert all(name in said.stdout for name in written)
    assert "pytest tests/services/connectors/acme_books" in said.stdout


@pytest.mark.parametrize("name", ["Acme", "2acme", "ac-me", "a", "import", "../acme", "a" * 40])
def test_a_bad_id_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DevstackError, match="cannot be a provider's id"):
        lay_out(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    with pytest.raises(DevstackError, match="is a provider 'xero' already"):
        lay_out("xero", tmp_path)
    mapping = tmp_path / "services" / "connectors" / "acme" / "mapping.py"
    mapping.parent.mkdir(parents=True)
    mapping.write_text("mine")
    with pytest.raises(DevstackError, match="is a provider 'acme' already"):
        lay_out("acme", tmp_path)
    assert mapping.read_text() == "mine"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [mapping]


def test_what_is_laid_out_is_clean(tmp_path: Path) -> None:
    lay_out("acme", tmp_path)
    config = ("--config", str(ROOT / "pyproject.toml"))
    # What ruff knows of our own folders it cannot know of one elsewhere.
    ours = "lint.isort.known-first-party=['contracts','libs','services']"
    looser = ("--config", ours, "--ignore", "D104")
    for command in (("format", "--check", *config), ("check", *config, *looser)):
        done = run(tmp_path, "ruff", *command, str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_services_find_it_by_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "acme" not in provider_ids()
    lay_out("acme", tmp_path)
    for name, value in folders(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert {"acme", "xero"} <= set(provider_ids())
    assert provider.__wrapped__("acme").name == "Acme"
    assert {"acme", "xero"} <= set(known_providers())


def test_its_suite_runs_and_is_red(tmp_path: Path) -> None:
    lay_out("acme", tmp_path)
    report = tmp_path / "report.xml"
    suite = str(tmp_path / "tests" / "services" / "connectors" / "acme" / "test_acme.py")
    options = ("-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path))
    found = ("-p", "no:cacheprovider", "--import-mode=importlib", f"--junit-xml={report}")
    done = run(tmp_path, "pytest", *options, *found, suite)
    assert done.returncode == 1, done.stdout + done.stderr
    tests = {case.get("name"): len(case) == 0 for case in ET.parse(report).iter("testcase")}
    # Its facts hold together and its mapping is pure; all else is still to be done.
    assert sorted(name for name, green in tests.items() if green and name) == [
        "test_the_mapping_imports_no_io",
        "test_the_toml_fits_the_connector",
    ]
    assert len(tests) >= 12
    assert "is not simulated" in done.stdout
