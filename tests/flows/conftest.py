"""One stack for all flows: each test brings a tenant and a company of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.ops.processes import LocalStack
from tests.flows.stack import new_world, running
from tests.flows.world import World


@pytest.fixture(scope="session")
def local_stack(
    kafka_url: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """Sandbox, auth, gateway, reference product and the Xero connector, until the session ends."""
    folder = tmp_path_factory.mktemp("flows")
    with running(folder, kafka_url, postgres_server, ["xero"]) as stack:
        yield stack


@pytest.fixture
async def world(local_stack: LocalStack) -> AsyncIterator[World]:
    """A tenant without a connection yet."""
    async with new_world(local_stack, "xero") as world:
        if not world.connector.is_running:
            await world.start_connector()  # a test that failed had killed it
        yield world
