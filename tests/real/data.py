"""The Online Retail file, read by the shortest way: what must be in a ledger in the end.

Independent of the importer on purpose: it reads what the importer's rules say, with its own code.
"""

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

URL = "https://archive.ics.uci.edu/dataset/352/online+retail"
HOME, HOME_VAT = "United Kingdom", Decimal("0.2")
PACKED = b"\x1f\x8b"
CENT, ZERO = Decimal("0.01"), Decimal(0)
WHOLE = {
    "documents": 25_900,
    "lines": 541_909,
    "cancellations": 3_836,
    "with total zero": 2_102,
    "without a customer": 3_710,
    "negative, not cancellations": 2,
    "lines of the longest": 1_114,
}
"""What is known of the whole file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document as it must be there: amounts are positive."""

    kind: str
    number: str
    who: str
    day: str
    lines: int
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Data:
    """The chosen documents, the customers and items they name, and counts of their oddities."""

    documents: dict[str, Wanted]
    customers: frozenset[str]
    items: frozenset[str]
    counts: dict[str, int]


def read(path: Path, documents: int | None) -> Data:
    """All documents, or some spread over the file; what is odd is always among them."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(path):
        rows[row["InvoiceNo"].strip()].append(row)
    chosen = rows if documents is None else {n: rows[n] for n in _some(rows, documents)}
    found = {number: _wanted(number, some) for number, some in chosen.items()}
    lines = [line for some in chosen.values() for line in some]
    return Data(
        found,
        frozenset(line["CustomerID"].strip().removesuffix(".0") for line in lines),
        frozenset(line["StockCode"].strip().upper() for line in lines),
        _counts(chosen),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = path.read_bytes()
    content = gzip.decompress(content) if content.startswith(PACKED) else content
    yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def _some(rows: dict[str, list[dict[str, str]]], many: int) -> list[str]:
    """Evenly spread, the longest and the negative ones too, in the order of the file."""
    numbers = list(rows)
    odd = {max(numbers, key=lambda n: len(rows[n])), *_negative(rows)}
    step = max(1, len(numbers) // max(1, many - len(odd)))
    kept = set(numbers[::step][: many - len(odd)]) | odd
    return [number for number in numbers if number in kept]


def _negative(rows: dict[str, list[dict[str, str]]]) -> list[str]:
    return [n for n, some in rows.items() if _sum(some) < 0 and not n.startswith("C")]


def _counts(rows: dict[str, list[dict[str, str]]]) -> dict[str, int]:
    found = Counter[str]()
    for number, some in rows.items():
        found["documents"] += 1
        found["lines"] += len(some)
        found["cancellations"] += number.startswith("C")
        found["with total zero"] += _sum(some) == 0
        found["without a customer"] += not some[0]["CustomerID"].strip()
    found["negative, not cancellations"] = len(_negative(rows))
    found["lines of the longest"] = max(map(len, rows.values()))
    return dict(found)


def _wanted(number: str, rows: Sequence[dict[str, str]]) -> Wanted:
    total, first = _sum(rows), rows[0]
    customer = first["CustomerID"].strip().removesuffix(".0")
    rate = HOME_VAT if first["Country"].strip() == HOME else ZERO
    tax = (abs(total) * rate).quantize(CENT, ROUND_HALF_UP)
    credit = number.startswith("C") or total < 0
    return Wanted(
        "credit_note" if credit else "invoice",
        number,
        f"Customer {customer}" if customer else "Cash sales",
        first["InvoiceDate"][:10],
        len(rows),
        abs(total),
        tax,
    )


def _sum(rows: Sequence[dict[str, str]]) -> Decimal:
    """Each line to the cent, half up."""
    amounts = (Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
    return sum((amount.quantize(CENT, ROUND_HALF_UP) for amount in amounts), ZERO)
