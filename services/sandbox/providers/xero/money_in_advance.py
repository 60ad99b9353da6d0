"""Overpayments and prepayments: credits that bank transactions made."""

from services.sandbox.providers.xero import allocations
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Answer, Call, found
from services.sandbox.providers.xero.document_view import common, rate
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.invoice_view import payment_brief
from services.sandbox.providers.xero.money import trimmed
from services.sandbox.providers.xero.paging import CONTACT, Listed, listed
from services.sandbox.providers.xero.table import Row

_FIELDS = frozenset(
    {"Type", "Status", "Reference", "Date", "Total", "RemainingCredit", "UpdatedDateUTC"}
)
OVERPAYMENTS = Listed(
    "Overpayments", _FIELDS | {"OverpaymentID"}, ("Reference",), {"Contact": CONTACT}
)
PREPAYMENTS = Listed(
    "Prepayments", _FIELDS | {"PrepaymentID"}, ("Reference",), {"Contact": CONTACT}
)


def view(books: Books, row: Row, id_key: str, *, whole: bool = True) -> Wire:
    """What remains of it, and where the rest went."""
    id_ = row[id_key]
    refunds = (one for one in books.payments.find("subject", id_) if one["Status"] == "AUTHORISED")
    return {
        id_key: id_,
        "Type": row["Type"],
        "Reference": row.get("Reference") or "",
        **rate(row),
        "RemainingCredit": trimmed(row["RemainingCredit"]),
        "Allocations": allocations.allocations_of(books, id_),
        "Payments": [payment_brief(payment) for payment in refunds],
        "HasAttachments": id_ in books.attachments,
        **common(books, row, whole=whole),
    }


def _index(call: Call, table: str, how: Listed, id_key: str) -> Answer:
    rows, pagination = listed(call, call.books.tables[table], how)
    shown = [view(call.books, row, id_key, whole=bool(pagination)) for row in rows]
    return Answer({**pagination, how.name: shown})


def overpayments(call: Call) -> Answer:
    """GET /Overpayments."""
    return _index(call, "overpayments", OVERPAYMENTS, "OverpaymentID")


def prepayments(call: Call) -> Answer:
    """GET /Prepayments."""
    return _index(call, "prepayments", PREPAYMENTS, "PrepaymentID")


def overpayment(call: Call, id_: str) -> Answer:
    """GET /Overpayments/{id}."""
    row = found(call.books.overpayments, id_)
    return Answer({"Overpayments": [view(call.books, row, "OverpaymentID")]})


def prepayment(call: Call, id_: str) -> Answer:
    """GET /Prepayments/{id}."""
    row = found(call.books.prepayments, id_)
    return Answer({"Prepayments": [view(call.books, row, "PrepaymentID")]})
