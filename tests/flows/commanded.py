"""The operator's command line, run as a person would."""

import asyncio
import json
import os
import sys
from typing import Any

from tests.flows.world import World


async def ledgerbridge(world: World, *words: str, status: int = 0) -> Any:
    """What a command says with --json; fails unless it ends with that exit status."""
    where = ("--tenant", world.tenant, "--connection", world.connection, "--json")
    ran = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from services.ops.cli import main; main()",
        *words,
        *where,
        env={**os.environ, **world.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await ran.communicate()
    assert ran.returncode == status, (ran.returncode, said.decode(), complained.decode())
    lines = [json.loads(line) for line in said.decode().splitlines() if line.startswith("{")]
    return lines[0] if len(lines) == 1 else lines
