"""A local stack of real processes: up, up again, down, Ctrl-C, and what is remembered between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.provider import provider
from libs.devstack.process import ProcessId
from libs.devstack.service import ServiceProcess
from libs.service.ports import CONNECTOR_PORT, PORTS, default_port
from services.ops.processes import LocalStack, known_providers, notifying
from services.ops.records import Records

pytestmark = pytest.mark.slow


@pytest.fixture
def servers(
    kafka_url: str,
    database_url: str,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_URL", kafka_url)
    monkeypatch.setenv("POSTGRES_URL", database_url)
    monkeypatch.setenv("TOPIC_PREFIX", topic_prefix)


@pytest.fixture
def stack(servers: None, tmp_path: Path) -> Iterator[LocalStack]:
    stack = LocalStack(tmp_path, ["xero"], sandbox=True, free_ports=True)
    yield stack
    stack.stop()


def test_up_twice_then_down_twice(stack: LocalStack, tmp_path: Path) -> None:
    stack.start()
    pids = {name: service.process for name, service in stack.running().items()}
    assert set(pids) >= {"sandbox", "auth", "webhook_gateway", "reference_product"}
    again = LocalStack(tmp_path, ["xero"], sandbox=True, free_ports=True)
    again.start()
    assert {name: service.process for name, service in again.running().items()} == pids
    assert httpx.get(f"{again.url('auth')}/ready", trust_env=False).status_code == 200
    later = LocalStack(tmp_path)
    assert set(later.stop()) == set(pids)
    assert later.stop() == []
    assert not any(process and process.is_running() for process in pids.values())


def test_a_service_that_died_is_started_again_and_the_others_are_left(
    stack: LocalStack,
) -> None:
    stack.start()
    before = {name: service.process for name, service in stack.running().items()}
    stack.services["auth"].kill()
    stack.start()
    after = {name: service.process for name, service in stack.running().items()}
    assert {name for name in before if before[name] != after[name]} == {"auth"}


SCRIPT = """
import sys
from pathlib import Path
from services.ops.processes import LocalStack
with LocalStack(Path(sys.argv[1]), ["xero"], sandbox=True, free_ports=True):
    print("all up", flush=True)
    import time
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_every_process(
    servers: None, tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "all up\n"
        started = [service.process for service in Records(tmp_path).load().values()]
        assert all(entry and entry.is_running() for entry in started)
        process.send_signal(number)
        process.wait(60)
    assert not any(entry and entry.is_running() for entry in started)


def test_what_was_started_is_found_again(tmp_path: Path) -> None:
    records = Records(tmp_path)
    assert records.load() == {}
    here = ProcessId.of(os.getpid())
    records.save({"auth": ServiceProcess("auth", 4711, tmp_path / "auth.log", process=here)})
    found = records.load()["auth"]
    assert (found.port, found.process, found.is_running) == (4711, here, True)
    records.forget()
    assert records.load() == {}


def test_ports_follow_the_conventions_and_never_clash(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path, ["acme", "other"], sandbox=True)
    stack._plan()
    assert {name: service.port for name, service in stack.services.items()} == {
        "sandbox": 9800,
        "auth": 9801,
        "webhook_gateway": 9802,
        "reference_product": 9803,
        "connectors.acme": 9810,
        "connectors.other": 9811,
    }


def test_connectors_are_found_by_their_folder() -> None:
    assert all((Path("services/connectors") / name).is_dir() for name in known_providers())


def test_every_connector_has_a_port_of_its_own() -> None:
    ports = [default_port(f"connectors.{name}") for name in known_providers()]
    assert len(set(ports) | set(PORTS.values())) == len(ports) + len(PORTS)
    assert default_port("connectors.xero") == CONNECTOR_PORT
    assert default_port("connectors.acme") == CONNECTOR_PORT


def test_only_who_sends_webhooks_has_a_key_for_them() -> None:
    assert notifying(["xero"]) == ["xero"]
    quiet = [name for name in known_providers() if provider(name).webhooks is None]
    assert not set(notifying(known_providers())) & set(quiet)
