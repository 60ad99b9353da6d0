"""The operator's command line, run as a person would."""

import asyncio
import json
import os
from typing import Any

from libs.testing.forked import run_ledgerbridge
from tests.flows.world import World


async def ledgerbridge(world: World, *words: str, status: int = 0) -> Any:
    """What a command says with --json; fails unless it ends with that exit status."""
    where = ("--tenant", world.tenant, "--connection", world.connection, "--json")
    environment = {**os.environ, **world.environment}
    ended, said, complained = await asyncio.to_thread(
        run_ledgerbridge, (*words, *where), environment
    )
    assert ended == status, (ended, said, complained)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return lines[0] if len(lines) == 1 else lines
