"""What both sides say of the same books, in words that belong to neither."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]
ZERO = Decimal(0)
NESTED = ": "
"""Between the names of parent and child where the ledger has no families."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a person reads it."""

    text: str
    quantity: Decimal
    price: Decimal
    item: str = ""
    place: str = ""
    """Where it was sold: its own location, else the document's."""


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, credit note, order or bill; `open` is what is still to pay or to use."""

    who: str
    date: str
    currency: str
    lines: tuple[Line, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    open: Decimal = ZERO
    due: str = ""
    void: bool = False
    rate: Decimal = ZERO
    """The company's own currency for one of the document's; 0 in its own."""
    closed: bool = False
    """Of an order: all of it is billed."""


VOID = Document("", "", "", (), ZERO, ZERO, ZERO, void=True)
"""Of a voided document only its number is compared: vendors empty the rest or keep it."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A payment or refund: `shares` are pairs of document number and amount, `rest` is unused."""

    who: str
    date: str
    amount: Decimal
    shares: tuple[tuple[str, Decimal], ...] = ()
    rest: Decimal = ZERO
    rate: Decimal = ZERO
    """As a document's."""


@dataclass(frozen=True, slots=True)
class Person:
    """A contact; `parent` is the name of whom it belongs to."""

    email: str = ""
    parent: str = ""


@dataclass(slots=True)
class Books:
    """Everything that lives, by the name people know it by."""

    contacts: dict[str, Person] = field(default_factory=dict)
    items: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    invoices: dict[str, Document] = field(default_factory=dict)
    credit_notes: dict[str, Document] = field(default_factory=dict)
    orders: dict[str, Document] = field(default_factory=dict)
    bills: dict[str, Document] = field(default_factory=dict)
    payments: list[Money] = field(default_factory=list)
    refunds: list[Money] = field(default_factory=list)

    def without_voided(self, kept: Collection[str]) -> "Books":
        """As a ledger shows them that deletes what is voided, but for the kinds of `kept`."""
        deleted = {"invoices", "credit_notes", "orders", "bills"} - set(kept)
        live: dict[str, Any] = {name: _live(getattr(self, name)) for name in deleted}
        return replace(self, **live)

    def without_places(self) -> "Books":
        """As a ledger shows them that has nowhere to keep them."""
        return replace(self, invoices=_placeless(self.invoices))

    @property
    def receivable(self) -> Decimal:
        """What customers owe, less the credit they have, in the company's own currency."""
        owed = sum((_home(one.open, one) for one in self.invoices.values()), ZERO)
        credit = sum((_home(one.open, one) for one in self.credit_notes.values()), ZERO)
        return owed - credit - sum((_home(one.rest, one) for one in self.payments), ZERO)


def _home(amount: Decimal, of: Document | Money) -> Decimal:
    return round(amount * (of.rate or 1), 2)


def _live(documents: Mapping[str, Document]) -> dict[str, Document]:
    return {number: one for number, one in documents.items() if not one.void}


def family(name: str) -> tuple[str, str]:
    """Own name and parent's of one whose name says whom it belongs to: `Grand: Parent: Child`."""
    above, _, own = name.rpartition(NESTED)
    return own, above.rpartition(NESTED)[2]


def _placeless(documents: Mapping[str, Document]) -> dict[str, Document]:
    return {
        number: replace(one, lines=tuple(replace(line, place="") for line in one.lines))
        for number, one in documents.items()
    }


def rated(value: object) -> Decimal:
    """A rate as precisely as every vendor keeps it."""
    return round(amount(value), 5)


def amount(value: object) -> Decimal:
    """A number of JSON, exact."""
    return Decimal(str(value or 0))
