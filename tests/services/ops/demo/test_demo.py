"""The demo as its user runs it, on the first documents of its day; and with faults planted."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.devstack.process import wait_until
from services.ops.processes import LocalStack
from services.ops.records import Records

LIMIT = 8
LEDGERBRIDGE = [sys.executable, "-c", "from services.ops.cli import main; main()"]

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(
    kafka_url: str,
    database_url: str,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Path]:
    """The demo's folder, on servers that run; what it has left running is stopped."""
    monkeypatch.setenv("KAFKA_URL", kafka_url)
    monkeypatch.setenv("POSTGRES_URL", database_url)
    monkeypatch.setenv("TOPIC_PREFIX", topic_prefix)
    yield tmp_path / "demo"
    LocalStack(tmp_path / "demo", ()).stop()


def ledgerbridge(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*LEDGERBRIDGE, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def demo(folder: Path, *words: object) -> tuple[int, dict[str, Any]]:
    """Its exit status and what it says to a machine."""
    done = ledgerbridge("demo", "--json", "--limit", LIMIT, "--folder", folder, *words)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def running(folder: Path) -> list[str]:
    return [name for name, one in Records(folder).load().items() if one.is_running]


def test_the_demo_ends_equal_to_the_cent_and_what_it_leaves_can_be_used(folder: Path) -> None:
    status, said = demo(folder, "--keep")
    assert (status, said["problems"]) == (0, [])
    assert said["day"]["total"] == LIMIT
    assert said["day"]["held"] == len(said["held"]["documents"]) == 1
    assert said["lost_answer"] == {"requests": 2, "invoices": 1}
    assert len(said["bookkeeper"]) == 4
    assert said["again"]["writes"] == said["usage"]["answers_429"] == 0
    assert said["usage"]["duplicates"] == []
    assert said["reconciliation"]["equal"]
    assert [step["where"] for step in said["invoice"]["steps"]][::4] == ["Kafka", "Kafka"]
    try_what_is_left(said["kept"])
    refused = ledgerbridge("demo", "--folder", folder)
    assert "still runs" in refused.stdout
    assert refused.returncode == 1
    assert ledgerbridge("down", "--folder", folder).returncode == 0
    assert running(folder) == []


def try_what_is_left(kept: dict[str, str]) -> None:
    """The lines a person is told to try, as they are printed."""
    [publish] = [shlex.split(kept["publish"])]
    assert ledgerbridge(*publish[1:]).returncode == 0
    assert subprocess.run(shlex.split(kept["bookkeeper"]), check=True, capture_output=True).stdout

    def arrived() -> bool:
        found = httpx.get(f"{kept['books']}/documents", trust_env=False).json()
        numbers = {one["InvoiceNumber"] for one in found["Invoices"]}
        return "SAMPLE-1" in numbers

    assert wait_until(arrived, 60)
    assert httpx.get(kept["books"], trust_env=False).status_code == 200
    assert httpx.get(kept["product"], trust_env=False).status_code == 200


def test_one_planted_cent_is_found_and_named(folder: Path) -> None:
    status, said = demo(folder, "--plant", "cent")
    assert status == 1
    assert not said["reconciliation"]["equal"]
    [summed, named] = said["problems"]
    assert summed == "Product and ledger differ: invoice, net, gross, balance."
    number = said["invoice"]["id"]
    assert named.startswith(f"Invoice {number}: ")
    assert running(folder) == []


def test_one_dropped_event_is_found_and_named(folder: Path) -> None:
    status, said = demo(folder, "--plant", "drop")
    assert status == 1
    assert said["day"]["synced"] + said["day"]["held"] == LIMIT - 1
    assert said["problems"][0] == "1 document of the batch never reached the connector."
    assert said["problems"][-1].endswith("in the product, not there in the ledger.")
    assert said["again"]["writes"] == 0


def test_ctrl_c_stops_every_process(folder: Path) -> None:
    command = [*LEDGERBRIDGE, "demo", "--limit", str(LIMIT), "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ), text=True) as run:
        assert run.stdout is not None
        assert any("OAuth 2" in line for line in run.stdout)
        started = [one.process for one in Records(folder).load().values()]
        assert all(one and one.is_running() for one in started)
        run.send_signal(signal.SIGINT)
        run.stdout.read()
        assert run.wait(60) != 0
    assert not any(one and one.is_running() for one in started)
