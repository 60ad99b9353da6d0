"""What a run came to: for people and for machines."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.real.running import Run


def rate(run: Run) -> float:
    """Documents a second."""
    return run.documents / run.seconds if run.seconds else 0.0


def show(run: Run) -> None:
    """The table for people."""
    failing = ", a tenth of the calls failing" if run.failing else ""
    table = Table("", "", title=f"{run.provider}{failing}", show_header=False)
    minutes, seconds = divmod(round(run.seconds), 60)
    for name, value in (
        ("documents, lines", f"{run.documents:,}, {run.lines:,}"),
        ("time", f"{minutes} min {seconds} s"),
        ("documents a second", f"{rate(run):.1f}"),
        ("calls: reads, writes", f"{run.calls['reads']:,}, {run.calls['writes']:,}"),
        ("calls that failed", ", ".join(f"{n} {name}" for name, n in run.faults.items())),
        ("memory of the connector, MB by quarter", _memory(run)),
        ("processor seconds", ", ".join(f"{name} {s:.0f}" for name, s in run.busy.items())),
        ("outcomes", "\n".join(f"{n:,} {name}" for name, n in sorted(run.outcomes.items()))),
        ("expectations", f"{len(run.verdict.tried)}, failed: {len(run.verdict.failed)}"),
    ):
        table.add_row(name, value)
    console = Console()
    console.print(table)
    for what, instead in run.verdict.failed.items():
        console.print(f"FAILED {what}: {instead}", style="red", markup=False, highlight=False)


def _memory(run: Run) -> str:
    quarters = [f"{run.memory[f'quarter {n}']:.0f}" for n in range(1, 5)]
    return f"{', '.join(quarters)}; at most {run.memory['most']:.0f}"


def shown_json(runs: list[Run]) -> str:
    """One JSON object with every run."""
    return json.dumps({"runs": [_plain(run) for run in runs]})


def _plain(run: Run) -> dict[str, Any]:
    # `asdict` makes a Counter's keys out of its pairs.
    counted = {"calls": dict(run.calls), "faults": dict(run.faults)}
    return asdict(run) | counted | {"documents_a_second": rate(run)}
