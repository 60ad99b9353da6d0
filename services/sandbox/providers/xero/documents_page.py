"""All of a company's records at once: as the API shows them, and as tables for people."""

from collections.abc import Callable
from typing import Any

from services.sandbox.provider import EVERYTHING, Part
from services.sandbox.provider import Table as PageTable
from services.sandbox.providers.xero import (
    accounts,
    bank_transactions,
    batch_payments,
    contact_view,
    credit_notes,
    invoice_view,
    items,
    money_in_advance,
    payment_view,
    purchase_orders,
    tax_rates,
    tracking,
)
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.table import Row

SHOWN = 200
View = Callable[[Books, Row], Wire]
VIEWS: dict[str, tuple[str, View]] = {
    "Invoices": ("invoices", invoice_view.full),
    "CreditNotes": ("credit_notes", credit_notes.view),
    "Contacts": ("contacts", contact_view.detailed),
    "Items": ("items", lambda _, row: items.view(row)),
    "Payments": ("payments", lambda books, row: payment_view.full(books, row, whole=True)),
    "BatchPayments": ("batch_payments", batch_payments.view),
    "Overpayments": (
        "overpayments",
        lambda books, row: money_in_advance.view(books, row, "OverpaymentID"),
    ),
    "Prepayments": (
        "prepayments",
        lambda books, row: money_in_advance.view(books, row, "PrepaymentID"),
    ),
    "BankTransactions": ("bank_transactions", bank_transactions.view),
    "PurchaseOrders": ("purchase_orders", purchase_orders.view),
    "Accounts": ("accounts", accounts.view),
    "TrackingCategories": ("tracking", lambda _, row: tracking.view(row)),
    "TaxRates": ("tax_rates", lambda _, row: tax_rates.view(row)),
}


def documents(books: Books, part: Part = EVERYTHING) -> Wire:
    """Every record, voided and deleted ones with that status."""
    return {
        name: [view(books, row) for row in part.of(name, books.tables[table])]
        for name, (table, view) in VIEWS.items()
    }


def counts(books: Books) -> dict[str, int]:
    """How many of each."""
    return {name: len(books.tables[table]) for name, (table, _) in VIEWS.items()}


def tables(books: Books) -> list[PageTable]:
    """The newest invoices, credit notes, payments and contacts."""

    def named(row: Row) -> str:
        return str(books.contacts.rows[row["_contact"]]["Name"])

    def invoice(row: Row) -> tuple[Any, ...]:
        number, status = row.get("InvoiceNumber"), row["Status"]
        money = (row["Total"], row["AmountPaid"], row["AmountDue"])
        return (row["Type"], number, row["Date"], named(row), *money, row["CurrencyCode"], status)

    def note(row: Row) -> tuple[Any, ...]:
        number, money = row.get("CreditNoteNumber"), (row["Total"], row["RemainingCredit"])
        return (row["Type"], number, row["Date"], named(row), *money, row["Status"])

    def payment(row: Row) -> tuple[Any, ...]:
        table, id_ = row["_subject"]
        subject = books.tables[table].rows[id_]
        number = subject.get("InvoiceNumber") or subject.get("CreditNoteNumber")
        reference = row.get("Reference")
        return (row["PaymentType"], row["Date"], number, row["Amount"], reference, row["Status"])

    def contact(row: Row) -> tuple[Any, ...]:
        keys = ("Name", "ContactNumber", "EmailAddress", "ContactStatus")
        return tuple(row.get(key) for key in keys)

    money = ("Total", "Paid", "Due", "Currency", "Status")
    return [
        _table(books, "Invoices", ("Type", "Number", "Date", "Contact", *money), invoice),
        _table(
            books,
            "CreditNotes",
            ("Type", "Number", "Date", "Contact", "Total", "Remaining", "Status"),
            note,
        ),
        _table(books, "Payments", ("Type", "Date", "Of", "Amount", "Reference", "Status"), payment),
        _table(books, "Contacts", ("Name", "Number", "E-mail", "Status"), contact),
    ]


def _table(
    books: Books, name: str, columns: tuple[str, ...], cells: Callable[[Row], tuple[Any, ...]]
) -> PageTable:
    table = books.tables[VIEWS[name][0]]
    newest = list(table)[-SHOWN:][::-1]
    rows = [tuple("" if cell is None else str(cell) for cell in cells(row)) for row in newest]
    return PageTable(name, columns, rows, len(table))
