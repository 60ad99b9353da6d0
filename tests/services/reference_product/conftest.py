"""A product in the test's own loop on the shared servers; `own_ids`: how it keeps ids."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.testing.serving import serve
from services.reference_product.app import create_app
from tests.services.reference_product.around import Around, until


@pytest.fixture
def own_ids() -> bool:
    """Whether the product keeps records of a ledger under ids of its own."""
    return False


@pytest.fixture
async def around(
    service_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    own_ids: bool,
) -> AsyncIterator[Around]:
    environment = {**service_environment, "OWN_IDS": str(own_ids)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    kafka, names = environment["KAFKA_URL"], Names(environment["TOPIC_PREFIX"])
    async with (
        serve(create_app()) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30, verify=False) as http,
        Publisher(kafka, names) as publisher,
    ):
        around = Around(http, kafka, names, publisher)
        await until(around.is_ready)
        yield around
