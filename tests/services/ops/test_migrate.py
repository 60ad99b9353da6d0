"""`ledgerbridge migrate` brings every schema up to date, once."""

import json

import pytest
from typer.testing import CliRunner

from services.ops.cli import app
from services.ops.migrate import migration_folders


@pytest.mark.parametrize("schema", ["auth", "webhook_gateway"])
def test_every_service_with_migrations_is_known(schema: str) -> None:
    assert schema in migration_folders()
    assert all(list(folder.glob("0*_*.sql")) for folder in migration_folders().values())


def test_migrate_twice(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_URL", database_url)
    first = CliRunner().invoke(app, ["migrate", "--json"])
    applied = json.loads(first.stdout)
    assert all(applied.values())
    second = CliRunner().invoke(app, ["migrate", "--json"])
    assert not any(json.loads(second.stdout).values())
