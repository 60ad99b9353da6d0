"""Credit notes of customers and suppliers: numbers and statuses of their own."""

from services.sandbox.providers.xero import allocations, contacts, invoices
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.document_view import EchoOf, common, rate
from services.sandbox.providers.xero.documents import (
    HAS_PAYMENT,
    Kind,
    headed,
    lined,
    next_number,
    unlocked,
)
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.invoice_view import payment_brief
from services.sandbox.providers.xero.money import ZERO, trimmed
from services.sandbox.providers.xero.paging import CONTACT, Listed, listed
from services.sandbox.providers.xero.posting import control_account, document_lines, repost
from services.sandbox.providers.xero.rendering import only_date
from services.sandbox.providers.xero.table import Row

NAME = "CreditNotes"
KIND = Kind(
    types=frozenset({"ACCRECCREDIT", "ACCPAYCREDIT"}),
    sales=frozenset({"ACCRECCREDIT"}),
    discounts=frozenset(),
    texts={"CreditNoteNumber": 255, "Reference": 255, "BrandingThemeID": 36},
    dates=("Date", "DueDate"),
)
NOT_EDITABLE = "Credit Note not of valid status for modification"  # after the invoice's text
NOT_UNIQUE = "Credit Note # must be unique."  # UNCONFIRMED text
NOT_FOUND = "An existing Credit Note with the specified CreditNoteID could not be found"
LISTED = Listed(
    NAME,
    frozenset(
        {"CreditNoteID", "CreditNoteNumber", "Type", "Status", "Reference", "Date", "DueDate"}
        | {"RemainingCredit", "SubTotal", "TotalTax", "Total", "UpdatedDateUTC", "CurrencyCode"}
        | {"FullyPaidOnDate"}
    ),
    ("CreditNoteNumber", "Reference"),
    {"Contact": CONTACT},
)
_echo = EchoOf(
    "CreditNoteID",
    (
        *("Type", "CreditNoteNumber", "Reference", "Contact", "Date", "DueDate", "Status"),
        *("LineAmountTypes", "LineItems", "CurrencyCode", "CurrencyRate", "BrandingThemeID"),
    ),
)


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST updates by id, else by the number of a customer's credit note."""
    books, known = call.books, None
    id_, number = text(wire, "CreditNoteID"), text(wire, "CreditNoteNumber")
    if id_ and not set(id_) <= {"0", "-"}:
        known = books.credit_notes.get(id_)
        if known is None or call.method == "PUT":
            raise Invalid(NOT_FOUND if known is None else NOT_UNIQUE)
    if known is None and call.method == "POST" and number and wire.get("Type") != "ACCPAYCREDIT":
        known = _numbered(books, number)
    return create(call, wire) if known is None else update(call, known, wire)


def _numbered(books: Books, number: str) -> Row | None:
    notes = books.credit_notes.find("number", number)
    return next((note for note in notes if note["Type"] == "ACCRECCREDIT"), None)


def create(call: Call, wire: Wire) -> Row:
    """A new credit note, DRAFT unless said otherwise."""
    status = text(wire, "Status") or "DRAFT"
    if status not in invoices.OPEN:
        raise Invalid(f"Credit note cannot be created with status {status}")  # UNCONFIRMED text
    row = headed(call, wire, None, KIND)
    row |= {"CreditNoteID": new_id(), "Status": status}
    _number(call.books, row, None)
    return _settled(call.books, lined(call, row, wire, None, KIND), None)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """As with invoices: not once it is allocated, refunded, voided or deleted."""
    status = text(wire, "Status") or before["Status"]
    if allocations.used(call.books, before["CreditNoteID"]):
        raise Invalid(HAS_PAYMENT, NOT_EDITABLE)
    if status not in invoices.STEPS.get(before["Status"], ()):
        raise Invalid(NOT_EDITABLE)
    if status in {"VOIDED", "DELETED"}:
        return _ended(call.books, before, status)
    row = headed(call, wire, before, KIND)
    row["Status"] = status
    _number(call.books, row, before)
    return _settled(call.books, lined(call, row, wire, before, KIND), before)


def _ended(books: Books, before: Row, status: str) -> Row:
    unlocked(books, before["Date"])
    row = {**before, "Status": status, "RemainingCredit": ZERO}
    return books.save(books.credit_notes, repost(books, before, row, row["CreditNoteID"], None))


def _number(books: Books, row: Row, before: Row | None) -> None:
    number = row.get("CreditNoteNumber")
    if row["Type"] == "ACCPAYCREDIT":
        return
    if not number:
        last = books.organisation["_last_credit_note"]
        row["CreditNoteNumber"], last = next_number(books.credit_notes, "CN-", last)
        books.organisation["_last_credit_note"] = last
        return
    other = _numbered(books, number)
    if other is not None and (before is None or other["CreditNoteID"] != before["CreditNoteID"]):
        raise Invalid(NOT_UNIQUE)


def _settled(books: Books, row: Row, before: Row | None) -> Row:
    unlocked(books, row["Date"], before["Date"] if before else None)
    row["RemainingCredit"] = row["Total"]
    approved = row["Status"] == "AUTHORISED"
    if approved and row["Total"] == ZERO and books.habits.zero_is_paid:
        row |= {"Status": "PAID", "FullyPaidOnDate": row["Date"]}
    sign = -1 if row["Type"] == "ACCRECCREDIT" else 1
    against = control_account(books, row["Type"])
    lines = document_lines(books, row, against, sign) if approved else None
    row = repost(books, before, row, row["CreditNoteID"], lines)
    flag = "IsCustomer" if row["Type"] == "ACCRECCREDIT" else "IsSupplier"
    contacts.mark_used(books, books.contacts.rows[row["_contact"]], flag)
    return books.save(books.credit_notes, row)


def view(books: Books, row: Row, *, whole: bool = True) -> Wire:
    """A credit note; without lines and allocations in a list of headers."""
    id_ = row["CreditNoteID"]
    refunds = (p for p in books.payments.find("subject", id_) if p["Status"] == "AUTHORISED")
    return {
        "CreditNoteID": id_,
        "CreditNoteNumber": row.get("CreditNoteNumber") or "",
        "Payments": [payment_brief(payment) for payment in refunds],
        **rate(row),
        "Type": row["Type"],
        "Reference": row.get("Reference") or "",
        "SentToContact": row["SentToContact"],
        "RemainingCredit": trimmed(row["RemainingCredit"]),
        "Allocations": allocations.allocations_of(books, id_),
        "HasAttachments": id_ in books.attachments,
        "HasErrors": False,
        **common(books, row, whole=whole),
        **only_date("FullyPaidOnDate", row.get("FullyPaidOnDate")),
    }


BULK = Bulk(NAME, write, lambda call, row: view(call.books, row), _echo)


def index(call: Call) -> Answer:
    """With a page the whole notes, without one headers only."""
    rows, pagination = listed(call, call.books.credit_notes, LISTED)
    shown = [view(call.books, row, whole=bool(pagination)) for row in rows]
    return Answer({**pagination, NAME: shown})


def one(call: Call, id_: str) -> Answer:
    """By id or number."""
    return Answer({NAME: [view(call.books, found(call.books.credit_notes, id_, "number"))]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.credit_notes, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))
