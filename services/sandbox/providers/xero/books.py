"""One simulated Xero organisation: its tables, its ledger, and transactions over both."""

from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4
from zoneinfo import ZoneInfo

from services.sandbox.clock import Clock
from services.sandbox.ledger import Ledger
from services.sandbox.providers.xero.table import KeyOf, Row, Table, Undo

CATEGORIES = {"ContactID": "CONTACT", "InvoiceID": "INVOICE", "CreditNoteID": "CREDITNOTE"}
"""Webhooks exist for these tables only."""


@dataclass(slots=True)
class Habits:
    """What the vendor's documents leave open (UNCONFIRMED); switchable per company."""

    trim_names: bool = True
    zero_is_paid: bool = True
    numbers_stay_taken: bool = True
    batch_children_deletable: bool = False
    high_volume: bool = False
    approvals_a_month: int = 0
    """A small plan's limit of approved sales invoices; 0 is none."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something webhooks tell: a record was made or changed."""

    category: str
    kind: str
    row: Row


@dataclass(frozen=True, slots=True)
class Savepoint:
    """A point to which a company can return."""

    undo: int
    ledger: int
    events: int


def name_key(name: str, *, trim: bool) -> str:
    """How contact names are compared: without case, and (UNCONFIRMED) trimmed."""
    return (name.strip() if trim else name).casefold()


@dataclass(slots=True)
class Books:
    """A company. Every change goes through `save` and can be rolled back until `commit`."""

    id: str
    clock: Clock
    organisation: Row
    habits: Habits = field(default_factory=Habits)
    ledger: Ledger = field(default_factory=Ledger)
    currencies: dict[str, str] = field(default_factory=dict)
    branding_themes: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    system: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Row]] = field(default_factory=dict)
    attachments: dict[str, list[Row]] = field(default_factory=dict)
    payment_services: list[Row] = field(default_factory=list)
    undo: Undo = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    tables: dict[str, Table] = field(init=False)

    def __post_init__(self) -> None:
        self.tables = _tables(self.undo, self.habits)

    def __getattr__(self, name: str) -> Table:
        """`books.invoices` is `books.tables["invoices"]`."""
        try:
            return self.tables[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def name(self) -> str:
        """The organisation's."""
        return str(self.organisation["Name"])

    @property
    def currency(self) -> str:
        """The base currency."""
        return str(self.organisation["BaseCurrency"])

    def today(self) -> date:
        """The calendar date in the organisation's own time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.organisation["_zone"])).date()

    def save(self, table: Table, row: Row) -> Row:
        """Store a row as changed now; webhooks hear of it at the commit."""
        kind = "UPDATE" if row[table.key] in table.rows else "CREATE"
        row = {key: value for key, value in row.items() if key != "_wire"}
        row["UpdatedDateUTC"] = self.clock.now()
        if category := CATEGORIES.get(table.key):
            self.events.append(Event(category, kind, row))
        return table.put(row)

    def savepoint(self) -> Savepoint:
        """Where `rollback` can return to."""
        return Savepoint(len(self.undo), self.ledger.mark(), len(self.events))

    def rollback(self, to: Savepoint) -> None:
        """As if nothing had happened since."""
        while len(self.undo) > to.undo:
            table, id_, before = self.undo.pop()
            table.set(id_, before)
        self.ledger.rollback(to.ledger)
        del self.events[to.events :]

    def commit(self) -> list[Event]:
        """Make it final; what webhooks should tell, one event per record."""
        told: dict[str, Event] = {}
        for event in self.events:
            id_ = next(event.row[key] for key, name in CATEGORIES.items() if name == event.category)
            first = told.get(id_)
            told[id_] = Event(event.category, first.kind if first else event.kind, event.row)
        self.undo.clear()
        self.events.clear()
        return list(told.values())


def new_id() -> str:
    """A GUID as Xero writes it."""
    return str(uuid4())


def _tables(undo: Undo, habits: Habits) -> dict[str, Table]:
    def active_name(row: Row) -> str | None:
        if row["ContactStatus"] != "ACTIVE":
            return None
        return name_key(row["Name"], trim=habits.trim_names)

    def sales_number(row: Row) -> str | None:
        if row["Status"] in {"DELETED", "VOIDED"} and not habits.numbers_stay_taken:
            return None
        return row["InvoiceNumber"] if row["Type"] == "ACCREC" else None

    by_contact = {"contact": _of("_contact")}
    indexes: dict[str, tuple[str, dict[str, KeyOf]]] = {
        "accounts": ("AccountID", {"code": _of("Code")}),
        "tax_rates": ("TaxType", {}),
        "tracking": ("TrackingCategoryID", {}),
        "contacts": ("ContactID", {"name": active_name, "number": _of("ContactNumber")}),
        "contact_groups": ("ContactGroupID", {}),
        "items": ("ItemID", {"code": _of("Code")}),
        "invoices": (
            "InvoiceID",
            {"taken": sales_number, "number": _of("InvoiceNumber"), **by_contact},
        ),
        "credit_notes": ("CreditNoteID", {"number": _of("CreditNoteNumber"), **by_contact}),
        "payments": ("PaymentID", {"subject": _subject, "batch": _of("BatchPaymentID")}),
        "batch_payments": ("BatchPaymentID", {}),
        "allocations": ("AllocationID", {"source": _of("_source"), "invoice": _of("_invoice")}),
        "overpayments": ("OverpaymentID", by_contact),
        "prepayments": ("PrepaymentID", by_contact),
        "bank_transactions": ("BankTransactionID", by_contact),
        "purchase_orders": ("PurchaseOrderID", {"number": _of("PurchaseOrderNumber")}),
    }
    return {name: Table(key, undo, keys) for name, (key, keys) in indexes.items()}


def _of(key: str) -> KeyOf:
    return lambda row: row.get(key)


def _subject(row: Row) -> str:
    return str(row["_subject"][1])
