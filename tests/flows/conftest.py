"""One stack for all flows: each test brings a tenant and a company of its own."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from libs.service.database import create_database, drop_database
from services.ops.processes import LocalStack
from tests.flows.world import World

QUICK = {
    "SETTLES_WITHIN": "2",
    "CALL_TIMEOUT": "4",
    "LEASE_SLACK": "1",
    "SANDBOX_LIMITS": "off",
    "SANDBOX_PROVIDERS": "xero",
    "LOG_LEVEL": "INFO",
}
"""Unknown outcomes are looked up after seconds, not after a minute."""


@pytest.fixture(scope="session")
def local_stack(
    kafka_url: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """Sandbox, auth, gateway, reference product and the Xero connector, until the session ends."""
    folder = tmp_path_factory.mktemp("flows")
    name = f"flows_{uuid.uuid4().hex[:8]}"
    database = asyncio.run(create_database(postgres_server, name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAFKA_URL", kafka_url)
        patch.setenv("POSTGRES_URL", database)
        patch.setenv("TOPIC_PREFIX", f"{name}.")
        stack = LocalStack(Path(folder), ["xero"], sandbox=True, free_ports=True, extra=QUICK)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            asyncio.run(drop_database(postgres_server, name))


@pytest.fixture
async def world(local_stack: LocalStack) -> AsyncIterator[World]:
    """A tenant without a connection yet."""
    tenant = f"t{uuid.uuid4().hex[:10]}"
    environment = {**local_stack.environment(), "POSTGRES_URL": os.environ["POSTGRES_URL"]}
    async with World(local_stack, environment, os.environ["TOPIC_PREFIX"], tenant) as world:
        yield world
