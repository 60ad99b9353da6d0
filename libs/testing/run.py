"""A run of the tests: its folder, servers for all its workers, and an end that leaves nothing."""

import os
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from libs.devstack.kafka import find_kafka
from libs.devstack.postgres import find_postgres
from libs.devstack.process import ProcessId
from libs.testing.containers import docker_answers, kafka_container, postgres_container

FOLDER = "LEDGERBRIDGE_TESTS"
"""The run's folder; whatever a run starts has it in its environment, workers too."""
KAFKA, POSTGRES = "kafka", "postgres"
CONTAINERS = pytest.StashKey[ExitStack]()


def is_worker(config: pytest.Config) -> bool:
    """Whether pytest-xdist has started this process, and another one leads the run."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder: a short path, as a Unix socket's may have some 100 characters only."""
    if not is_worker(config):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="lb-tests-")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Start containers before the workers, which find them in their environment."""
    if not docker_answers():
        return
    containers = config.stash[CONTAINERS] = ExitStack()
    for name, container in (("KAFKA_URL", kafka_container), ("POSTGRES_URL", postgres_container)):
        if not os.environ.get(name):
            os.environ[name] = containers.enter_context(container())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, and what a worker that was killed has left running."""
    if is_worker(config):
        return
    folder = Path(os.environ[FOLDER])
    for node in (find_kafka(folder / KAFKA), find_postgres(folder / POSTGRES)):
        if node is not None:
            node.stop()
    for process in _left_running(folder):
        process.stop()
    if CONTAINERS in config.stash:
        config.stash[CONTAINERS].close()
    shutil.rmtree(folder, ignore_errors=True)


def _left_running(folder: Path) -> list[ProcessId]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(FOLDER) == str(folder):
                found.append(ProcessId.of(process.pid))
    return found
