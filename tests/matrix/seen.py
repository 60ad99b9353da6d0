"""What both sides say of the same books, in words that belong to neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a person reads it."""

    text: str
    quantity: Decimal
    price: Decimal
    item: str = ""


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


@dataclass(frozen=True, slots=True)
class Person:
    """A contact."""

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

    def without_voided(self) -> "Books":
        """As a ledger shows them that deletes what is voided."""
        return replace(
            self,
            invoices=_live(self.invoices),
            credit_notes=_live(self.credit_notes),
            orders=_live(self.orders),
            bills=_live(self.bills),
        )

    @property
    def receivable(self) -> Decimal:
        """What customers owe, less the credit they have."""
        owed = sum((one.open for one in self.invoices.values()), ZERO)
        credit = sum((one.open for one in self.credit_notes.values()), ZERO)
        return owed - credit - sum((one.rest for one in self.payments), ZERO)


def _live(documents: Mapping[str, Document]) -> dict[str, Document]:
    return {number: one for number, one in documents.items() if not one.void}


def amount(value: object) -> Decimal:
    """A number of JSON, exact."""
    return Decimal(str(value or 0))
