"""What a cell may do to a ledger and see of it: one adapter per provider, from its wire form."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from tests.flows.world import World
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
    time_zone: ClassVar[str]
    """Where the company is, by IANA's name."""
    keeps_voided: ClassVar[frozenset[str]]
    """Which voided documents are still there, by their numbers; else to void is to delete."""
    voids_paid: ClassVar[bool]
    """Whether a paid invoice can be voided: its payments stay, as the customer's credit."""
    edits_paid: ClassVar[frozenset[str]]
    """What can be changed of an invoice that is paid in part, of `lines`, `due_date`, `customer`;
    the rest is held until nothing is paid."""
    deletes: ClassVar[bool]
    """Whether an invoice in force can be deleted; else to delete it is to void it."""
    gives_back: ClassVar[bool]
    """Whether the product can pay a credit back; else it is held, and a person does it there."""
    families: ClassVar[bool]
    """Whether a customer can belong to another one; else the name says so."""

    async def books(self) -> Books:
        """Everything that lives, from the records as the vendor's API shows them."""

    async def trial_balance(self) -> tuple[Decimal, Decimal, Decimal]:
        """Debits, credits, and the balance of receivables."""

    async def payable(self) -> Decimal:
        """What is owed to suppliers, by the accounts."""

    async def costs(self) -> Mapping[str, str]:
        """The mappings that bought lines need here: kind/word -> the ledger's word."""

    # People and products

    async def add_customer(self, name: str, email: str = "") -> None: ...

    async def edit_customer(self, name: str, /, **changes: str) -> None:
        """`email` or `name`."""

    async def archive_customer(self, name: str) -> None: ...

    async def merge_customers(self, name: str, into: str) -> None: ...

    async def move_customer(self, name: str, parent: str) -> None:
        """It belongs to another one from now on; "" for nobody."""

    async def roles(self, name: str) -> set[str]:
        """`customer`, `supplier`: what the contact is, by its records."""

    async def add_customers(self, people: Sequence[tuple[str, str]]) -> None:
        """Names and e-mail addresses."""

    async def add_items(self, items: Sequence[tuple[str, str, Decimal]]) -> None:
        """Codes, names and prices."""

    async def many(self, kind: str) -> int:
        """How many contacts or items there are."""

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

    async def refund_rest(self, customer: str, amount: Decimal) -> None:
        """Money back of what the customer overpaid."""

    # The company

    async def lock(self, until: str) -> None:
        """Nothing may be dated on or before that day."""


class NotOffered(Exception):
    """The vendor has no such thing; the message quotes the dossier's line."""


async def counted(world: World, resource: str) -> int:
    """How many records of a resource the company has."""
    url = f"{world.control}/companies/{world.company}"
    answer = await world.http.get(url, headers={"Accept": "application/json"})
    return int(answer.json()["counts"].get(resource, 0))
