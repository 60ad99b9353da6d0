"""Invoices: sales invoices (ACCREC) and bills (ACCPAY), from draft to paid or void."""

from decimal import Decimal

from services.sandbox.providers.xero import contacts
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.call import Call, text
from services.sandbox.providers.xero.documents import (
    HAS_PAYMENT,
    NOT_EDITABLE,
    Kind,
    headed,
    lined,
    next_number,
    unlocked,
)
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.money import ZERO
from services.sandbox.providers.xero.posting import control_account, document_lines, repost
from services.sandbox.providers.xero.table import Row

KIND = Kind(
    types=frozenset({"ACCREC", "ACCPAY"}),
    sales=frozenset({"ACCREC"}),
    discounts=frozenset({"ACCREC"}),
    # The lengths of Reference and Url are UNCONFIRMED.
    texts={"InvoiceNumber": 255, "Reference": 255, "Url": 2000, "BrandingThemeID": 36},
    dates=("Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate"),
)
OPEN = frozenset({"DRAFT", "SUBMITTED", "AUTHORISED"})
STEPS = {
    # Whether SUBMITTED may go back to DRAFT is UNCONFIRMED; here it may.
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
}
NOT_UNIQUE = "Invoice # must be unique."
NOT_FOUND = "An existing Invoice with the specified InvoiceID could not be found"


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST updates by id, else by the number of a sales invoice."""
    books, known = call.books, None
    id_ = text(wire, "InvoiceID")
    if id_ and not set(id_) <= {"0", "-"}:
        known = books.invoices.get(id_)
        if known is None:
            raise Invalid(NOT_FOUND)
        if call.method == "PUT":
            raise Invalid(NOT_UNIQUE)
    number = text(wire, "InvoiceNumber")
    if known is None and call.method == "POST" and number and wire.get("Type") != "ACCPAY":
        known = next(iter(books.invoices.find("taken", number)), None)
    return create(call, wire) if known is None else update(call, known, wire)


def create(call: Call, wire: Wire) -> Row:
    """A new invoice, DRAFT unless said otherwise."""
    status = text(wire, "Status") or "DRAFT"
    if status not in OPEN:
        raise Invalid(f"Invoice cannot be created with status {status}")  # UNCONFIRMED text
    row = headed(call, wire, None, KIND)
    row |= {"InvoiceID": new_id(), "Status": status, "AmountPaid": ZERO, "AmountCredited": ZERO}
    if row["Type"] == "ACCREC":
        row.setdefault("BrandingThemeID", call.books.branding_themes[0]["BrandingThemeID"])
    _number(call.books, row, None)
    return _settled(call, lined(call, row, wire, None, KIND), None)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Header sparse, lines as a whole; refused once it is paid, credited, voided or deleted."""
    status = text(wire, "Status") or before["Status"]
    _editable(before, status)
    if status in {"VOIDED", "DELETED"}:
        return _ended(call.books, before, status)
    row = headed(call, wire, before, KIND)
    row["Status"] = status
    _number(call.books, row, before)
    return _settled(call, lined(call, row, wire, before, KIND), before)


def _editable(before: Row, status: str) -> None:
    touched = before["AmountPaid"] or before["AmountCredited"]
    if touched:
        raise Invalid(HAS_PAYMENT, NOT_EDITABLE)
    if status not in STEPS.get(before["Status"], ()):
        raise Invalid(NOT_EDITABLE)


def _ended(books: Books, before: Row, status: str) -> Row:
    unlocked(books, before["Date"])
    row = {**before, "Status": status, "AmountDue": ZERO}
    row = repost(books, before, row, row["InvoiceID"], None)
    return books.save(books.invoices, row)


def _number(books: Books, row: Row, before: Row | None) -> None:
    """Sales numbers are unique and counted; a bill holds the supplier's own reference."""
    number = row.get("InvoiceNumber")
    if row["Type"] == "ACCPAY":
        row.pop("Reference", None)
        return
    if not number:
        last = books.organisation["_last_invoice"]
        row["InvoiceNumber"], last = next_number(books.invoices, "INV-", last)
        books.organisation["_last_invoice"] = last
        return
    others = books.invoices.find("taken", number)
    if any(before is None or other["InvoiceID"] != before["InvoiceID"] for other in others):
        raise Invalid(NOT_UNIQUE)


def _settled(call: Call, row: Row, before: Row | None) -> Row:
    """Checks that need the whole document, then the ledger and the books."""
    books = call.books
    if row["Status"] in {"SUBMITTED", "AUTHORISED"} and row.get("DueDate") is None:
        raise Invalid("DueDate must be specified")  # UNCONFIRMED text
    unlocked(books, row["Date"], before["Date"] if before else None)
    row["AmountDue"] = row["Total"]
    approved = row["Status"] == "AUTHORISED"
    if approved and (before is None or before["Status"] != "AUTHORISED"):
        _within_plan(books, row)
    if approved and row["Total"] == ZERO and books.habits.zero_is_paid:
        # UNCONFIRMED: a zero total becomes PAID at approval.
        row |= {"Status": "PAID", "FullyPaidOnDate": row["Date"]}
    sign = 1 if row["Type"] == "ACCREC" else -1
    against = control_account(books, row["Type"])
    lines = document_lines(books, row, against, sign) if approved else None
    row = repost(books, before, row, row["InvoiceID"], lines)
    flag = "IsCustomer" if row["Type"] == "ACCREC" else "IsSupplier"
    contact = books.contacts.rows[row["_contact"]]
    contacts.mark_used(books, contact, flag)
    return books.save(books.invoices, row)


def _within_plan(books: Books, row: Row) -> None:
    """Small plans approve so many sales invoices a month; the text is UNCONFIRMED in part."""
    most, month = books.habits.approvals_a_month, (row["Date"].year, row["Date"].month)
    if not most or row["Type"] != "ACCREC":
        return
    approved = (
        one
        for one in books.invoices
        if one["Type"] == "ACCREC" and one["Status"] in {"AUTHORISED", "PAID"}
    )
    if sum((one["Date"].year, one["Date"].month) == month for one in approved) >= most:
        raise Invalid("You have reached the limit of invoices you can approve this month")


def settle(books: Books, row: Row, *, paid: Decimal = ZERO, credited: Decimal = ZERO) -> Row:
    """Money came (or went back, if negative): what is due, PAID or AUTHORISED again."""
    row = {**row, "AmountPaid": row["AmountPaid"] + paid}
    row["AmountCredited"] += credited
    row["AmountDue"] = row["Total"] - row["AmountPaid"] - row["AmountCredited"]
    if row["AmountDue"] == ZERO:
        row |= {"Status": "PAID", "FullyPaidOnDate": books.today()}
    else:
        row |= {"Status": "AUTHORISED", "FullyPaidOnDate": None}
    return books.save(books.invoices, row)
