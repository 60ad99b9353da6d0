"""Fixtures: Kafka and PostgreSQL per run, a database and topic names of its own per test."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from libs.devstack.kafka import start_kafka
from libs.devstack.postgres import start_postgres
from libs.devstack.process import free_port, tail
from libs.devstack.service import READY_LIMIT, ServiceProcess
from libs.service.database import create_database, drop_database
from libs.testing.containers import docker_answers, kafka_container, postgres_container
from libs.testing.forked import fork_service
from libs.testing.run import FOLDER, KAFKA, POSTGRES


@pytest.fixture(scope="session")
def devstack_folder() -> Path:
    """The run's folder, shared by its workers."""
    return Path(os.environ[FOLDER])


@pytest.fixture(scope="session")
def kafka_url(devstack_folder: Path) -> Iterator[str]:
    """KAFKA_URL, else a container where a Docker engine answers, else the devstack."""
    if url := os.environ.get("KAFKA_URL"):
        yield url
    elif docker_answers():
        with kafka_container() as url:
            yield url
    else:
        # Whoever comes first starts it, the end of the run stops it; likewise PostgreSQL.
        yield start_kafka(devstack_folder / KAFKA).url


@pytest.fixture(scope="session")
def postgres_server(devstack_folder: Path) -> Iterator[str]:
    """The URL of a server, from POSTGRES_URL, a container or the devstack as with Kafka."""
    if url := os.environ.get("POSTGRES_URL"):
        yield url
    elif docker_answers():
        with postgres_container() as url:
            yield url
    else:
        yield start_postgres(devstack_folder / POSTGRES, forgetful=True).url


@pytest.fixture
async def database_url(postgres_server: str) -> AsyncIterator[str]:
    """A fresh, empty database, dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield await create_database(postgres_server, name)
    await drop_database(postgres_server, name)


@pytest.fixture
async def topic_prefix(kafka_url: str) -> AsyncIterator[str]:
    """A TOPIC_PREFIX no other test has; topics that begin with it are deleted after the test."""
    prefix = f"t{uuid.uuid4().hex[:12]}."
    yield prefix
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        ours = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()


@pytest.fixture
def service_environment(kafka_url: str, database_url: str, topic_prefix: str) -> dict[str, str]:
    """What every service of one test is given; add the service's own."""
    return {
        "KAFKA_URL": kafka_url,
        "POSTGRES_URL": database_url,
        "TOPIC_PREFIX": topic_prefix,
        "LOG_LEVEL": "DEBUG",
    }


@dataclass(slots=True)
class RunningService:
    """A service process for asynchronous tests: waiting for it blocks no event loop."""

    process: ServiceProcess

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def log(self) -> Path:
        return self.process.log

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after a limit."""
        await asyncio.to_thread(self.process.stop)

    async def kill(self) -> None:
        """SIGKILL."""
        await asyncio.to_thread(self.process.kill)

    async def restart(self, environment: Mapping[str, str] | None = None) -> None:
        """Stop unless it has ended, start on the same port, wait until it is ready."""
        self.process.environment = {**self.process.environment, **(environment or {})}
        await asyncio.to_thread(self.process.restart)


@dataclass(slots=True)
class ServiceStarter:
    """Call it to start a service; every one is stopped when the test ends."""

    folder: Path
    started: list[ServiceProcess] = field(default_factory=list)

    async def __call__(
        self,
        name: str,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        *,
        limit: float = READY_LIMIT,
    ) -> RunningService:
        """Start `python -m services <name>` and wait until it is ready."""
        log = self.folder / f"{name}-{len(self.started)}.log"
        own = dict(env or {})
        process = ServiceProcess(name, port or free_port(), log, own, launch=fork_service)
        self.started.append(process)
        process.start()
        await asyncio.to_thread(process.wait_ready, limit)
        return RunningService(process)

    def stop_all(self) -> None:
        for process in reversed(self.started):
            process.stop()
            # pytest shows this where the test failed.
            sys.stdout.write(f"--- {process.name}\n{tail(process.log, 40)}\n")


@pytest.fixture
def start_service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServiceStarter]:
    """Starts services as real processes, their logs in files under `tmp_path`."""
    for used in ("database_url", "topic_prefix"):
        if used in request.fixturenames:
            # Set up before this fixture, they are taken away after the services have stopped.
            request.getfixturevalue(used)
    starter = ServiceStarter(tmp_path)
    yield starter
    starter.stop_all()
