"""Batch payments: one movement of money over several invoices of one sort."""

from services.sandbox.providers.xero import payments
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.dates import read_date
from services.sandbox.providers.xero.document_view import EchoOf
from services.sandbox.providers.xero.errors import Invalid, Wire, malformed
from services.sandbox.providers.xero.money import ZERO, rounded, trimmed
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.rendering import dated, kept, updated
from services.sandbox.providers.xero.table import Row

NAME = "BatchPayments"
# Particulars, Code and Reference are New Zealand's, Narrative the United Kingdom's.
TEXTS = {"Reference": 255, "Particulars": 12, "Code": 12, "Details": 255, "Narrative": 18}
LISTED = Listed(
    NAME,
    frozenset({"BatchPaymentID", "Date", "Type", "Status", "TotalAmount", "Reference"})
    | {"UpdatedDateUTC"},
    paged=False,
)


def create(call: Call, wire: Wire) -> Row:
    """The batch and its payments; raises Invalid when any of them cannot be made."""
    books, sent = call.books, wire.get("Payments")
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise malformed("Payments must be an array")
    if not sent:
        raise Invalid("A batch payment must have at least one payment")  # UNCONFIRMED text
    batch: Row = {
        "BatchPaymentID": new_id(),
        "Date": read_date(wire, "Date") or books.today(),
        "Status": "AUTHORISED",
        "_account": payments.bank_account(books, wire)["AccountID"],
        **_texts(wire),
    }
    shared = {"Account": {"AccountID": batch["_account"]}, "Date": batch["Date"].isoformat()}
    made = [
        payments.create(
            call, {**shared, "Reference": batch.get("Reference"), **one, **shared}, batch
        )
        for one in sent
    ]
    types = {one["PaymentType"] for one in made}
    if len(types) != 1 or types <= {"ARCREDITPAYMENT", "APCREDITPAYMENT"}:
        # Mixing invoices and bills is UNCONFIRMED; here it is refused.
        raise Invalid("All payments of a batch must be of the same type")
    batch["Type"] = "RECBATCH" if types == {"ACCRECPAYMENT"} else "PAYBATCH"
    batch["TotalAmount"] = sum((one["Amount"] for one in made), ZERO)
    return books.save(books.batch_payments, batch)


def _texts(wire: Wire) -> Row:
    out: Row = {key: text(wire, key) for key in TEXTS if wire.get(key) is not None}
    wrong = [key for key, value in out.items() if len(value) > TEXTS[key]]
    if wrong:
        raise Invalid(*(f"{key} must not be longer than {TEXTS[key]} characters" for key in wrong))
    return out


def delete(call: Call, row: Row, wire: Wire) -> Row:
    """`{"Status": "DELETED"}`: the batch and every payment of it."""
    if text(wire, "Status") != "DELETED":
        raise Invalid("A batch payment can only be deleted")  # UNCONFIRMED text
    if row["Status"] == "DELETED":
        raise Invalid("Batch payment not of valid status for modification")  # UNCONFIRMED text
    for payment in call.books.payments.find("batch", row["BatchPaymentID"]):
        if payment["Status"] != "DELETED":
            payments.delete(call, payment, batch=True)
    return call.books.save(call.books.batch_payments, {**row, "Status": "DELETED"})


def view(books: Books, row: Row) -> Wire:
    """As documented: no account inside the payments, only id and currency inside the invoices."""
    account = books.accounts.rows[row["_account"]]
    children = [
        one
        for one in books.payments.find("batch", row["BatchPaymentID"])
        if one["Status"] == "AUTHORISED"
    ]
    return {
        "Account": {"AccountID": account["AccountID"], "CurrencyCode": _currency(books, account)},
        **kept(row, *TEXTS),
        "BatchPaymentID": row["BatchPaymentID"],
        **dated("Date", row["Date"]),
        "Payments": [_child(books, one) for one in children],
        "Type": row["Type"],
        "Status": row["Status"],
        "TotalAmount": trimmed(row["TotalAmount"]),
        **updated(row),
        "IsReconciled": False,
    }


def _currency(books: Books, account: Row) -> str:
    return str(account.get("CurrencyCode") or books.currency)


def _child(books: Books, row: Row) -> Wire:
    table, id_ = row["_subject"]
    subject = books.tables[table].rows[id_]
    return {
        "Invoice": {
            "InvoiceID": id_,
            "CurrencyCode": subject["CurrencyCode"],
            **{key: [] for key in ("Payments", "CreditNotes", "Prepayments", "Overpayments")},
            "HasErrors": False,
            "IsDiscounted": False,
            "LineItems": [],
        },
        "PaymentID": row["PaymentID"],
        "Amount": trimmed(row["Amount"]),
        "BankAmount": trimmed(rounded(row["Amount"] / row["CurrencyRate"])),
    }


BULK = Bulk(
    NAME,
    create,
    lambda call, row: view(call.books, row),
    EchoOf("BatchPaymentID", ("Date", *TEXTS, "Amount", "Status")),
    None,
    status_key=False,
)


def index(call: Call) -> Answer:
    """All of them; never paged."""
    rows, _ = listed(call, call.books.batch_payments, LISTED)
    return Answer({NAME: [view(call.books, row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id."""
    return Answer({NAME: [view(call.books, found(call.books.batch_payments, id_))]})


def save(call: Call) -> Answer:
    """PUT of many."""
    return run(call, BULK, call.elements_of(NAME))


def delete_many(call: Call) -> Answer:
    """POST of `{"BatchPayments": [{"BatchPaymentID": …, "Status": "DELETED"}]}`."""

    def write(c: Call, wire: Wire) -> Row:
        row = c.books.batch_payments.get(wire.get("BatchPaymentID"))
        if row is None:
            raise Invalid("An existing BatchPayment with the specified ID could not be found")
        return delete(c, row, wire)

    return run(call, BULK, call.elements_of(NAME), write)


def delete_one(call: Call, id_: str) -> Answer:
    """POST of `{"Status": "DELETED"}`."""
    before = found(call.books.batch_payments, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: delete(c, before, wire))
