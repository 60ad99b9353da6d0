"""What a run costs: resident memory and processor time of the services, sampled as it goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

from services.ops.processes import LocalStack

EVERY = 1.0
MEGABYTE = 1e6


@dataclass(slots=True)
class Watch:
    """Samples of one service, and seconds of processor time of all."""

    stack: LocalStack
    service: str
    samples: list[float] = field(default_factory=list)
    busy: dict[str, float] = field(default_factory=dict)
    mark: int = 0
    """The sample from which memory is judged: contacts and items come before the documents."""

    def look(self) -> None:
        for name, service in self.stack.services.items():
            if service.process is None or not service.is_running:
                continue
            process = psutil.Process(service.process.pid)
            times = process.cpu_times()
            self.busy[name] = times.user + times.system
            if name == self.service:
                self.samples.append(process.memory_info().rss / MEGABYTE)

    def quarter(self, number: int) -> float:
        """The mean of a quarter of the run since the mark, counted from 1, in MB."""
        judged = self.samples[self.mark :]
        size = len(judged)
        some = judged[size * (number - 1) // 4 : size * number // 4]
        return sum(some) / len(some) if some else 0.0


@asynccontextmanager
async def watching(stack: LocalStack, service: str) -> AsyncIterator[Watch]:
    """Samples every second until the end."""
    watch = Watch(stack, service)

    async def run() -> None:
        while True:
            watch.look()
            await asyncio.sleep(EVERY)

    task = asyncio.create_task(run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
