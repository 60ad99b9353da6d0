"""What the demo shows: headings, lines and tables for people, nothing of it for machines."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.status import Status
from rich.table import Table
from rich.text import Text

INDENT = 3


class Screen:
    """Standard output of the demo; silent where a machine reads."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(quiet=quiet, highlight=False)
        self._chapter = 0

    def chapter(self, title: str) -> None:
        """The next part of the story."""
        self._chapter += 1
        self.console.print()
        self.console.rule(Text(f"{self._chapter}  {title}", "bold cyan"), align="left")

    def line(self, text: str, style: str = "") -> None:
        """One paragraph."""
        self.console.print(Padding(Text(text, style), (0, 0, 0, INDENT)))

    def note(self, text: str) -> None:
        """A remark."""
        self.line(text, "dim")

    def good(self, text: str) -> None:
        """Something that is as it should be."""
        self.line(f"✓ {text}", "green")

    def bad(self, text: str) -> None:
        """Something that is not."""
        self.line(f"✗ {text}", "bold red")

    def copy(self, label: str, text: str) -> None:
        """Something to be copied: never wrapped."""
        self.console.print(f"{' ' * INDENT}{label}", style="bold", markup=False)
        self.console.print(f"{' ' * INDENT}{text}", markup=False, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
        """A table; a column whose name begins with > holds figures."""
        named = any(columns)
        table = Table(
            box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False, show_header=named
        )
        for name in columns:
            figures = name.startswith(">")
            justify: JustifyMethod = "right" if figures else "left"
            table.add_column(name.lstrip(">"), justify=justify, overflow="fold", no_wrap=figures)
        for row in rows:
            table.add_row(*row)
        self.console.print(Padding(table, (0, 0, 0, INDENT)))

    @contextmanager
    def busy(self, text: str) -> Iterator[Status]:
        """A spinner while something is waited for."""
        with self.console.status(text) as status:
            yield status

    def progress(self) -> Progress:
        """A bar whose words follow it."""
        return Progress(
            TextColumn(" " * (INDENT - 1)),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self.console,
        )


def money(amount: Decimal | None) -> str:
    """An amount with its thousands, "" for none."""
    return "" if amount is None else f"{amount:,.2f}"


def ms(start: datetime, end: datetime) -> int:
    """Whole milliseconds between two moments."""
    return round((end - start).total_seconds() * 1000)


def many(count: int, word: str) -> str:
    """`1 invoice`, `2 invoices`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
