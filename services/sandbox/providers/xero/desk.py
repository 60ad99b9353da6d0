"""What a person in Xero's user interface can lay hands on: records by resource and id."""

from collections.abc import Callable

from services.sandbox.provider import RefusedError
from services.sandbox.providers.xero import (
    bank_transactions,
    contacts,
    credit_notes,
    invoices,
    items,
    purchase_orders,
    tax_rates,
    tracking,
)
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.documents_page import VIEWS
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.table import Row

Write = Callable[[Call, Wire], Row]
Update = Callable[[Call, Row, Wire], Row]
RESOURCES: dict[str, tuple[Write, Update]] = {
    "Invoices": (invoices.write, invoices.update),
    "CreditNotes": (credit_notes.write, credit_notes.update),
    "Contacts": (contacts.write, contacts.update),
    "Items": (items.write, items.update),
    "PurchaseOrders": (purchase_orders.write, purchase_orders.update),
    "BankTransactions": (bank_transactions.write, bank_transactions.update),
    "TrackingCategories": (tracking.create, tracking.update),
    "TaxRates": (tax_rates.write, lambda call, _, wire: tax_rates.write(call, wire)),
}


def resource_of(action: Wire, default: str = "Invoices") -> str:
    """The resource an action names."""
    name = str(action.get("resource") or default)
    known = {one.lower(): one for one in VIEWS}
    if name.lower() not in known:
        raise RefusedError(f"There is no resource {name!r}: {sorted(VIEWS)}.", 422)
    return known[name.lower()]


def row_of(books: Books, name: str, id_: object) -> Row:
    """A record by id; raises RefusedError (404)."""
    row = books.tables[VIEWS[name][0]].get(id_)
    if row is None:
        raise RefusedError(f"There is no record {id_} in {name}.", 404)
    return row


def shown(books: Books, name: str, row: Row) -> Wire:
    """A record as the API shows it."""
    table, view = VIEWS[name]
    return view(books, books.tables[table].rows[row[books.tables[table].key]])


def writes_of(name: str) -> tuple[Write, Update]:
    """How a resource is made and changed; raises RefusedError."""
    if name not in RESOURCES:
        raise RefusedError(f"A bookkeeper cannot write {name} this way.", 422)
    return RESOURCES[name]
