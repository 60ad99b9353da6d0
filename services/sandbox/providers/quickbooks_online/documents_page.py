"""All of a company's objects at once: as the API shows them, and as tables for people."""

from services.sandbox.provider import EVERYTHING, Part
from services.sandbox.provider import Table as PageTable
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.dates import meta_time
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.rendering import gone, shown
from services.sandbox.providers.quickbooks_online.table import Row

SHOWN = 200
HIDDEN = frozenset({"CompanyInfo", "Preferences"})
PAGES = ("Invoice", "CreditMemo", "Payment", "RefundReceipt", "Bill", "Customer")


def documents(books: Books, part: Part = EVERYTHING) -> Wire:
    """Every object; deleted ones with what they were and the status."""
    return {
        name: [_whole(books, name, row) for row in part.of(name, books.tables[name].rows.values())]
        for name in KINDS
        if name not in HIDDEN
    }


def _whole(books: Books, name: str, row: Row) -> Wire:
    if not row.get("_deleted"):
        return shown(books, KINDS[name], row)
    bare = {key: value for key, value in row.items() if key != "_deleted"}
    try:
        return {**shown(books, KINDS[name], bare), "status": "Deleted"}
    except KeyError:
        return gone(row)


def counts(books: Books) -> dict[str, int]:
    """How many live ones of each."""
    return {name: books.tables[name].live for name in KINDS if name not in HIDDEN}


def tables(books: Books) -> list[PageTable]:
    """The newest documents and customers."""
    return [_table(books, name) for name in PAGES]


def _table(books: Books, name: str) -> PageTable:
    rows = list(books.tables[name].rows.values())[-SHOWN:][::-1]
    if name == "Customer":
        keys = ("Id", "DisplayName", "Active")
        cells = [tuple(str(row.get(key, "")) for key in keys) for row in rows]
        return PageTable(name, keys, cells, books.tables[name].live)
    columns = ("Id", "DocNumber", "TxnDate", "Name", "TotalAmt", "Open", "Status", "Changed")
    return PageTable(name, columns, [_cells(books, row) for row in rows], books.tables[name].live)


def _cells(books: Books, row: Row) -> tuple[str, ...]:
    owner = row.get("CustomerRef") or row.get("VendorRef") or {}
    entity = "Vendor" if "VendorRef" in row else "Customer"
    name = books.tables[entity].rows.get(owner.get("value", ""), {}).get("DisplayName", "")
    open_ = row.get("Balance", row.get("UnappliedAmt", ""))
    status = "deleted" if row.get("_deleted") else "voided" if row.get("_voided") else ""
    number = row.get("DocNumber") or row.get("PaymentRefNum") or ""
    money = (str(row["TotalAmt"]), str(open_))
    return (row["Id"], number, row["TxnDate"], str(name), *money, status, meta_time(row["_at"]))
