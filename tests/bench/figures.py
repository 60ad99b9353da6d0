"""Figures beside their goals, for people and for machines."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `goal`: it should be below that, None where it only explains another."""

    part: str
    name: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.value <= self.goal


@dataclass(slots=True)
class Result:
    """All figures of one run, and how busy the machine was: its load slows everything."""

    figures: list[Figure] = field(default_factory=list)
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    load_after: float = 0.0
    quick: bool = False

    def show(self) -> None:
        """The table for people."""
        table = Table("", "measured", "goal", "", title="Ledgerbridge bench")
        table.columns[1].justify = table.columns[2].justify = "right"
        part = ""
        for one in self.figures:
            if one.part != part:
                table.add_section()
                table.add_row(f"[bold]{one.part}")
            table.add_row(
                one.name,
                _said(one.value, one.unit),
                "" if one.goal is None else f"<= {_said(one.goal, one.unit)}",
                {True: "[green]met", False: "[red]missed", None: ""}[one.met],
            )
            part = one.part
        console = Console()
        console.print(table)
        console.print(self._circumstances())

    def show_json(self) -> None:
        """One JSON object on standard output."""
        figures = [{**asdict(one), "met": one.met} for one in self.figures]
        load = {"before": self.load_before, "after": self.load_after, "cpus": os.cpu_count()}
        print(json.dumps({"quick": self.quick, "load": load, "figures": figures}))  # noqa: T201

    def _circumstances(self) -> str:
        busy = f"load {self.load_before:.1f} before, {self.load_after:.1f} after"
        short = " Quick run: too few samples for the tails." if self.quick else ""
        return f"{os.cpu_count()} processors, {busy} (of this bench alone about 1).{short}"


def percentiles(
    part: str,
    what: str,
    seconds: Sequence[float],
    p50: float | None = None,
    p99: float | None = None,
) -> list[Figure]:
    """The median and the 99th percentile in milliseconds, by nearest rank."""
    return [
        Figure(part, f"{what}, p50", 1000 * rank(seconds, 0.50), "ms", p50),
        Figure(part, f"{what}, p99", 1000 * rank(seconds, 0.99), "ms", p99),
    ]


def median(part: str, what: str, seconds: Sequence[float]) -> Figure:
    """A stage of the way: it explains, and has no goal of its own."""
    return Figure(part, f"  {what}, p50", 1000 * rank(seconds, 0.50), "ms")


def rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _said(value: float, unit: str) -> str:
    digits = 0 if value == int(value) and unit not in ("s", "ms") else 1
    return f"{value:,.{digits}f} {unit}".strip()
