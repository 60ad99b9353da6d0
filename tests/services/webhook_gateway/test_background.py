"""Tasks that must not end."""

import asyncio

from services.webhook_gateway.background import Background
from tests.services.webhook_gateway.reading import eventually


async def test_a_task_that_dies_is_remembered() -> None:
    async def dies() -> None:
        raise ValueError

    async def lives() -> None:
        await asyncio.Event().wait()

    background = Background()

    async def is_noted() -> bool:
        return background.dead == "dies"

    async with background.running(dies=dies(), lives=lives()):
        await eventually(is_noted)


async def test_the_end_of_the_service_is_no_death() -> None:
    stopped = asyncio.Event()

    async def lives() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    background = Background()
    async with background.running(lives=lives()):
        await asyncio.sleep(0)  # so that it has begun
    assert stopped.is_set()
    assert background.dead == ""
