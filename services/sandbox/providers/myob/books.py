"""One simulated company file: its tables, its ledger, and transactions over both."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from services.sandbox.clock import Clock
from services.sandbox.ledger import Ledger
from services.sandbox.providers.myob.fields import Row, Spec
from services.sandbox.providers.myob.money import ONE, ZERO
from services.sandbox.providers.myob.schema import INDEXES, SPECS
from services.sandbox.providers.myob.table import Table, Undo

SCRAMBLE = 6_364_136_223_846_793_005
HALF = 1 << 63


@dataclass(slots=True)
class Habits:
    """What the vendor's documents leave open (UNCONFIRMED); switchable per company."""

    sales_last_modified: bool = False
    """Documents and payments show `LastModified` and can be filtered by it."""
    history_date_posted: bool = False
    """JournalTransactionHistory can be filtered by `DatePosted`."""
    local_stamps: bool = False
    """Stamps are the company's local time instead of UTC."""
    unknown_properties_fail: bool = True
    duplicate_numbers: str = "refuse"
    """`refuse`, `warn` (an error only with warningsAsErrors) or `allow`."""
    overpayments: bool = False
    """`AmountApplied` may exceed the balance."""
    zero_invoices: bool = True
    total_mismatch: str = "refuse"
    """A line whose `Total` is not price x quantity: `refuse`, keep `total` or `compute`."""
    hybrid_lines: bool = False
    """Item layouts take lines with an account; freight is then forbidden."""
    jobs_required: bool = False
    tax_by_code: bool = False
    """Tax is rounded once per tax code of a document instead of once per line."""
    essentials: bool = False
    """A file of the browser product: only Item and Service are written, one currency."""
    old_multicurrency: bool = False
    """An older multi-currency file answers 405 to foreign currency."""
    refresh_days: int = 7
    refresh_grace: int = 0
    """Seconds a refresh token lives on after its successor was issued."""
    file_user: str = ""
    """`user:password` that x-myobapi-cftoken must hold; empty with single sign-on."""
    administrator: bool = True
    """Only an Administrator of the file may consent."""
    numeric_row_versions: bool = False
    omit_nulls: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint:
    """A point to which a company file can return."""

    undo: int
    ledger: int


@dataclass(slots=True)
class Books:
    """A company file. Every change goes through `save` and can be rolled back until `commit`."""

    id: str
    name: str
    country: str
    currency: str
    zone: str
    clock: Clock
    habits: Habits = field(default_factory=Habits)
    ledger: Ledger = field(default_factory=Ledger)
    preferences: Row = field(default_factory=dict)
    year_start: date = date(2008, 7, 1)
    """The beginning of the financial year: nothing is posted before it."""
    system: dict[str, str] = field(default_factory=dict)
    removed: bool = False
    """The user was removed from the file."""
    emails: list[Row] = field(default_factory=list)
    attachments: dict[str, list[Row]] = field(default_factory=dict)
    undo: Undo = field(default_factory=list)
    tables: dict[str, Table] = field(init=False)
    _numbers: Counter[str] = field(default_factory=Counter)
    _versions: Any = field(default_factory=lambda: itertools.count(uuid4().int & 0xFFFF))
    _rows: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.tables = {
            name: Table(spec, self.undo, INDEXES.get(name, INDEXES[""]))
            for name, spec in SPECS.items()
        }

    def today(self) -> date:
        """The calendar date where the company is."""
        return self.clock.now().astimezone(ZoneInfo(self.zone)).date()

    def stamp(self) -> datetime:
        """Now as MYOB stamps it: to the second, its zone unsaid."""
        now = self.clock.now()
        if self.habits.local_stamps:
            now = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=UTC)
        return now.replace(microsecond=0)

    def version(self) -> str:
        """A new RowVersion: opaque, neither rising nor a time."""
        return str((next(self._versions) * SCRAMBLE) % (2 * HALF) - HALF)

    def row_id(self) -> int:
        """A new line's RowID."""
        return int(next(self._rows))

    def next_number(self, table: str, prefix: str, width: int) -> str:
        """The next number of a sequence that is not taken."""
        while True:
            self._numbers[table] += 1
            number = f"{prefix}{self._numbers[table]:0{width}d}"
            if not self.tables[table].holds("Number", number):
                return number

    def save(self, table: str, row: Row) -> Row:
        """Store a row as changed now: new version, new stamp."""
        row = {**row, "RowVersion": self.version(), "LastModified": self.stamp()}
        row["_refs"] = _references(self.tables[table].spec, row)
        return self.tables[table].put(row)

    def used(self, uid: str) -> bool:
        """Does anything refer to this record?"""
        return any(table.holds("refs", uid) for table in self.tables.values())

    def owed(self, card: str) -> Decimal:
        """A card's balance in the company's currency."""
        row = self.tables["balances"].get(card)
        return row["Amount"] if row else ZERO

    def owe(self, card: str, change: Decimal) -> None:
        """Raise (or lower) it."""
        if change:
            balance = {"UID": card, "Amount": self.owed(card) + change}
            self.tables["balances"].put(balance)

    def on_hand(self, item: str) -> Decimal | None:
        """Of an inventoried item."""
        row = self.tables["stock"].get(item)
        return row["Quantity"] if row else None

    def account_balance(self, account: Row) -> Decimal:
        """Positive on the account's own side."""
        held = self.ledger.balance(account["UID"])
        sides = {"Asset", "CostOfSales", "Expense", "OtherExpense"}
        return held if account["Classification"] in sides else ZERO - held

    def rate_of(self, row: Row) -> Decimal:
        """Units of the company's currency per unit of the document's."""
        rate: Decimal = row.get("CurrencyExchangeRate") or ONE
        return rate

    def savepoint(self) -> Savepoint:
        """Where `rollback` can return to."""
        return Savepoint(len(self.undo), self.ledger.mark())

    def rollback(self, to: Savepoint) -> None:
        """As if nothing had happened since."""
        while len(self.undo) > to.undo:
            table, uid, before = self.undo.pop()
            table.set(uid, before)
        self.ledger.rollback(to.ledger)

    def commit(self) -> None:
        """Make it final."""
        self.undo.clear()


def new_id() -> str:
    """A GUID as MYOB writes it."""
    return str(uuid4())


def _references(spec: Spec, row: Row) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name, one in spec.items():
        value = row.get(name)
        if not value or one.kind not in {"ref", "object", "list"}:
            continue
        if one.kind == "ref":
            found[value] = None
        elif one.kind == "object":
            found.update(dict.fromkeys(_references(one.inner, value)))
        else:
            for inner in value:
                found.update(dict.fromkeys(_references(one.inner, inner)))
    return tuple(found)
