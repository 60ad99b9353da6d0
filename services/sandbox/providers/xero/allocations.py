"""Credits (credit notes, over- and prepayments): what remains of them, and their allocations."""

from decimal import Decimal

from services.sandbox.providers.xero import invoices
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.call import Answer, Call, found, part, text
from services.sandbox.providers.xero.contact_view import NO_ID
from services.sandbox.providers.xero.dates import ms_date, read_date
from services.sandbox.providers.xero.documents import unlocked
from services.sandbox.providers.xero.errors import Invalid, Wire, not_found, validation
from services.sandbox.providers.xero.money import ZERO, number, trimmed
from services.sandbox.providers.xero.posting import RECEIVABLE, allocation_lines, post
from services.sandbox.providers.xero.table import Row, Table

SORTS = {
    "credit_notes": ("CreditNote", "CreditNoteID"),
    "overpayments": ("Overpayment", "OverpaymentID"),
    "prepayments": ("Prepayment", "PrepaymentID"),
}
TOO_MUCH = "Allocation amount exceeds the remaining credit on this document"  # UNCONFIRMED text
NAME = "Allocations"


def settle(books: Books, table: Table, row: Row, used: Decimal) -> Row:
    """Some of the credit was used (or given back, if negative)."""
    left = row["RemainingCredit"] - used
    row = {**row, "RemainingCredit": left}
    if left == ZERO:
        row |= {"Status": "PAID", "FullyPaidOnDate": books.today()}
    else:
        row |= {"Status": "AUTHORISED", "FullyPaidOnDate": None}
    return books.save(table, row)


def allocate(call: Call, name: str, id_: str) -> Answer:
    """PUT …/Allocations: all of them or none."""
    table = call.books.tables[name]
    source = found(table, id_)
    made = []
    for wire in call.elements_of(NAME):
        try:
            source, allocation = apply(call, name, source, wire)
        except Invalid as error:
            messages = [{"Message": message} for message in error.messages]
            raise validation([{"AllocationID": NO_ID, "ValidationErrors": messages}]) from None
        made.append(allocation)
    return Answer({NAME: [view(call.books, one) for one in made]})


def apply(call: Call, name: str, source: Row, wire: Wire) -> tuple[Row, Row]:
    """Use a credit for an invoice: the credit and the allocation; raises Invalid."""
    books = call.books
    invoice = _invoice(books, part(wire, "Invoice"))
    amount = number(wire, "Amount")
    day = read_date(wire, "Date") or books.today()
    if amount is None or amount <= 0:
        raise Invalid("The allocation amount must be greater than zero")  # UNCONFIRMED text
    wrong = []
    if source["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
        wrong.append("Allocations can only be made between authorised documents")
    if amount > source["RemainingCredit"]:
        wrong.append(TOO_MUCH)
    if amount > invoice["AmountDue"]:
        wrong.append("Allocation amount exceeds the amount outstanding on the invoice")
    if source["_contact"] != invoice["_contact"]:
        wrong.append("Allocations can only be made between documents of the same contact")
    if (source["Type"] in RECEIVABLE) != (invoice["Type"] in RECEIVABLE):
        wrong.append("Sales credits cannot be allocated to bills, nor the reverse")
    if wrong:
        raise Invalid(*wrong)
    unlocked(books, day)
    id_ = new_id()
    entry = post(books, id_, "allocation", allocation_lines(books, amount, source, invoice))
    row = {
        "AllocationID": id_,
        "Amount": amount,
        "Date": day,
        "_table": name,
        "_source": source[SORTS[name][1]],
        "_invoice": invoice["InvoiceID"],
        "_entry": entry,
    }
    books.allocations.put(row)
    invoices.settle(books, invoice, credited=amount)
    return settle(books, books.tables[name], source, amount), row


def _invoice(books: Books, wire: Wire) -> Row:
    row = books.invoices.get(wire.get("InvoiceID"))
    if row is None and (number_ := text(wire, "InvoiceNumber")):
        row = next(iter(books.invoices.find("number", number_)), None)
    if row is None:
        raise Invalid(invoices.NOT_FOUND)
    return row


def remove(call: Call, name: str, id_: str, allocation_id: str) -> Answer:
    """DELETE …/Allocations/{AllocationID}."""
    books = call.books
    source = found(books.tables[name], id_)
    row = found(books.allocations, allocation_id)
    if row["_source"] != source[SORTS[name][1]]:
        raise not_found()
    books.allocations.remove(row)
    books.ledger.reverse(books.clock.now(), row["_entry"], "allocation (reversal)")
    invoices.settle(books, books.invoices.rows[row["_invoice"]], credited=-row["Amount"])
    settle(books, books.tables[name], source, -row["Amount"])
    body = {
        "AllocationId": row["AllocationID"],
        "Amount": trimmed(row["Amount"]),
        "Date": ms_date(row["Date"]),
        "Invoice": {"InvoiceID": row["_invoice"]},
        "IsDeleted": True,
    }
    return Answer(body, bare=True)


def view(books: Books, row: Row) -> Wire:
    """An allocation as PUT answers it and as its source lists it."""
    name, id_key = SORTS[row["_table"]]
    source = books.tables[row["_table"]].rows[row["_source"]]
    return {
        "AllocationID": row["AllocationID"],
        "Amount": trimmed(row["Amount"]),
        "Date": ms_date(row["Date"]),
        "Invoice": _invoice_brief(books.invoices.rows[row["_invoice"]]),
        name: {id_key: source[id_key], "LineItems": []},
        "IsDeleted": False,
        "ValidationErrors": [],
    }


def _invoice_brief(row: Row) -> Wire:
    return {
        "InvoiceID": row["InvoiceID"],
        "InvoiceNumber": row.get("InvoiceNumber") or "",
        **{key: [] for key in ("Payments", "CreditNotes", "Prepayments", "Overpayments")},
        "HasErrors": False,
        "IsDiscounted": False,
        "LineItems": [],
        "ValidationErrors": [],
    }


def allocations_of(books: Books, id_: str) -> list[Wire]:
    """What was allocated from one credit."""
    return [view(books, row) for row in books.allocations.find("source", id_)]


def used(books: Books, id_: str) -> bool:
    """Does the credit have any allocation or refund?"""
    refunds = (one["Status"] == "AUTHORISED" for one in books.payments.find("subject", id_))
    return bool(books.allocations.find("source", id_)) or any(refunds)
