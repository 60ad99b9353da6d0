"""How invoices look: written or read alone, on a page, in a list of headers, in a payment."""

from services.sandbox.providers.xero.allocations import SORTS
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.document_view import EchoOf, common, discounted, rate
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.money import trimmed
from services.sandbox.providers.xero.rendering import (
    amounts,
    dated,
    kept,
    only_date,
    updated,
)
from services.sandbox.providers.xero.table import Row

echo = EchoOf(
    "InvoiceID",
    (
        *("Type", "InvoiceNumber", "Reference", "Contact", "Date", "DueDate", "Status", "Url"),
        *("LineAmountTypes", "LineItems", "CurrencyCode", "CurrencyRate", "BrandingThemeID"),
    ),
)


def full(books: Books, row: Row, *, whole: bool = True) -> Wire:
    """The whole invoice; `whole=False` is the header a list without a page shows."""
    return {
        "Type": row["Type"],
        "InvoiceID": row["InvoiceID"],
        "InvoiceNumber": row.get("InvoiceNumber") or "",
        **({"Reference": row.get("Reference") or ""} if row["Type"] == "ACCREC" else {}),
        **kept(row, "Url"),
        "Payments": _payments(books, row["InvoiceID"]),
        **_credits(books, row),
        "AmountDue": trimmed(row["AmountDue"]),
        "AmountPaid": trimmed(row["AmountPaid"]),
        "AmountCredited": trimmed(row["AmountCredited"]),
        "SentToContact": row["SentToContact"],
        **rate(row),
        "IsDiscounted": discounted(row),
        **({"TotalDiscount": trimmed(row["TotalDiscount"])} if row["TotalDiscount"] else {}),
        "HasErrors": False,
        "HasAttachments": row["InvoiceID"] in books.attachments,
        "InvoicePaymentServices": [],
        **common(books, row, whole=whole),
        **only_date("ExpectedPaymentDate", row.get("ExpectedPaymentDate")),
        **only_date("PlannedPaymentDate", row.get("PlannedPaymentDate")),
        **only_date("FullyPaidOnDate", row.get("FullyPaidOnDate")),
    }


def summary(books: Books, row: Row) -> Wire:
    """`summaryOnly=true`: no lines, payments or credits."""
    out = full(books, row, whole=False)
    for key in ("Payments", "CreditNotes", "Prepayments", "Overpayments", "LineItems"):
        del out[key]
    return out


def _payments(books: Books, subject: str) -> list[Wire]:
    return [
        payment_brief(payment)
        for payment in books.payments.find("subject", subject)
        if payment["Status"] == "AUTHORISED"
    ]


def payment_brief(payment: Row) -> Wire:
    """A payment inside the document it pays."""
    return {
        "PaymentID": payment["PaymentID"],
        **kept(payment, "BatchPaymentID"),
        **only_date("Date", payment["Date"]),
        "Amount": trimmed(payment["Amount"]),
        **kept(payment, "Reference"),
        **rate(payment),
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def _credits(books: Books, row: Row) -> Wire:
    """What was allocated to the invoice, by the sort of document it came from."""
    out: Wire = {"CreditNotes": [], "Prepayments": [], "Overpayments": []}
    for allocation in books.allocations.find("invoice", row["InvoiceID"]):
        source = books.tables[allocation["_table"]].rows[allocation["_source"]]
        name, id_key = SORTS[allocation["_table"]]
        out[f"{name}s"].append(
            {
                id_key: source[id_key],
                **kept(source, "CreditNoteNumber"),
                "AppliedAmount": trimmed(allocation["Amount"]),
                **dated("Date", allocation["Date"]),
                "Total": trimmed(source["Total"]),
                "LineItems": [],
            }
        )
    return out


def in_payment(books: Books, row: Row, *, whole: bool) -> Wire:
    """The invoice inside a payment."""
    contact = books.contacts.rows[row["_contact"]]
    named = {"ContactID": contact["ContactID"], "Name": contact["Name"]}
    out: Wire = {
        "Type": row["Type"],
        "InvoiceID": row["InvoiceID"],
        "InvoiceNumber": row.get("InvoiceNumber") or "",
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": discounted(row),
        "Contact": {**named, "ContactPersons": [], "HasValidationErrors": False},
        "LineItems": row["LineItems"] if whole else [],
        "CurrencyCode": row["CurrencyCode"],
    }
    if not whole:
        return {**out, "Payments": [], "CreditNotes": []}
    return {
        **out,
        **kept(row, "Reference"),
        "AmountDue": trimmed(row["AmountDue"]),
        "AmountPaid": trimmed(row["AmountPaid"]),
        "SentToContact": row["SentToContact"],
        **rate(row),
        **dated("Date", row["Date"]),
        **dated("DueDate", row.get("DueDate")),
        "Status": row["Status"],
        "LineAmountTypes": row["LineAmountTypes"],
        **amounts(row),
        **updated(row),
    }
