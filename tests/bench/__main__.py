"""`python -m tests.bench`: measures, prints each figure beside its goal, asserts no time."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from libs.devstack.process import DevstackError
from libs.messaging.publisher import KafkaDown
from tests.bench import back, day, memory, out
from tests.bench.figures import Figure, Result
from tests.bench.stack import Bench, BenchFailed, bench, local_stack

Measure = Callable[[Bench], Coroutine[Any, Any, list[Figure]]]


class Part(StrEnum):
    """What can be measured."""

    OUT = "out"
    BACK = "back"
    DAY = "day"
    MEMORY = "memory"


MEASURES: Mapping[Part, Measure] = {
    Part.OUT: out.measure,
    Part.BACK: back.measure,
    Part.DAY: day.measure,
    Part.MEMORY: memory.measure,
}
FAILURES = (BenchFailed, DevstackError, KafkaDown, AssertionError, TimeoutError)


def command(
    *,
    only: Annotated[list[Part] | None, typer.Option(help="Measure this alone; repeatable.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    quick: Annotated[bool, typer.Option(help="Few samples: does it run at all?")] = False,
) -> None:
    """Measure speed and memory of the whole system, each figure beside its goal.

    KAFKA_URL and POSTGRES_URL name servers to use; else they are started and stopped. Figures
    that miss their goal are no failure: the exit status is 1 only where the system did not do
    what was measured.
    """
    result = Result(quick=quick)
    try:
        with _progress() as progress:
            _run(result, [part for part in Part if not only or part in only], progress)
    except FAILURES as error:
        Console(stderr=True).print(f"The bench failed: {error!r}"[:3000], markup=False)
        sys.exit(1)
    result.load_after = os.getloadavg()[0]
    result.show_json() if json_output else result.show()


def _run(result: Result, parts: list[Part], progress: Progress) -> None:
    task = progress.add_task("starting", total=None)

    def told(what: str, done: int = 0, of: int | None = None) -> None:
        progress.update(task, description=what, completed=done, total=of)

    with local_stack(lambda what: told(f"starting: {what}")) as (stack, prefix):

        async def measure() -> None:
            async with bench(stack, prefix, told, quick=result.quick) as running:
                for part in parts:
                    result.figures += await MEASURES[part](running)

        asyncio.run(measure())
        told("stopping")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


if __name__ == "__main__":
    typer.run(command)
