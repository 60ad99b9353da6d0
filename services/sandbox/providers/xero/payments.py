"""Payments: of invoices and bills, refunds of credits; they can only be made and deleted."""

from decimal import Decimal

from services.sandbox.providers.xero import payment_view
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, part, text, truth
from services.sandbox.providers.xero.coding import usable
from services.sandbox.providers.xero.dates import read_date
from services.sandbox.providers.xero.documents import unlocked
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.money import number, rounded
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.posting import payment_lines, post
from services.sandbox.providers.xero.subjects import (
    BY_TABLE,
    incoming,
    named,
    outstanding,
    payment_type,
    settle,
)
from services.sandbox.providers.xero.table import Row

NAME = "Payments"
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_AUTHORISED = "Payments can only be made against authorised documents"
LISTED = Listed(
    NAME,
    frozenset(
        {"PaymentID", "BatchPaymentID", "Date", "Amount", "Reference", "Status", "PaymentType"}
        | {"UpdatedDateUTC", "IsReconciled", "CurrencyRate"}
    ),
    nested={"Invoice": payment_view.INVOICE, "Account": payment_view.ACCOUNT},
)


def create(call: Call, wire: Wire, batch: Row | None = None) -> Row:
    """One payment of one subject; raises Invalid."""
    books = call.books
    if text(wire, "PaymentID") and text(wire, "Status") == "DELETED":
        return delete(call, _known(books, wire))
    sort, subject = named(books, wire)
    amount = _amount(wire)
    wrong = [] if subject["Status"] == "AUTHORISED" else [NOT_AUTHORISED]
    if amount > outstanding(sort, subject):
        wrong.append(TOO_MUCH)
    if wrong:
        raise Invalid(*wrong)
    day = read_date(wire, "Date") or books.today()
    unlocked(books, day)
    row: Row = {
        "PaymentID": new_id(),
        "Date": day,
        "Amount": amount,
        "Reference": text(wire, "Reference"),
        "CurrencyRate": number(wire, "CurrencyRate") or subject["CurrencyRate"],
        "IsReconciled": bool(truth(wire, "IsReconciled")),
        "Status": "AUTHORISED",
        "PaymentType": payment_type(sort, subject),
        "_account": bank_account(books, wire)["AccountID"],
        "_subject": (sort.table, subject[sort.id_key]),
        "_app": call.app,
    }
    if batch is not None:
        row["BatchPaymentID"] = batch["BatchPaymentID"]
    moved = payment_lines(books, row, subject, subject["Type"], incoming=incoming(sort, subject))
    row["_entry"] = post(books, row["PaymentID"], row["PaymentType"].lower(), moved)
    settle(books, sort, subject, amount)
    return books.save(books.payments, row)


def _amount(wire: Wire) -> Decimal:
    amount = number(wire, "Amount")
    if amount is None or rounded(amount) <= 0:
        raise Invalid("Payment amount must be greater than zero")  # UNCONFIRMED text
    return rounded(amount)


def bank_account(books: Books, wire: Wire) -> Row:
    """The account money moves on: a bank, or one that payments are enabled to."""
    named_ = part(wire, "Account")
    id_, code = text(named_, "AccountID"), text(named_, "Code") or text(wire, "Code")
    if not id_ and not code:
        raise Invalid("Payments must have an Account")  # UNCONFIRMED text
    row = (
        books.accounts.get(id_)
        if id_
        else next(iter(books.accounts.find("code", code or "")), None)
    )
    if row is None or not (row["Type"] == "BANK" or row["EnablePaymentsToAccount"]):
        raise Invalid(f"Account code '{code or id_}' is not a valid code for this document.")
    return usable(row)


def _known(books: Books, wire: Wire) -> Row:
    row = books.payments.get(wire["PaymentID"])
    if row is None:
        raise Invalid("An existing Payment with the specified PaymentID could not be found")
    return row


def delete(call: Call, row: Row, *, batch: bool = False) -> Row:
    """The only change a payment knows; what it paid is open again."""
    books = call.books
    if row["Status"] == "DELETED":
        raise Invalid("Payment not of valid status for modification")  # UNCONFIRMED text
    if row.get("BatchPaymentID") and not batch and not books.habits.batch_children_deletable:
        # UNCONFIRMED: one payment of a batch cannot be deleted alone. A reconciled one can.
        raise Invalid("This payment is part of a batch payment and cannot be deleted alone")
    unlocked(books, row["Date"])
    sort = BY_TABLE[row["_subject"][0]]
    subject = books.tables[sort.table].rows[row["_subject"][1]]
    books.ledger.reverse(
        books.clock.now(), row["_entry"], f"{row['PaymentType']} (reversal)".lower()
    )
    settle(books, sort, subject, -row["Amount"])
    return books.save(books.payments, {**row, "Status": "DELETED", "_entry": None})


BULK = Bulk(
    NAME,
    create,
    lambda call, row: payment_view.full(call.books, row, whole=True),
    payment_view.echo,
    "HasValidationErrors",
)


def index(call: Call) -> Answer:
    """Deleted ones too, with that status."""
    rows, pagination = listed(call, call.books.payments, LISTED)
    shown = [payment_view.full(call.books, row, whole=False) for row in rows]
    return Answer({**pagination, NAME: shown})


def one(call: Call, id_: str) -> Answer:
    """One payment with its invoice."""
    row = found(call.books.payments, id_)
    return Answer({NAME: [payment_view.full(call.books, row, whole=True)]})


def save(call: Call) -> Answer:
    """PUT of many, POST of one."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST `{"Status": "DELETED"}`."""
    before = found(call.books.payments, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: _changed(c, before, wire))


def _changed(call: Call, before: Row, wire: Wire) -> Row:
    if text(wire, "Status") != "DELETED":
        raise Invalid("A payment can only be deleted")  # UNCONFIRMED text
    return delete(call, before)
