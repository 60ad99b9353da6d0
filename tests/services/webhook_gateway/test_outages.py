"""Kafka and PostgreSQL away, slow and back again, with the gateway as a process of its own."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from libs.devstack.kafka import KafkaNode, start_kafka
from libs.devstack.process import free_port
from libs.devstack.service import ServiceProcess
from libs.service.database import connect
from libs.testing.forked import fork_service
from libs.testing.proxy import Proxy, postgres_target, postgres_through, proxy
from tests.services.webhook_gateway.conftest import XERO, figure
from tests.services.webhook_gateway.reading import Record, Topics, eventually, header
from tests.services.webhook_gateway.signing import KEY, headers, webhook

pytestmark = pytest.mark.slow

LOCK = "hashtext('lb/webhook_gateway/drain')"


@dataclass(slots=True)
class Broker:
    """A Kafka node of this module, which its tests may stop and freeze."""

    data: Path
    node: KafkaNode | None = None

    def up(self) -> None:
        self.node = start_kafka(self.data)

    def down(self) -> None:
        assert self.node is not None
        self.node.stop()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self._process().suspend()

    def thaw(self) -> None:
        self._process().resume()

    def _process(self) -> psutil.Process:
        assert self.node is not None
        process = self.node.process.find()
        assert process is not None
        return process


@pytest.fixture(scope="module")
def broker(devstack_folder: Path) -> Iterator[Broker]:
    broker = Broker(devstack_folder / "gateway-kafka")
    broker.up()
    yield broker
    broker.down()


@pytest.fixture
async def postgres(postgres_server: str) -> AsyncIterator[Proxy]:
    async with proxy(postgres_target(postgres_server)) as between:
        yield between


@dataclass(frozen=True, slots=True)
class Gateway:
    """The process under test and what a provider can do to it."""

    process: ServiceProcess
    http: httpx.AsyncClient
    topics: Topics
    database_url: str

    async def send(self, *companies: str, sequence: int = 1) -> int:
        body = webhook(companies, sequence)
        url = f"{self.process.url}/webhooks/xero"
        answer = await self.http.post(url, content=body, headers=headers(body))
        assert answer.content == b""
        return answer.status_code

    async def status(self, path: str) -> int:
        try:
            return (await self.http.get(self.process.url + path)).status_code
        except httpx.TransportError:
            return 0

    async def until(self, path: str, status: int) -> None:
        async def so() -> bool:
            return await self.status(path) == status

        await eventually(so)

    async def until_figure(self, line: str) -> None:
        await eventually(lambda: figure(self.http, self.process.url, line))

    async def until_it_publishes(self) -> None:
        """Kafka is up, and leads every partition: of a new topic it may do so a moment later."""
        await self.until_figure("webhook_kafka_up 1.0")
        await self.topics.read(XERO)

    async def spooled(self) -> list[asyncpg.Record]:
        connection = await connect(self.database_url, "webhook_gateway")
        try:
            return await connection.fetch("select * from spool order by seq")
        finally:
            await connection.close()

    async def until_drained(self) -> None:
        async def empty() -> bool:
            return not await self.spooled()

        await eventually(empty)


@pytest.fixture
async def gateway(
    broker: Broker, postgres: Proxy, database_url: str, http: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[Gateway]:
    """Started, not waited for: some tests start it with nothing there."""
    await asyncio.to_thread(broker.up)  # one that failed may have left it down or frozen
    broker.thaw()
    assert broker.node is not None
    prefix = f"t{uuid.uuid4().hex[:12]}."
    environment = {
        "KAFKA_URL": broker.node.url,
        "POSTGRES_URL": postgres_through(database_url, postgres),
        "TOPIC_PREFIX": prefix,
        "XERO_WEBHOOK_KEY": KEY,
        "LOG_LEVEL": "DEBUG",
        "DRAIN_MESSAGES": "4",
        "PUBLISH_WITHIN": "PT3S",  # a busy machine may need a second for the first message
    }
    log = tmp_path / "gateway.log"
    process = ServiceProcess("webhook_gateway", free_port(), log, environment, launch=fork_service)
    process.start()
    yield Gateway(process, http, Topics(broker.node.url, prefix), database_url)
    await asyncio.to_thread(process.stop)  # PostgreSQL's proxy runs in this loop
    said = log.read_text()
    sys.stdout.write(said)  # pytest shows it where a test failed
    assert KEY not in said
    assert "resourceId" not in said
    assert "task.died" not in said


async def _all_up(gateway: Gateway) -> None:
    await gateway.until("/live", 200)
    await gateway.until_it_publishes()
    await eventually(lambda: _migrated(gateway))


async def _connected(gateway: Gateway) -> None:
    """Only a producer that has been connected keeps what it could not send."""
    await _all_up(gateway)
    assert await gateway.send("warm") == 200


async def _migrated(gateway: Gateway) -> bool:
    try:
        return await gateway.spooled() == []
    except asyncpg.PostgresError:
        return False


def sequences(records: list[Record], company: str) -> list[int]:
    """In which order the company's bodies came, repeats of an id dropped as consumers do."""
    first = {header(each, "ce_id"): each for each in reversed(records)}
    kept = [each for each in records if first[header(each, "ce_id")] is each]
    bodies = {webhook(["a", "b"], number): number for number in range(1, 50)}
    bodies |= {webhook([company], number): number for number in range(1, 50)}
    return [bodies[each.value] for each in kept if each.key == company.encode()]


