"""One simulated QuickBooks company: its tables, its ledger, and transactions over both."""

import secrets
from dataclasses import dataclass, field

from services.sandbox.clock import Clock
from services.sandbox.ledger import Ledger
from services.sandbox.providers.quickbooks_online.indexes import INDEXES
from services.sandbox.providers.quickbooks_online.table import Row, Table, Undo

NAMES = ("Customer", "Vendor", "Employee")
TRANSACTIONS = (
    *("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate", "Payment", "Deposit"),
    *("PurchaseOrder", "Bill", "VendorCredit", "BillPayment", "Purchase", "JournalEntry"),
)


@dataclass(slots=True)
class Habits:
    """What the vendor's documents leave open (UNCONFIRMED); switchable per company."""

    warn_duplicate_numbers: bool = True
    """The company's own preference, not an open question: 6140."""
    duplicates_name_txn: bool = False
    itemless_lines: str = "documentation"
    """A sales line without ItemRef: `documentation` (amount ignored), `generic` or `refused`."""
    void_keeps_note: bool = False
    child_pays_parent: bool = False
    id_compares_as: str = "text"
    """`text` or `number`, in WHERE and ORDERBY."""
    query_lag_seconds: float = 0
    ascii_queries: bool = False
    sku_hidden: bool = True
    """`select *` leaves Sku out unless it is named."""
    clearing: str = "both"
    """What clears a field in a sparse update: `both`, `empty` or `null`."""
    batch_limit: int = 30
    requestid_life: float = 86_400
    fault_form: str = "json"
    """`json` (400), `xml` (400) or `ok` (JSON with HTTP 200)."""
    tax_mode_required: bool = True
    currency_required: bool = True
    ast_overrides_total: bool = False
    tax_lines_honoured: bool = False
    free_form_addresses: bool = False
    closed_code: str = ""
    """6200 or 6210 as the password says; `5010` as one report has it."""
    deep_links_refused: bool = False
    """A bill line's bad PO link is refused (620) instead of dropped in silence."""
    new_consent_replaces: bool = True
    note_is_filterable: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something webhooks tell: what happened to one object."""

    entity: str
    id: str
    operation: str
    deleted_id: str | None = None


@dataclass(frozen=True, slots=True)
class Savepoint:
    """A point to which a company can return."""

    undo: int
    ledger: int
    events: int


@dataclass(slots=True)
class Books:
    """A company. Every change goes through `save` and can be rolled back until `commit`."""

    id: str
    clock: Clock
    country: str
    ast: bool = False
    plan: str = "Plus"
    state: str = "fine"
    closing_password: bool = False
    habits: Habits = field(default_factory=Habits)
    ledger: Ledger = field(default_factory=Ledger)
    system: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    mails: list[float] = field(default_factory=list)
    undo: Undo = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    tables: dict[str, Table] = field(init=False)

    def __post_init__(self) -> None:
        self.tables = {name: Table(name, self.undo, keys) for name, keys in INDEXES.items()}

    @property
    def name(self) -> str:
        """What the company is called."""
        return str(self.tables["CompanyInfo"].rows["1"]["CompanyName"])

    @property
    def currency(self) -> str:
        """The home currency."""
        return str(self.prefs["CurrencyPrefs"]["HomeCurrency"]["value"])

    @property
    def multicurrency(self) -> bool:
        """Is multicurrency on?"""
        return bool(self.prefs["CurrencyPrefs"]["MultiCurrencyEnabled"])

    @property
    def prefs(self) -> Row:
        """The Preferences row."""
        return self.tables["Preferences"].rows["1"]

    @property
    def american(self) -> bool:
        """Does the US tax model hold?"""
        return self.country == "US"

    def next_id(self, entity: str) -> str:
        """Transactions share one sequence of ids, names another, lists have their own."""
        group = "txn" if entity in TRANSACTIONS else "name" if entity in NAMES else entity
        self.counters[group] = self.counters.get(group, 0) + 1
        return str(self.counters[group])

    def save(self, entity: str, row: Row, operation: str | None = None) -> Row:
        """Store a row as changed now: SyncToken + 1; webhooks hear of it at the commit."""
        table = self.tables[entity]
        before = table.get(row["Id"]) if "Id" in row else None
        now = self.clock.now()
        self.counters["n"] = self.counters.get("n", 0) + 1
        stamp = {
            "Id": row["Id"] if "Id" in row else self.next_id(entity),
            "_sync": before["_sync"] + 1 if before else 0,
            "_made": before["_made"] if before else now,
            "_at": now.replace(microsecond=0),
            "_moment": now,
            "_n": self.counters["n"],
        }
        stored = table.put({**row, **stamp})
        self.tell(Event(entity, stored["Id"], operation or ("Update" if before else "Create")))
        return stored

    def keep(self, entity: str, row: Row) -> Row:
        """Store what is no change of the object itself: no new SyncToken, no event."""
        return self.tables[entity].put(row)

    def tell(self, event: Event) -> None:
        """Webhooks hear of this at the commit."""
        self.events.append(event)

    def savepoint(self) -> Savepoint:
        """Where `rollback` can return to."""
        return Savepoint(len(self.undo), self.ledger.mark(), len(self.events))

    def rollback(self, to: Savepoint) -> None:
        """As if nothing had happened since; ids stay used."""
        while len(self.undo) > to.undo:
            table, id_, before = self.undo.pop()
            table.set(id_, before)
        self.ledger.rollback(to.ledger)
        del self.events[to.events :]

    def commit(self) -> list[Event]:
        """Make it final; what webhooks tell, updates of one object told once."""
        told: dict[tuple[str, str, str], Event] = {}
        fresh = {(e.entity, e.id) for e in self.events if e.operation in {"Create", "Void"}}
        for event in self.events:
            if event.operation == "Update" and (event.entity, event.id) in fresh:
                continue
            told[event.entity, event.id, event.operation] = event
        self.undo.clear()
        self.events.clear()
        return list(told.values())


def new_nonce() -> str:
    """An unguessable name."""
    return secrets.token_urlsafe(24)
