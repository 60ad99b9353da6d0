"""The books for people and for the control API: every record, as the API shows it."""

from services.sandbox.provider import EVERYTHING, Part, RefusedError, Table
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import KINDS
from services.sandbox.providers.myob.routes import headed
from services.sandbox.providers.myob.schema import PATHS, SPECS
from services.sandbox.providers.myob.showing import Shown, summary

TABLES = {path: table for table, path in PATHS.items()}
ALIASES = {
    "Customers": "Contact/Customer",
    "Contacts": "Contact/Customer",
    "Suppliers": "Contact/Supplier",
    "Items": "Inventory/Item",
    "Accounts": "GeneralLedger/Account",
    "TaxCodes": "GeneralLedger/TaxCode",
    "Invoices": "Sale/Invoice",
    "CreditNotes": "Sale/Invoice",
    "Bills": "Purchase/Bill",
    "PurchaseOrders": "Purchase/Order",
    "Payments": "Sale/CustomerPayment",
}
SHOWN = 50
PAGES = (
    *("invoices", "bills", "sale_orders", "purchase_orders", "customer_payments"),
    *("supplier_payments", "credit_settlements", "credit_refunds", "customers"),
)
NUMBERS = ("Number", "ReceiptNumber", "PaymentNumber", "DisplayID")
AMOUNTS = ("TotalAmount", "AmountReceived", "AmountPaid", "CreditAmount", "Amount")


def table_of(resource: object) -> str:
    """The table of a resource by the vendor's path or a plain word; raises RefusedError."""
    name = str(resource or "Sale/Invoice").strip("/")
    name = ALIASES.get(name, name)
    for path, table in TABLES.items():
        # A layout may follow: Sale/Invoice/Service.
        if name == path or (table in KINDS and name.startswith(path + "/")):
            return table
    raise RefusedError(f"There is no resource {name!r}: {sorted(TABLES)}.", 422)


def view(books: Books, table: str, row: Row) -> Wire:
    """A record as the API shows it; a document with its lines and its layout."""
    if table not in KINDS:
        return Shown(books).record(table, row, SPECS[table])
    kind = KINDS[table]
    head = Shown(books).record(table, row, headed(kind))
    return {**head, **Shown(books).record(table, row, kind.specs[row["_layout"]])}


def counts(books: Books) -> dict[str, int]:
    """How many records each resource has."""
    return {path: len(books.tables[table]) for path, table in TABLES.items()}


def documents(books: Books, part: Part = EVERYTHING) -> Wire:
    """Every record by resource; what was deleted is gone here as it is in MYOB."""
    return {
        path: [view(books, table, row) for row in part.of(path, books.tables[table])]
        for path, table in TABLES.items()
        if table not in {"journal", "history"}
    }


def tables(books: Books) -> list[Table]:
    """The newest records, for people."""
    columns = ("Number", "Date", "Card", "Status", "Amount", "Due")
    found = []
    for name in PAGES:
        rows = list(books.tables[name])
        shown = [_cells(books, row) for row in rows[-SHOWN:][::-1]]
        found.append(Table(PATHS[name], columns, shown, len(rows)))
    return found


def _cells(books: Books, row: Row) -> tuple[str, ...]:
    number = next((row[key] for key in NUMBERS if row.get(key)), "")
    amount = next((row[key] for key in AMOUNTS if row.get(key) is not None), "")
    uid = row.get("Customer") or row.get("Supplier")
    cards = [books.tables[name].get(uid) for name in ("customers", "suppliers") if uid]
    card = next((one for one in cards if one), row)
    name = summary(card, "Name") if "IsIndividual" in card else ""
    cells = (number, row.get("Date"), name, row.get("Status"), amount, row.get("BalanceDueAmount"))
    return tuple("" if cell is None else str(cell) for cell in cells)
