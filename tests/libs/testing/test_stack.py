"""The fixtures themselves: a database and topics per test, services as processes."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.devstack.process import DevstackError, free_port
from libs.testing.stack import ServiceStarter

seen_databases: set[str] = set()


@pytest.mark.parametrize("time", ["first", "second"])
async def test_every_test_has_an_empty_database(database_url: str, time: str) -> None:
    assert database_url not in seen_databases
    seen_databases.add(database_url)
    connection = await asyncpg.connect(database_url)
    await connection.execute("create table thing (id int)")
    await connection.close()


async def test_databases_of_earlier_tests_are_gone(postgres_server: str) -> None:
    connection = await asyncpg.connect(postgres_server)
    names = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
    await connection.close()
    assert seen_databases
    assert not names & {urlsplit(url).path.strip("/") for url in seen_databases}


@pytest.fixture
async def topics_go(kafka_url: str) -> AsyncIterator[list[str]]:
    names: list[str] = []
    yield names
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        assert names
        # The broker hears of it a moment after the controller has answered.
        async with asyncio.timeout(30):
            while set(names) & set(await admin.list_topics()):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
    finally:
        await admin.close()


async def test_topics_of_a_test_are_deleted(
    topics_go: list[str], topic_prefix: str, kafka_url: str
) -> None:
    topics_go.append(f"{topic_prefix}probe")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    await admin.create_topics([NewTopic(topics_go[0], 1, 1)])
    await admin.close()


async def test_a_service_is_a_process_that_can_be_killed_and_restarted(
    start_service: ServiceStarter,
) -> None:
    service = await start_service("sandbox", {"LOG_LEVEL": "DEBUG"})
    first = service.process.process
    assert first is not None
    assert psutil.Process(first.pid).status() != psutil.STATUS_ZOMBIE
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{service.url}/live")
        assert answer.json() == {"status": "live"}
        assert "server" not in answer.headers
        await service.kill()
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{service.url}/live")
    await service.restart()
    assert service.process.process != first
    assert "service.started" in service.log.read_text()


async def test_a_service_that_does_not_start_says_why(start_service: ServiceStarter) -> None:
    with pytest.raises(DevstackError, match="There is no service 'nonsense'"):
        await start_service("nonsense")


async def test_a_service_whose_port_is_taken_is_not_taken_for_ready(
    start_service: ServiceStarter,
) -> None:
    port = free_port()
    await start_service("sandbox", port=port)
    with pytest.raises(DevstackError, match=f"Port {port}"):
        await start_service("sandbox", port=port)
