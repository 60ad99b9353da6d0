"""Waiting for what only asking can tell."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.devstack.process import DevstackError

LOOK_EVERY = 0.2


async def until(condition: Callable[[], Awaitable[object]], what: str, limit: float) -> None:
    """Ask again and again; raises DevstackError where it is not so within `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            while True:
                if await condition():
                    return
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise DevstackError(f"Waited {limit:.0f} s in vain: {what}.") from None
