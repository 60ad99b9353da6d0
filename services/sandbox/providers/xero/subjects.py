"""What a payment pays: an invoice, or a credit that is refunded."""

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.providers.xero import allocations, invoices
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import part, text
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.table import Row

_RECEIVABLE = frozenset(
    {"ACCREC", "ACCRECCREDIT", "RECEIVE-OVERPAYMENT", "RECEIVE-PREPAYMENT", "AROVERPAYMENT"}
)


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of subject: its key in a payment, its table, id and number."""

    key: str
    table: str
    id_key: str
    number_key: str
    payment_type: str


SORTS = (
    Sort("Invoice", "invoices", "InvoiceID", "InvoiceNumber", "{}PAYMENT"),
    Sort("CreditNote", "credit_notes", "CreditNoteID", "CreditNoteNumber", "{}CREDITPAYMENT"),
    Sort("Overpayment", "overpayments", "OverpaymentID", "", "{}OVERPAYMENTPAYMENT"),
    Sort("Prepayment", "prepayments", "PrepaymentID", "", "{}PREPAYMENTPAYMENT"),
)
BY_TABLE = {sort.table: sort for sort in SORTS}


def named(books: Books, wire: Wire) -> tuple[Sort, Row]:
    """The one subject a payment names; raises Invalid for none, several or an unknown one."""
    sent = [sort for sort in SORTS if wire.get(sort.key) is not None]
    if not sent and text(wire, "InvoiceNumber"):
        sent, wire = [SORTS[0]], {"Invoice": {"InvoiceNumber": wire["InvoiceNumber"]}}
    elif not sent and text(wire, "CreditNoteNumber"):
        sent, wire = [SORTS[1]], {"CreditNote": {"CreditNoteNumber": wire["CreditNoteNumber"]}}
    if len(sent) != 1:
        # The text is UNCONFIRMED.
        raise Invalid(
            "A payment must have exactly one of Invoice, CreditNote, Prepayment, Overpayment"
        )
    return sent[0], _found(books, sent[0], part(wire, sent[0].key))


def _found(books: Books, sort: Sort, wire: Wire) -> Row:
    table = books.tables[sort.table]
    row = table.get(wire[sort.id_key]) if wire.get(sort.id_key) else None
    if row is None and sort.number_key and (number := text(wire, sort.number_key)):
        row = next(iter(table.find("number", number)), None)
    if row is None:
        raise Invalid(f"An existing {sort.key} with the specified {sort.id_key} could not be found")
    return row


def receivable(row: Row) -> bool:
    """Is the customer the other side?"""
    return row["Type"] in _RECEIVABLE


def incoming(sort: Sort, row: Row) -> bool:
    """Does the payment bring money in? A refund of a customer's credit takes it out."""
    return receivable(row) == (sort.key == "Invoice")


def payment_type(sort: Sort, row: Row) -> str:
    """`PaymentType`: ACCRECPAYMENT, ARCREDITPAYMENT, …"""
    side = "AR" if receivable(row) else "AP"
    if sort.key == "Invoice":
        side = "ACCREC" if receivable(row) else "ACCPAY"
    return sort.payment_type.format(side)


def outstanding(sort: Sort, row: Row) -> Decimal:
    """What is left to pay or to refund."""
    return Decimal(row["AmountDue" if sort.key == "Invoice" else "RemainingCredit"])


def settle(books: Books, sort: Sort, row: Row, amount: Decimal) -> Row:
    """Money moved; negative when a payment is deleted."""
    if sort.key == "Invoice":
        return invoices.settle(books, row, paid=amount)
    return allocations.settle(books, books.tables[sort.table], row, amount)
