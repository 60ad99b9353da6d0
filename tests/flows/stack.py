"""The whole system for flows: our services as processes, a database and topics of their own."""

import asyncio
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from libs.service.database import create_database, drop_database
from libs.testing.forked import fork_service
from services.ops.processes import LocalStack
from tests.flows.world import World

QUICK = {"SETTLES_WITHIN": "2", "CALL_TIMEOUT": "4", "LEASE_SLACK": "1", "SANDBOX_LIMITS": "off"}
"""Unknown outcomes are looked up after seconds, not after a minute."""


@contextmanager
def running(
    folder: Path,
    kafka: str,
    postgres: str,
    providers: Sequence[str],
    extra: Mapping[str, str] = QUICK,
) -> Iterator[LocalStack]:
    """Sandbox, auth, gateway, reference product and the connectors of these providers."""
    name = f"flows_{uuid.uuid4().hex[:8]}"
    database = asyncio.run(create_database(postgres, name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAFKA_URL", kafka)
        patch.setenv("POSTGRES_URL", database)
        patch.setenv("TOPIC_PREFIX", f"{name}.")
        stack = local_stack(folder, providers, extra)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            asyncio.run(drop_database(postgres, name))


def local_stack(
    folder: Path, providers: Sequence[str], extra: Mapping[str, str] = QUICK
) -> LocalStack:
    """Its services; the servers are those of the environment, or of its own."""
    shown = {**extra, "SANDBOX_PROVIDERS": ",".join(providers)}
    return LocalStack(
        folder, providers, sandbox=True, free_ports=True, extra=shown, launch=fork_service
    )


def new_world(stack: LocalStack, provider: str) -> World:
    """A tenant without a connection yet."""
    environment = {**stack.environment(), "POSTGRES_URL": os.environ["POSTGRES_URL"]}
    tenant = f"t{uuid.uuid4().hex[:10]}"
    return World(stack, environment, os.environ["TOPIC_PREFIX"], tenant, provider=provider)
