"""Bank transactions: money spent or received at once, over- and prepayments among them."""

from services.sandbox.ledger import Line
from services.sandbox.providers.xero import allocations, payments
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text, truth
from services.sandbox.providers.xero.document_view import EchoOf, common, rate
from services.sandbox.providers.xero.documents import HAS_PAYMENT, Kind, headed, lined, unlocked
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.paging import CONTACT, Listed, listed
from services.sandbox.providers.xero.posting import control_account, document_lines, in_base, repost
from services.sandbox.providers.xero.rendering import kept
from services.sandbox.providers.xero.table import Row

NAME = "BankTransactions"
ADVANCES = {
    "OVERPAYMENT": ("overpayments", "OverpaymentID"),
    "PREPAYMENT": ("prepayments", "PrepaymentID"),
}
KIND = Kind(
    types=frozenset(
        {"RECEIVE", "SPEND", "RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"}
        | {"RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"}
    ),
    sales=frozenset({"RECEIVE", "RECEIVE-PREPAYMENT"}),
    discounts=frozenset(),
    texts={"Reference": 255, "Url": 2000},
    dates=("Date",),
    control=frozenset({"RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"}),
)
LISTED = Listed(
    NAME,
    frozenset(
        {"BankTransactionID", "Type", "Status", "Reference", "Date", "Total", "UpdatedDateUTC"}
        | {"IsReconciled", "CurrencyCode"}
    ),
    ("Reference",),
    {"Contact": CONTACT},
)


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST also updates by id."""
    known = None
    if id_ := text(wire, "BankTransactionID"):
        known = call.books.bank_transactions.get(id_)
        if known is None:
            raise Invalid("The bank transaction could not be found")  # UNCONFIRMED text
    return _saved(call, wire, known)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Sparse header, whole set of lines."""
    return _saved(call, wire, before)


def _saved(call: Call, wire: Wire, before: Row | None) -> Row:
    books = call.books
    if before is not None and (before["Status"] != "AUTHORISED" or _used(books, before)):
        raise Invalid(HAS_PAYMENT)
    status = text(wire, "Status") or "AUTHORISED"
    if before is not None and status in {"DELETED", "VOIDED"}:
        return _ended(books, before, status)
    row = headed(call, wire, before, KIND)
    row.setdefault("BankTransactionID", new_id())
    row["Status"] = "AUTHORISED"
    if "BankAccount" in wire or before is None:
        row["_account"] = _bank(books, wire)["AccountID"]
    row["IsReconciled"] = bool(truth(wire, "IsReconciled"))
    if row["Type"].endswith("OVERPAYMENT"):
        wire = _on_control_account(books, wire, row)
    row = lined(call, row, wire, before, KIND)
    unlocked(books, row["Date"], before["Date"] if before else None)
    row = _advanced(books, row, before)
    row = repost(books, before, row, row["BankTransactionID"], _posting(books, row))
    return books.save(books.bank_transactions, row)


def _bank(books: Books, wire: Wire) -> Row:
    return payments.bank_account(books, {"Account": wire.get("BankAccount")})


def _on_control_account(books: Books, wire: Wire, row: Row) -> Wire:
    """An overpayment's one line stands on the receivables (or payables) account, without tax."""
    lines = wire.get("LineItems")
    if not isinstance(lines, list):
        return wire
    if len(lines) != 1 or not isinstance(lines[0], dict):
        raise Invalid("An overpayment must have exactly one line item")  # UNCONFIRMED text
    dropped = {"AccountCode", "AccountID", "TaxType", "TaxAmount"}
    line = {key: value for key, value in lines[0].items() if key not in dropped}
    line["AccountID"] = control_account(books, row["Type"])
    return {**wire, "LineItems": [line], "LineAmountTypes": "NoTax"}


def _advanced(books: Books, row: Row, before: Row | None) -> Row:
    """Money in advance appears as a credit of its own in /Overpayments or /Prepayments."""
    sort = ADVANCES.get(row["Type"].partition("-")[2])
    if sort is None:
        return row
    table, id_key = sort
    id_ = before[id_key] if before else new_id()
    shared = {key: value for key, value in row.items() if key != "_entry"}
    credit = {**shared, id_key: id_, "RemainingCredit": row["Total"]}
    books.save(books.tables[table], credit)
    return {**row, id_key: id_}


def _used(books: Books, row: Row) -> bool:
    return any(allocations.used(books, row[key]) for _, key in ADVANCES.values() if key in row)


def _posting(books: Books, row: Row) -> list[Line]:
    sign = 1 if row["Type"].startswith("RECEIVE") else -1
    if row["Type"] in {"RECEIVE", "SPEND"}:
        return document_lines(books, row, row["_account"], sign)
    amount = sign * in_base(row["Total"], row)
    return [Line(row["_account"], amount), Line(control_account(books, row["Type"]), -amount)]


def _ended(books: Books, before: Row, status: str) -> Row:
    unlocked(books, before["Date"])
    for table, id_key in ADVANCES.values():
        if id_key in before:
            credit = books.tables[table].rows[before[id_key]]
            books.save(books.tables[table], {**credit, "Status": "VOIDED"})
    row = repost(books, before, {**before, "Status": status}, before["BankTransactionID"], None)
    return books.save(books.bank_transactions, row)


def view(books: Books, row: Row) -> Wire:
    """A bank transaction."""
    account = books.accounts.rows[row["_account"]]
    return {
        "BankTransactionID": row["BankTransactionID"],
        **kept(row, "OverpaymentID", "PrepaymentID"),
        "BankAccount": kept(account, "AccountID", "Code", "Name"),
        "Type": row["Type"],
        "Reference": row.get("Reference") or "",
        **kept(row, "Url"),
        "IsReconciled": row["IsReconciled"],
        "HasAttachments": row["BankTransactionID"] in books.attachments,
        **rate(row),
        **common(books, row, whole=True),
    }


BULK = Bulk(
    NAME,
    write,
    lambda call, row: view(call.books, row),
    EchoOf("BankTransactionID", ("Type", "Contact", "Date", "Reference", "LineItems", "Status")),
    None,
)


def index(call: Call) -> Answer:
    """Pages or all."""
    rows, pagination = listed(call, call.books.bank_transactions, LISTED)
    return Answer({**pagination, NAME: [view(call.books, row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id."""
    return Answer({NAME: [view(call.books, found(call.books.bank_transactions, id_))]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.bank_transactions, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))