async def test_nothing_is_lost_or_out_of_order_while_kafka_is_stopped(
    gateway: Gateway, broker: Broker
) -> None:
    await _all_up(gateway)
    assert await gateway.send("a", "b", sequence=1) == 200
    broker.down()
    for sequence in range(2, 8):
        assert await gateway.send("a", "b", sequence=sequence) == 200
    assert len(await gateway.spooled()) == 12
    assert await gateway.status("/ready") == 200
    broker.up()
    for sequence in range(8, 12):
        assert await gateway.send("a", "b", sequence=sequence) == 200
    records = await gateway.topics.wait_for(XERO, 22)
    await gateway.until_drained()
    assert sequences(records, "a") == list(range(1, 12))
    assert sequences(records, "b") == list(range(1, 12))
    assert await gateway.send("a", sequence=12) == 200
    assert sequences(await gateway.topics.read(XERO), "a") == list(range(1, 13))


async def test_nothing_overtakes_what_is_spooled_of_its_company(
    gateway: Gateway, broker: Broker, database_url: str
) -> None:
    await _connected(gateway)
    elsewhere = await asyncpg.connect(database_url)
    await elsewhere.execute(f"select pg_advisory_lock({LOCK})")  # nobody can drain now
    broker.freeze()
    assert await gateway.send("a", sequence=1) == 200
    broker.thaw()
    await gateway.until_figure("webhook_kafka_up 1.0")
    await gateway.topics.wait_for(XERO, 2)  # what timed out arrives late after all
    assert await gateway.send("a", "b", sequence=2) == 200
    assert [row["key"] for row in await gateway.spooled()] == ["a", "a"]
    assert sequences(await gateway.topics.read(XERO), "b") == [2]
    await elsewhere.close()
    await gateway.until_drained()
    records = await gateway.topics.read(XERO)
    assert sequences(records, "a") == [1, 2]
    assert len(records) == 5  # the first came twice, under one id


async def test_a_frozen_kafka_costs_the_first_webhook_a_second_and_loses_none(
    gateway: Gateway, broker: Broker
) -> None:
    await _all_up(gateway)
    broker.freeze()
    for sequence in range(1, 6):
        assert await gateway.send("a", sequence=sequence) == 200
    assert [row["key"] for row in await gateway.spooled()] == ["a"] * 5
    broker.thaw()
    records = await gateway.topics.wait_for(XERO, 5)
    await gateway.until_drained()
    assert sequences(records, "a") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("how", ["cut", "hang"])
async def test_postgresql_is_not_needed_while_kafka_answers(
    gateway: Gateway, postgres: Proxy, how: str
) -> None:
    await _all_up(gateway)
    await _away(postgres, how)
    assert await gateway.send("a", "b") == 200
    assert len(await gateway.topics.read(XERO)) == 2
    assert await gateway.status("/ready") == 200


@pytest.mark.parametrize("how", ["cut", "hang"])
async def test_with_both_away_it_says_503_and_heals(
    gateway: Gateway, broker: Broker, postgres: Proxy, how: str
) -> None:
    await _connected(gateway)
    await _away(postgres, how)
    broker.freeze()
    assert await gateway.send("a", sequence=1) == 503
    assert await gateway.status("/ready") == 503
    assert await gateway.status("/live") == 200
    await postgres.heal()
    await gateway.until("/ready", 200)
    assert await gateway.send("a", sequence=2) == 200
    broker.thaw()
    await gateway.until_drained()
    records = await gateway.topics.wait_for(XERO, 3)  # what was answered 503 came after all
    assert sequences(records, "a") == [1, 2]


async def _away(postgres: Proxy, how: str) -> None:
    if how == "cut":
        await postgres.cut()
    else:
        postgres.hang()


async def test_it_starts_with_nothing_there_and_heals_by_itself(
    gateway: Gateway, broker: Broker, postgres: Proxy
) -> None:
    await postgres.cut()
    broker.down()
    await gateway.until("/live", 200)
    await gateway.until("/ready", 503)
    assert await gateway.send("a", sequence=1) == 503
    await postgres.heal()
    await gateway.until("/ready", 200)
    assert await gateway.send("a", sequence=1) == 200
    broker.up()
    records = await gateway.topics.wait_for(XERO, 1)
    await gateway.until_drained()
    assert sequences(records, "a") == [1]


async def test_kafka_alone_is_enough_to_begin_with(gateway: Gateway, postgres: Proxy) -> None:
    await postgres.cut()
    await gateway.until("/live", 200)
    await gateway.until_it_publishes()
    assert await gateway.send("a") == 200
    assert len(await gateway.topics.read(XERO)) == 1
