"""Tasks that run for the life of the service."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

STOP_LIMIT = 5.0

log = structlog.get_logger()


@dataclass(slots=True)
class Background:
    """Remembers in `dead` the name of a task that ended although none ever should."""

    dead: str = ""

    @asynccontextmanager
    async def running(self, **work: Coroutine[None, None, None]) -> AsyncIterator[None]:
        """Run all of `work` until the end, then cancel it and wait for it."""
        tasks = [asyncio.create_task(each, name=name) for name, each in work.items()]
        for task in tasks:
            task.add_done_callback(self._note)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            # A database that hangs would hold its pool's goodbye up for ever.
            await asyncio.wait(tasks, timeout=STOP_LIMIT)

    def _note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.dead = task.get_name()
            log.critical("task.died", task=self.dead, exc_info=task.exception())
