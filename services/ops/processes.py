"""Starts and stops PostgreSQL, Kafka and the services on this machine, and finds them again."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from contracts.provider import extra_folders, provider_ids
from contracts.provider import provider as provider_facts
from libs.devstack.kafka import KafkaNode, find_kafka, start_kafka
from libs.devstack.postgres import PostgresNode, find_postgres, start_postgres
from libs.devstack.process import free_port
from libs.devstack.service import Launch, ServiceProcess, run_python
from libs.messaging.broker import ensure_topics
from libs.service.database import create_database
from libs.service.ports import PORTS, default_port
from services.ops.environment import Addresses, environment_of
from services.ops.keys import load_keys, webhook_key_name
from services.ops.records import Records
from services.ops.signals import interrupted_by_sigterm, undisturbed
from services.ops.webhooks import subscribe

SERVICES = Path(__file__).parent.parent
DATABASE = "ledgerbridge"

Report = Callable[[str], None]


def known_providers() -> list[str]:
    """The providers that have facts and a connector, those of CONNECTORS_PATH too."""
    folders = [SERVICES / "connectors", *extra_folders("CONNECTORS_PATH")]
    connectors = {app.parent.name for folder in folders for app in folder.glob("*/app.py")}
    return sorted(connectors.intersection(provider_ids()))


def notifying(providers: Iterable[str]) -> list[str]:
    """Those of `providers` that send webhooks, and so have a key to sign them with."""
    return [name for name in providers if provider_facts(name).webhooks is not None]


def _silent(_: str) -> None:
    return


@dataclass(slots=True)
class LocalStack:
    """What `ledgerbridge up` starts; data, logs, keys and process ids are kept in `folder`.

    As a context manager (in the main thread) it starts everything, and stops all it started at
    the end, on Ctrl-C and on SIGTERM. `free_ports` lets stacks live side by side. KAFKA_URL and
    POSTGRES_URL stand for servers that are there already: they are used and never stopped.
    `report` is told what is being started; `extra` goes into every service's environment.
    """

    folder: Path
    providers: Sequence[str] = field(default_factory=known_providers)
    sandbox: bool = False
    free_ports: bool = False
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    report: Report = _silent
    launch: Launch = run_python
    addresses: Addresses | None = None
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    services: dict[str, ServiceProcess] = field(default_factory=dict)
    _signals: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> Self:
        self._signals.enter_context(interrupted_by_sigterm())
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._signals.close()

    @property
    def kafka(self) -> KafkaNode | None:
        """The node of this folder, if it runs."""
        return find_kafka(self.folder / "kafka")

    @property
    def postgres(self) -> PostgresNode | None:
        """The server of this folder, if it runs."""
        return find_postgres(self.folder / "postgres")

    def url(self, name: str) -> str:
        """Where a service answers: `auth`, `connectors.xero`, ..."""
        return self.services[name].url

    def environment(self) -> dict[str, str]:
        """What a command of the operator needs to work with this stack."""
        assert self.addresses is not None, "the stack has not been started"
        needed = ("SERVICE_KEY", "SERVICE_PUBLIC_KEYS", "LINK_KEY")
        return self.addresses.shared() | {name: self.keys[name] for name in needed}

    def start(self) -> None:
        """Start what is not running and wait until all is ready; raises `DevstackError`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        kafka, postgres = self.start_servers()
        self.keys = load_keys(self.folder / "keys.json", notifying(known_providers()))
        self._plan()
        urls = {name: service.url for name, service in self.services.items()}
        self.addresses = Addresses(kafka, postgres, urls, self.sandbox)
        for service in self.services.values():
            self._start(service)
        self.report("waiting until all are ready")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ServiceProcess.wait_ready, self.services.values()))
        self._subscribe_webhooks()

    def start_servers(self) -> tuple[str, str]:
        """Start PostgreSQL and Kafka unless they run; their URLs."""
        postgres, kafka = os.environ.get("POSTGRES_URL", ""), os.environ.get("KAFKA_URL", "")
        if not postgres:
            self.report("PostgreSQL")
            node = start_postgres(self.folder / "postgres")
            postgres = asyncio.run(create_database(node.url, DATABASE))
        if not kafka:
            self.report("Kafka")
            kafka = start_kafka(self.folder / "kafka").url
        self.report("topics")
        prefix = os.environ.get("TOPIC_PREFIX", "")
        asyncio.run(ensure_topics(kafka, prefix, known_providers()))
        return kafka, postgres

    def stop(self) -> list[str]:
        """Stop what runs of this folder's stack, by process id; the names of what was stopped."""
        with undisturbed(), ThreadPoolExecutor(8) as pool:
            running = self.running()
            list(pool.map(ServiceProcess.stop, running.values()))
            self._records.forget()
            return [*running, *self._stop_servers()]

    def running(self) -> dict[str, ServiceProcess]:
        """The services of this folder's stack that run now."""
        found = self._records.load() | self.services
        return {name: service for name, service in found.items() if service.is_running}

    @property
    def _records(self) -> Records:
        return Records(self.folder)

    def _plan(self) -> None:
        """Give every service a port before the first one starts: each is told of the others."""
        known = self._records.load()
        self.sandbox = self.sandbox or ("sandbox" in known and known["sandbox"].is_running)
        connectors = [f"connectors.{provider}" for provider in self.providers]
        core = [name for name in PORTS if name != "sandbox" or self.sandbox]
        taken = {service.port for service in known.values()}
        for name in dict.fromkeys([*core, *known, *connectors]):
            service = known.get(name)
            if service is None or not (service.is_running or self.free_ports):
                others = taken - {service.port} if service else taken
                port = self._port(name, others)
                service = ServiceProcess(name, port, self._log(name), launch=self.launch)
            self.services[name] = service
            taken.add(service.port)

    def _port(self, name: str, taken: set[int]) -> int:
        if self.free_ports:
            return free_port()
        if name in PORTS:
            return PORTS[name]
        return next(port for port in range(default_port(name), 65536) if port not in taken)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _start(self, service: ServiceProcess) -> None:
        if service.is_running:
            return
        assert self.addresses is not None
        self.report(service.name)
        own = environment_of(service.name, self.addresses, self.keys)
        service.environment = {**own, **self.extra}
        service.start()
        self._records.save(self.services)

    def _subscribe_webhooks(self) -> None:
        if not self.sandbox:
            return
        gateway, sandbox = self.url("webhook_gateway"), self.url("sandbox")
        for provider in notifying(self.providers):
            key = self.keys[webhook_key_name(provider)]
            subscribe(sandbox, provider, f"{gateway}/webhooks/{provider}", key)

    def _stop_servers(self) -> list[str]:
        servers = {"Kafka": self.kafka, "PostgreSQL": self.postgres}
        running = {name: node for name, node in servers.items() if node is not None}
        for node in running.values():
            node.stop()
        return list(running)
