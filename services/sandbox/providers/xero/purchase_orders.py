"""Purchase orders: no ledger, no convert call; BILLED is set by whoever wrote the bill."""

from datetime import date

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.dates import read_date
from services.sandbox.providers.xero.document_view import EchoOf, common, rate
from services.sandbox.providers.xero.documents import Kind, headed, lined, next_number
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.money import trimmed
from services.sandbox.providers.xero.paging import CONTACT, Listed, listed
from services.sandbox.providers.xero.rendering import kept, only_date
from services.sandbox.providers.xero.table import Row

NAME = "PurchaseOrders"
TYPE = "PURCHASEORDER"
KIND = Kind(
    types=frozenset({TYPE}),
    sales=frozenset(),
    discounts=frozenset(),
    texts={
        "PurchaseOrderNumber": 255,
        "Reference": 255,
        "BrandingThemeID": 36,
        "DeliveryAddress": 500,
        "AttentionTo": 255,
        "Telephone": 50,
        "DeliveryInstructions": 500,
    },
    dates=("Date", "DeliveryDate", "ExpectedArrivalDate"),
)
STEPS = {
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
    "SUBMITTED": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "BILLED", "DELETED"}),
    "BILLED": frozenset({"BILLED", "AUTHORISED", "DELETED"}),
}
LISTED = Listed(
    NAME,
    frozenset(
        {"PurchaseOrderID", "PurchaseOrderNumber", "Status", "Reference", "Date", "DeliveryDate"}
        | {"UpdatedDateUTC", "Total", "CurrencyCode"}
    ),
    ("PurchaseOrderNumber", "Reference"),
    {"Contact": CONTACT},
)


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST updates by id, else by number."""
    books, known = call.books, None
    if id_ := text(wire, "PurchaseOrderID"):
        known = books.purchase_orders.get(id_)
        if known is None or call.method == "PUT":
            raise Invalid(
                "An existing Purchase Order with the specified PurchaseOrderID could not be found"
            )
    elif call.method == "POST" and (number := text(wire, "PurchaseOrderNumber")):
        known = next(iter(books.purchase_orders.find("number", number)), None)
    return _saved(call, wire, known)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Sparse header, whole set of lines."""
    return _saved(call, wire, before)


def _saved(call: Call, wire: Wire, before: Row | None) -> Row:
    books = call.books
    status = text(wire, "Status") or (before["Status"] if before else "DRAFT")
    if status not in STEPS.get(before["Status"] if before else "DRAFT", ()):
        raise Invalid("Purchase Order not of valid status for modification")  # UNCONFIRMED text
    row = headed(call, {**wire, "Type": TYPE}, before, KIND)
    row.setdefault("PurchaseOrderID", new_id())
    row["Status"] = status
    _number(books, row)
    return books.save(books.purchase_orders, lined(call, row, wire, before, KIND))


def _number(books: Books, row: Row) -> None:
    number = row.get("PurchaseOrderNumber")
    if not number:
        last = books.organisation["_last_order"]
        row["PurchaseOrderNumber"], last = next_number(books.purchase_orders, "PO-", last)
        books.organisation["_last_order"] = last
        return
    others = books.purchase_orders.find("number", number)
    if any(other["PurchaseOrderID"] != row["PurchaseOrderID"] for other in others):
        raise Invalid("Order number must be unique")


def view(books: Books, row: Row, *, whole: bool = True) -> Wire:
    """A purchase order."""
    texts = (key for key in KIND.texts if key not in {"PurchaseOrderNumber", "BrandingThemeID"})
    return {
        "PurchaseOrderID": row["PurchaseOrderID"],
        "PurchaseOrderNumber": row["PurchaseOrderNumber"],
        **kept(row, *texts),
        **only_date("DeliveryDate", row.get("DeliveryDate")),
        **only_date("ExpectedArrivalDate", row.get("ExpectedArrivalDate")),
        "SentToContact": row["SentToContact"],
        **rate(row),
        "TotalDiscount": trimmed(row["TotalDiscount"]),
        "HasAttachments": row["PurchaseOrderID"] in books.attachments,
        **common(books, row, whole=whole),
    }


BULK = Bulk(
    NAME,
    write,
    lambda call, row: view(call.books, row),
    EchoOf(
        "PurchaseOrderID",
        (
            *("Contact", "Date", "DeliveryDate", "LineAmountTypes", "LineItems", "Status"),
            *("PurchaseOrderNumber", "Reference", "CurrencyCode"),
        ),
    ),
    None,
)


def index(call: Call) -> Answer:
    """`status`, `DateFrom` and `DateTo` filter."""
    query = call.query
    first, last = read_date(query, "datefrom"), read_date(query, "dateto")

    def wanted(row: Row) -> bool:
        day: date = row["Date"]
        status = query.get("status", row["Status"])
        return status == row["Status"] and (first or day) <= day <= (last or day)

    rows, pagination = listed(call, call.books.purchase_orders, LISTED, wanted)
    return Answer({**pagination, NAME: [view(call.books, row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id or number."""
    row = found(call.books.purchase_orders, id_, "number")
    return Answer({NAME: [view(call.books, row)]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.purchase_orders, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))
