"""The stack the bench runs on: its own services, database and topics, gone when it ends."""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from libs.service.database import create_database, drop_database
from services.ops.processes import LocalStack
from tests.bench.tap import Tap, listening
from tests.flows.world import World

PROVIDER = "xero"
CONNECTOR = f"connectors.{PROVIDER}"

Told = Callable[[str, int, int], None]


class BenchFailed(RuntimeError):
    """The system did not do what was measured: the figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every part of the bench is given; `told` hears (what, done, of how many)."""

    stack: LocalStack
    prefix: str
    tap: Tap
    quick: bool
    told: Told

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def busy(self, service: str) -> float:
        """Seconds of processor time a service has used: what other programs do is not in it."""
        process = self.stack.services[service].process
        assert process is not None
        times = psutil.Process(process.pid).cpu_times()
        return float(times.user + times.system)

    @asynccontextmanager
    async def worlds(self, count: int) -> AsyncIterator[list[World]]:
        """That many tenants, each with a company of its own connected."""
        async with AsyncExitStack() as exits:
            made: list[World] = []
            for number in range(count):
                self.told("connecting companies", number, count)
                tenant = f"t{uuid.uuid4().hex[:10]}"
                world = World(self.stack, self.stack.environment(), self.prefix, tenant)
                made.append(await exits.enter_async_context(world))
                await world.connect()
            yield made


@contextmanager
def local_stack(
    report: Callable[[str], None],
    providers: Sequence[str] = (PROVIDER,),
    extra: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[LocalStack, str]]:
    """Everything but the bench itself, with the vendor's real limits, and its topic prefix.

    `extra` goes into the environment of every service.

    KAFKA_URL and POSTGRES_URL stand for servers that are there already: they get a database and
    topics of the bench's own, both gone afterwards; what is missing is started and stopped.
    """
    name = f"bench_{uuid.uuid4().hex[:8]}"
    with ExitStack() as exits:
        folder = Path(tempfile.mkdtemp(prefix="lb-bench-"))
        exits.callback(shutil.rmtree, folder, ignore_errors=True)
        if server := os.environ.get("POSTGRES_URL"):
            os.environ["POSTGRES_URL"] = asyncio.run(create_database(server, name))
            exits.callback(lambda: asyncio.run(drop_database(server, name)))
        os.environ["TOPIC_PREFIX"] = f"{name}."
        if kafka := os.environ.get("KAFKA_URL"):
            exits.callback(lambda: asyncio.run(_delete_topics(kafka, f"{name}.")))
        stack = LocalStack(
            folder, providers, sandbox=True, free_ports=True, extra=extra, report=report
        )
        yield exits.enter_context(stack), f"{name}."


@asynccontextmanager
async def bench(stack: LocalStack, prefix: str, told: Told, *, quick: bool) -> AsyncIterator[Bench]:
    """The running stack with a consumer on its events."""
    async with listening(stack.environment()["KAFKA_URL"], prefix) as tap:
        yield Bench(stack, prefix, tap, quick, told)


async def _delete_topics(url: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    try:
        ours = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()
