"""Two lists of documents side by side: what they come to and where they differ. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from contracts.values import EntityType

AMOUNTS = ("net", "tax", "gross", "paid", "balance")
COMPARED = ("date", "customer", "currency", *AMOUNTS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A living document, or money, as one side has it; `date` is its own, ISO 8601.

    An amount is None where this kind has no such figure, or the ledger does not show it.
    """

    type: EntityType
    id: str
    date: str
    customer: str
    currency: str
    gross: Decimal
    net: Decimal | None = None
    tax: Decimal | None = None
    paid: Decimal | None = None
    balance: Decimal | None = None
    number: str = ""
    external: str = ""
    settles: tuple[str, ...] = ()
    """What it pays or is applied to, as `type/id`."""
    lines: int = 1

    @property
    def key(self) -> str:
        return f"{self.type}/{self.id}"

    @property
    def month(self) -> str:
        return self.date[:7]


class Differing(NamedTuple):
    """A field on both sides as text; None: not there."""

    path: str
    product: str | None
    ledger: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """One document that is not the same on both sides, or is on one of them only."""

    ours: Entry | None
    theirs: Entry | None
    fields: tuple[Differing, ...] = ()

    @property
    def one(self) -> Entry:
        found = self.ours or self.theirs
        assert found is not None
        return found

    @property
    def entries(self) -> list[Entry]:
        return [entry for entry in (self.ours, self.theirs) if entry]

    @property
    def paths(self) -> set[str]:
        return {field.path for field in self.fields}


@dataclass(frozen=True, slots=True)
class Sums:
    """What some documents of one kind and currency come to."""

    count: int = 0
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    paid: Decimal | None = None
    balance: Decimal | None = None

    def equals(self, other: "Sums") -> bool:
        """To the cent, in all that both sides show."""
        pairs = [(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return all(a == b for a, b in pairs if a is not None and b is not None)


class Place(NamedTuple):
    """Which documents a row is about."""

    month: str
    customer: str
    type: EntityType
    currency: str


def compare(ours: Iterable[Entry], theirs: Iterable[Entry]) -> list[Gap]:
    """Every document that differs, in the order of kind and id; one too many is a gap, too."""
    here, there = _grouped(ours), _grouped(theirs)
    gaps: list[Gap] = []
    for key in sorted(here.keys() | there.keys()):
        for mine, its in zip_longest(here.get(key, ()), there.get(key, ())):
            found = _differing(mine, its) if mine and its else ()
            if found or not (mine and its):
                gaps.append(Gap(mine, its, found))
    return gaps


def within(gaps: Iterable[Gap], months: Collection[str]) -> list[Gap]:
    """Those that one side at least has in these months."""
    return [gap for gap in gaps if any(entry.month in months for entry in gap.entries)]


def sums(entries: Iterable[Entry], months: Collection[str]) -> dict[Place, Sums]:
    """What the documents of these months come to, per month, customer, kind and currency."""
    groups: dict[Place, list[Entry]] = {}
    for entry in entries:
        if entry.month in months:
            place = Place(entry.month, entry.customer, entry.type, entry.currency)
            groups.setdefault(place, []).append(entry)
    return {place: _sums(some) for place, some in groups.items()}


def _grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key, []).append(entry)
    return groups


def _differing(mine: Entry, its: Entry) -> tuple[Differing, ...]:
    pairs = [(path, getattr(mine, path), getattr(its, path)) for path in COMPARED]
    # None of the ledger's: it does not show that figure, so there is nothing to compare.
    return tuple(
        Differing(path, text(a), text(b))
        for path, a, b in pairs
        if a != b and not (path in AMOUNTS and b is None)
    )


def _sums(entries: Sequence[Entry]) -> Sums:
    def add(name: str) -> Decimal | None:
        known = [amount for e in entries if (amount := getattr(e, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    return Sums(len(entries), *map(add, AMOUNTS))


def text(value: str | Decimal | None) -> str | None:
    """As it is shown: an amount with two decimals, or all that it has."""
    if not isinstance(value, Decimal):
        return value
    plain = money(value)
    return format(plain, "f")


def money(amount: Decimal) -> Decimal:
    """The one spelling of an amount: two decimals, more only where they count."""
    cents = amount.quantize(Decimal("0.01"))
    return cents if cents == amount else amount.normalize()
