"""A product as a process on the shared servers; `own_ids` tests the other way of keeping ids."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.testing.stack import ServiceStarter
from tests.services.reference_product.around import Around


@pytest.fixture
def own_ids() -> bool:
    """Whether the product keeps records of a ledger under ids of its own."""
    return False


@pytest.fixture
async def around(
    start_service: ServiceStarter,
    service_environment: dict[str, str],
    *,
    own_ids: bool,
) -> AsyncIterator[Around]:
    environment = {**service_environment, "OWN_IDS": str(own_ids)}
    service = await start_service("reference_product", environment)
    kafka, names = environment["KAFKA_URL"], Names(environment["TOPIC_PREFIX"])
    async with (
        httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as http,
        Publisher(kafka, names) as publisher,
    ):
        yield Around(http, kafka, names, publisher)
