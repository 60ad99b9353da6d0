"""The product as a process: what it has promised it keeps when it is killed."""

import asyncio

import httpx
import pytest

from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.testing.stack import ServiceStarter
from tests.services.reference_product.around import Around, until
from tests.services.reference_product.events import CONTACT

pytestmark = pytest.mark.slow


async def test_what_was_saved_before_a_kill_is_published_after_it(
    start_service: ServiceStarter, service_environment: dict[str, str]
) -> None:
    service = await start_service("reference_product", service_environment)
    kafka, names = service_environment["KAFKA_URL"], Names(service_environment["TOPIC_PREFIX"])
    async with (
        httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as http,
        Publisher(kafka, names) as publisher,
    ):
        around = Around(http, kafka, names, publisher)
        await asyncio.gather(*(around.save({**CONTACT, "id": f"c{n}"}) for n in range(40)))
        await service.kill()
        await service.restart()
        await until(around.is_ready)
        puts = await around.messages(40)
        assert {put.entity.id for put in puts} == {f"c{n}" for n in range(40)}
        await around.folded()
        assert (await around.sums())["contact"]["count"] == 40
