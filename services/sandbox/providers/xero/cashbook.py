"""Money in the hands of a person in Xero's pages: paying, applying credits, taking back."""

from collections.abc import Callable

from services.sandbox.provider import RefusedError
from services.sandbox.providers.xero import allocations, batch_payments, payments
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.desk import resource_of, row_of, shown
from services.sandbox.providers.xero.documents_page import VIEWS
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.table import Row

MADE: dict[str, Callable[[Call, Wire], Row]] = {
    "Payments": payments.create,
    "BatchPayments": batch_payments.create,
}
ENDED: dict[str, Callable[[Call, Row], Row]] = {
    "Payments": payments.delete,
    "BatchPayments": lambda call, row: batch_payments.delete(call, row, {"Status": "DELETED"}),
}


def pay(call: Call, action: Wire) -> Wire:
    """A payment of the invoice `id`."""
    row = row_of(call.books, "Invoices", action.get("id"))
    wire: Wire = {
        "Invoice": {"InvoiceID": row["InvoiceID"]},
        "Account": account(call.books, action.get("account")),
        "Amount": str(action.get("amount", row["AmountDue"])),
        "Date": action.get("date"),
        "Reference": action.get("reference"),
    }
    return shown(call.books, "Payments", payments.create(call, wire))


def account(books: Books, named: object) -> Wire:
    """The account of that id or code, else the bank; raises RefusedError (404)."""
    for row in books.accounts:
        if named in {None, row["AccountID"], row.get("Code")} and (named or row["Type"] == "BANK"):
            return {"AccountID": row["AccountID"]}
    raise RefusedError(f"There is no account {named}.", 404)


def apply(call: Call, action: Wire) -> Wire:
    """Some of a credit note, overpayment or prepayment is used for the invoice `to`."""
    name = resource_of(action, "CreditNotes")
    row = row_of(call.books, name, action.get("id"))
    wire = {
        "Invoice": {"InvoiceID": action.get("to")},
        "Amount": str(action.get("amount", row["RemainingCredit"])),
        "Date": action.get("date"),
    }
    _, made = allocations.apply(call, VIEWS[name][0], row, wire)
    return allocations.view(call.books, made)


def unapply(call: Call, action: Wire) -> Wire:
    """The allocation is taken back."""
    name = resource_of(action, "CreditNotes")
    row = row_of(call.books, name, action.get("id"))
    allocations.remove(call, VIEWS[name][0], str(action["id"]), str(action.get("allocation")))
    return shown(call.books, name, row)


def reconcile(call: Call, action: Wire) -> Wire:
    """The payment is matched with a line of the bank statement, or, with `undo`, no longer."""
    row = row_of(call.books, "Payments", action.get("id"))
    changed = {**row, "IsReconciled": not action.get("undo")}
    return shown(call.books, "Payments", call.books.save(call.books.payments, changed))


def unpay(call: Call, action: Wire) -> Wire:
    """The payment is deleted."""
    row = row_of(call.books, "Payments", action.get("id"))
    return shown(call.books, "Payments", payments.delete(call, row))
