"""Real PostgreSQL and real Kafka: start, start again, crash, stop."""

import asyncio
import subprocess
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.devstack import kafka, postgres
from libs.devstack.process import DevstackError, answers

pytestmark = pytest.mark.slow


async def test_postgres_may_be_started_twice_and_keeps_its_data(devstack_folder: Path) -> None:
    data = devstack_folder / "pg"
    assert postgres.find_postgres(data) is None
    node = postgres.start_postgres(data)
    again = postgres.start_postgres(data)
    try:
        assert again == node == postgres.find_postgres(data)
        connection = await asyncpg.connect(node.url)
        assert await connection.fetchval("show max_connections") == "300"
        assert (await connection.fetchval("select version()")).startswith("PostgreSQL 18")
        await connection.execute("create table kept (id int)")
        await connection.close()
    finally:
        node.stop()
    assert postgres.find_postgres(data) is None
    node = postgres.start_postgres(data)
    connection = await asyncpg.connect(node.url)
    await connection.execute("select from kept")
    await connection.close()
    node.stop()


async def test_kafka_may_be_started_twice_crashes_and_comes_back(devstack_folder: Path) -> None:
    data = devstack_folder / "kafka-own"
    node = await asyncio.to_thread(kafka.start_kafka, data)
    try:
        assert await asyncio.to_thread(kafka.start_kafka, data) == node
        await _create_topic(node.url, "kept")
        await _publish(node.url, "kept", b"before")
        await asyncio.to_thread(node.kill)
        assert kafka.find_kafka(data) is None
        assert not answers("127.0.0.1", node.port)
        node = await asyncio.to_thread(kafka.start_kafka, data)
        await _publish(node.url, "kept", b"after")
        assert await _read(node.url, "kept", 2) == [b"before", b"after"]
    finally:
        await asyncio.to_thread(node.stop)
    assert not node.process.is_running()


def test_a_jar_that_is_not_the_locked_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinate, _ = (kafka.HERE / "kafka_jars.lock").read_text().splitlines()[0].split(" sha256:")
    _, artifact, version = coordinate.split(":")
    (tmp_path / f"{artifact}-{version}.jar").write_bytes(b"not the jar")
    with pytest.raises(DevstackError, match=artifact):
        kafka.start_kafka(tmp_path / "data", jars_dir=tmp_path)


def test_storage_that_cannot_be_formatted_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "no space left")

    monkeypatch.setattr(subprocess, "run", fails)
    with pytest.raises(DevstackError, match="no space left"):
        kafka.start_kafka(tmp_path / "data")


def test_every_jar_is_pinned() -> None:
    lines = (kafka.HERE / "kafka_jars.lock").read_text().splitlines()
    assert len(lines) == 46
    assert all(len(line.split(" sha256:")[1]) == 64 for line in lines)


async def _create_topic(url: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    await admin.close()


async def _publish(url: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=url, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def _read(url: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=url, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(30):
        return [(await consumer.getone()).value for _ in range(count)]
