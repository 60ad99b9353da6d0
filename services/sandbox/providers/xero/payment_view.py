"""How payments look, and which of their nested fields a `where` may name."""

from typing import Any

from services.sandbox.providers.xero import invoice_view
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.document_view import EchoOf, rate
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.money import rounded, trimmed
from services.sandbox.providers.xero.paging import Nested
from services.sandbox.providers.xero.rendering import kept, only_date, updated
from services.sandbox.providers.xero.subjects import BY_TABLE
from services.sandbox.providers.xero.table import Row

echo = EchoOf(
    "PaymentID",
    ("Date", "Amount", "CurrencyRate", "Reference", "Status", "InvoiceNumber", "CreditNoteNumber"),
)


def full(books: Books, row: Row, *, whole: bool) -> Wire:
    """A payment and what it pays; `whole` with that document's lines."""
    account = books.accounts.rows[row["_account"]]
    return {
        "PaymentID": row["PaymentID"],
        **_batch(books, row),
        **only_date("Date", row["Date"]),
        "BankAmount": trimmed(rounded(row["Amount"] / row["CurrencyRate"])),
        "Amount": trimmed(row["Amount"]),
        **kept(row, "Reference"),
        **rate(row),
        "PaymentType": row["PaymentType"],
        "Status": row["Status"],
        **updated(row),
        "HasAccount": True,
        "IsReconciled": row["IsReconciled"],
        "Account": kept(account, "AccountID", "Code", "Name"),
        **_subject(books, row, whole=whole),
        "HasValidationErrors": False,
    }


def _batch(books: Books, row: Row) -> Wire:
    batch = books.batch_payments.get(row.get("BatchPaymentID"))
    if batch is None:
        return {}
    return {
        "BatchPaymentID": batch["BatchPaymentID"],
        "BatchPayment": {
            "Account": {"AccountID": batch["_account"]},
            "BatchPaymentID": batch["BatchPaymentID"],
            **only_date("Date", batch["Date"]),
            "Type": batch["Type"],
            "Status": batch["Status"],
            "TotalAmount": trimmed(batch["TotalAmount"]),
            **updated(batch),
            "IsReconciled": False,
        },
    }


def _subject(books: Books, row: Row, *, whole: bool) -> Wire:
    """Xero shows a refunded credit note under `Invoice` too, with its own type and id."""
    sort = BY_TABLE[row["_subject"][0]]
    subject = books.tables[sort.table].rows[row["_subject"][1]]
    if sort.key == "Invoice":
        return {"Invoice": invoice_view.in_payment(books, subject, whole=whole)}
    named = kept(subject, sort.id_key, sort.number_key, "Type")
    out: Wire = {sort.key: {**named, "LineItems": []}}
    if sort.key == "CreditNote":
        contact = books.contacts.rows[subject["_contact"]]
        out["Invoice"] = {
            "Type": subject["Type"],
            "InvoiceID": subject["CreditNoteID"],
            "InvoiceNumber": subject.get("CreditNoteNumber") or "",
            "Contact": kept(contact, "ContactID", "Name"),
            "CurrencyCode": subject["CurrencyCode"],
            "LineItems": [],
        }
    return out


def _subject_field(books: Books, row: Row, path: str) -> Any:
    table, id_ = row["_subject"]
    subject = books.tables[table].rows[id_]
    if path == "InvoiceID":
        return id_
    return subject.get(path) or (subject.get("CreditNoteNumber") if "Number" in path else None)


INVOICE = Nested(
    frozenset({"InvoiceID", "InvoiceNumber", "Type", "Status", "Reference"}), _subject_field
)
ACCOUNT = Nested(
    frozenset({"AccountID", "Code", "Name"}),
    lambda books, row, path: books.accounts.rows[row["_account"]].get(path),
)
