"""What a cell may do to a ledger and see of it: one adapter per provider, from its wire form."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from tests.matrix.seen import Books

Sold = Sequence[tuple[str, Decimal, Decimal]]
"""Lines a bookkeeper types: text, quantity, price before tax; without tax."""


class Ledger(Protocol):
    """A company of one provider. Documents are named by their numbers, people by their names.

    Every act is a person's in the vendor's own pages: it goes through the sandbox's control API,
    never through the connector. Methods that the vendor has no way for raise NotOffered.
    """

    untaxed: ClassVar[Mapping[str, str]]
    """The mappings that lines without tax need here: kind/word -> the ledger's word."""
    country: ClassVar[str]
    currency: ClassVar[str]
    keeps_voided: ClassVar[bool]
    """Whether a voided document is still there, by its number; else to void is to delete."""
    voids_paid: ClassVar[bool]
    """Whether a paid invoice can be voided: its payments stay, as the customer's credit."""
    gives_back: ClassVar[bool]
    """Whether the product can pay a credit back; else it is held, and a person does it there."""

    async def books(self) -> Books:
        """Everything that lives, from the records as the vendor's API shows them."""

    async def trial_balance(self) -> tuple[Decimal, Decimal, Decimal]:
        """Debits, credits, and the balance of receivables."""

    # People and products

    async def add_customer(self, name: str, email: str = "") -> None: ...

    async def edit_customer(self, name: str, /, **changes: str) -> None:
        """`email` or `name`."""

    async def archive_customer(self, name: str) -> None: ...

    async def merge_customers(self, name: str, into: str) -> None: ...

    # Documents

    async def add_invoice(self, number: str, customer: str, lines: Sold, **more: str) -> None:
        """`date`, `due`: ISO dates."""

    async def edit_invoice(self, number: str, **changes: Any) -> None:
        """`due` (ISO), `customer` (name), `text`/`quantity`/`price` with `line` (its place from 0),
        `more` (lines to add), `less` (places to remove)."""

    async def void(self, kind: str, number: str) -> None: ...

    async def delete(self, kind: str, number: str) -> None: ...

    async def add_credit(self, number: str, customer: str, lines: Sold) -> None: ...

    async def apply_credit(self, number: str, invoice: str, amount: Decimal) -> None: ...

    # Money

    async def pay(self, shares: Mapping[str, Decimal], **more: Any) -> str:
        """One payment over these invoices; `rest`: what it is larger; its id."""

    async def move_payment(self, payment: str, shares: Mapping[str, Decimal]) -> str:
        """It pays other invoices from now on; its id, another where the vendor makes a new one."""

    async def unpay(self, payment: str) -> None: ...

    async def apply_rest(self, customer: str, invoice: str, amount: Decimal) -> None:
        """What the customer overpaid is used for another invoice."""

    async def refund_credit(self, number: str, amount: Decimal) -> None:
        """Money back for a credit note."""

    # The company

    async def lock(self, until: str) -> None:
        """Nothing may be dated on or before that day."""


class NotOffered(Exception):
    """The vendor has no such thing; the message quotes the dossier's line."""
