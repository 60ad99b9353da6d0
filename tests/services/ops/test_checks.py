"""The doctor finds what is wrong and says what to do."""

import shutil
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from libs.devstack.process import free_port
from services.ops import checks
from services.ops.checks import Finding, examine
from services.ops.cli import app


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_URL", raising=False)
    monkeypatch.delenv("POSTGRES_URL", raising=False)


async def found(folder: Path, check: str) -> Finding:
    return next(finding for finding in await examine(folder) if finding.check == check)


async def test_nothing_started_is_no_fault(tmp_path: Path) -> None:
    for check in ("keys", "PostgreSQL", "Kafka", "services"):
        assert (await found(tmp_path, check)).state == "note"
    assert (await found(tmp_path / "not" / "there", "Python")).state == "ok"


async def test_an_old_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert (await found(tmp_path, "Python")).state == "wrong"


async def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1024**3))
    finding = await found(tmp_path, "disk")
    assert (finding.state, finding.found) == ("wrong", "1.0 GiB free")


async def test_keys_that_others_may_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.touch(0o600)
    assert (await found(tmp_path, "keys")).state == "ok"
    file.chmod(0o644)
    finding = await found(tmp_path, "keys")
    assert finding.state == "wrong"
    assert finding.advice == f"chmod 600 {file}"


async def test_servers_that_do_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_URL", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("POSTGRES_URL", f"postgresql://u:hunter2@127.0.0.1:{free_port()}/x")
    for check in ("Kafka", "PostgreSQL"):
        finding = await found(tmp_path, check)
        assert finding.state == "wrong"
        assert "hunter2" not in finding.found + finding.advice


async def test_servers_that_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka_url: str, postgres_server: str
) -> None:
    monkeypatch.setenv("KAFKA_URL", kafka_url)
    monkeypatch.setenv("POSTGRES_URL", postgres_server)
    assert (await found(tmp_path, "Kafka")).found == kafka_url
    assert (await found(tmp_path, "PostgreSQL")).found.startswith("version ")


async def test_a_port_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setattr(checks, "PORTS", {"auth": port})
        finding = await found(tmp_path, "ports")
    assert finding.state == "wrong"
    assert f"port {port} of auth" in finding.found


def test_the_command_ends_with_status_1_when_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "keys.json").touch(0o644)
    (tmp_path / "keys.json").chmod(0o644)
    result = CliRunner().invoke(app, ["doctor", "--folder", str(tmp_path)])
    assert result.exit_code == 1
    assert "chmod 600" in result.output.replace("\n", "")
