"""`ledgerbridge keys`: a file `.env` for a new installation."""

import json
import re
import stat
from pathlib import Path

from typer.testing import CliRunner

from services.ops.cli import app
from services.ops.keys import webhook_key_name
from services.ops.processes import known_providers, notifying

NAMES = [
    "POSTGRES_PASSWORD",
    "SERVICE_KEY",
    "SERVICE_PUBLIC_KEYS",
    "VAULT_KEYS",
    "LINK_KEY",
    *(webhook_key_name(provider) for provider in notifying(known_providers())),
]


def words(shown: str) -> str:
    """A message without its frame and line breaks."""
    return " ".join(re.findall(r"[\w./]+", shown))


def test_the_keys_are_printed_as_an_env_file() -> None:
    done = CliRunner().invoke(app, ["keys"])
    assert done.exit_code == 0
    values = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert list(values) == NAMES
    assert all(value[0] == value[-1] == "'" for value in values.values())
    assert json.loads(values["VAULT_KEYS"].strip("'"))["current"]


def test_json_and_the_sandbox() -> None:
    made = json.loads(CliRunner().invoke(app, ["keys", "--sandbox", "--json"]).stdout)
    assert list(made) == [*NAMES, "COMPOSE_PROFILES", "SANDBOX_URL"]


def test_every_run_makes_others() -> None:
    first, second = (CliRunner().invoke(app, ["keys", "--json"]).stdout for _ in range(2))
    one, other = json.loads(first), json.loads(second)
    assert all(one[name] != other[name] for name in NAMES)


def test_a_file_is_for_its_owner_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    done = CliRunner().invoke(app, ["keys", "--env", str(file)])
    assert done.exit_code == 0
    assert not done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    assert "VAULT_KEYS='{" in before
    again = CliRunner().invoke(app, ["keys", "--env", str(file)])
    assert again.exit_code == 2
    assert "may be in use" in words(again.stderr)
    assert file.read_text() == before


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["keys", "--env", str(tmp_path / "no" / ".env")])
    assert done.exit_code == 2
    assert "No such file or directory" in words(done.stderr)
