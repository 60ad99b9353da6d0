"""Customer and supplier payments: made and deleted, never changed."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.sandbox.ledger import Line
from services.sandbox.providers.myob import kinds
from services.sandbox.providers.myob.banks import money_account
from services.sandbox.providers.myob.books import Books, new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.currency import currency_of
from services.sandbox.providers.myob.errors import Refused, Wire, dead, out_of_place, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import KINDS, Kind
from services.sandbox.providers.myob.money import ZERO, rounded
from services.sandbox.providers.myob.periods import changeable, unlocked
from services.sandbox.providers.myob.posting import balanced, post
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.schema import SPECS
from services.sandbox.providers.myob.settling import converted, settle, unsettle


@dataclass(frozen=True, slots=True)
class Side:
    """Money in from customers, or out to suppliers."""

    table: str
    kind: Kind
    order: Kind
    lines: str
    number: str
    prefix: str
    amount: str
    journal: str
    source: str
    target: Callable[[Row], Any]


CUSTOMER = Side(
    *("customer_payments", kinds.INVOICE, kinds.SALE_ORDER, "Invoices", "ReceiptNumber", "CR"),
    *("AmountReceived", "CashReceipt", "CustomerPayment", lambda line: line["UID"]),
)
SUPPLIER = Side(
    *("supplier_payments", kinds.BILL, kinds.PURCHASE_ORDER, "Lines", "PaymentNumber", ""),
    *("AmountPaid", "CashPayment", "SupplierPayment", lambda line: line["Purchase"]),
)
SIDES = {side.kind.table: side for side in (CUSTOMER, SUPPLIER)}


def create(call: Call, side: Side, wire: Wire) -> Row:
    """One payment over any number of documents of one card; raises Refused."""
    books = call.books
    reader = Reader(books)
    row = reader.read(wire, SPECS[side.table])
    reader.errors += _lacking(side, row)
    reader.done()
    unlocked(books, row["Date"])
    row |= {"UID": new_id(), "_bank": money_account(books, row)}
    row |= currency_of(call, side.kind, row)
    if not row[side.number]:
        row[side.number] = books.next_number(side.table, side.prefix, 6)
    row[side.lines] = [_line(call, side, row, line) for line in row[side.lines]]
    row |= _sums(side, row)
    row["TransactionUID"] = row["UID"]
    row = _posted(books, side, row, None)
    return books.save(side.table, row)


def _lacking(side: Side, row: Row) -> list[Wire]:
    where = row["DepositTo" if side.kind.sales else "PayFrom"]
    wrong = [required("Account")] if where == "Account" and row["Account"] is None else []
    for at, line in enumerate(row[side.lines]):
        if line["AmountApplied"] is None and line["AmountAppliedForeign"] is None:
            wrong.append(required(f"{side.lines}[{at}]/AmountApplied"))
    return wrong


def _line(call: Call, side: Side, row: Row, line: Row) -> Row:
    """One document paid; what is received may differ from what is relieved by the rates."""
    books, kind = call.books, side.order if line["Type"] == "Order" else side.kind
    target = books.tables[kind.table].rows.get(side.target(line))
    if target is None:
        raise Refused(400, dead(f"{side.lines}/UID"))
    if target[kind.party] != row[kind.party]:
        raise out_of_place(side.lines, f"The {kind.source} is of another {kind.party.lower()}")
    converted(kind, target)
    if target["_foreign"] != row["_foreign"] or (
        row["_foreign"] and target["ForeignCurrency"] != row["ForeignCurrency"]
    ):
        raise out_of_place("ForeignCurrency", "The payment is not in the document's currency")
    amount = _amount(row, line)
    over = kind.posts and (call.person or books.habits.overpayments)
    if amount <= 0 or (amount > target["_balance"] and not over):
        # UNCONFIRMED: more than the balance is refused unless the company's habit differs.
        raise out_of_place("AmountApplied", "The amount exceeds the balance due or is not above 0")
    after = settle(books, kind, target["UID"], amount, (row["UID"], row["Date"]))
    return {
        **line,
        "RowID": books.row_id(),
        "AmountApplied": rounded(amount * row["_rate"]),
        "AmountAppliedForeign": amount if row["_foreign"] else None,
        "_amount": amount,
        "_relieved": target["BalanceDueAmount"] - after["BalanceDueAmount"],
        "_table": kind.table,
        "_target": target["UID"],
    }


def _amount(row: Row, line: Row) -> Decimal:
    if not row["_foreign"]:
        return Decimal(line["AmountApplied"] or ZERO)
    if line["AmountAppliedForeign"] is not None:
        return Decimal(line["AmountAppliedForeign"])
    return rounded(line["AmountApplied"] / row["_rate"])


def _sums(side: Side, row: Row) -> Row:
    received = sum((line["AmountApplied"] for line in row[side.lines]), ZERO)
    relieved = sum((line["_relieved"] for line in row[side.lines]), ZERO)
    amount = sum((line["_amount"] for line in row[side.lines]), ZERO)
    return {
        side.amount: received,
        f"{side.amount}Foreign": amount if row["_foreign"] else None,
        "GainOrLoss": (received - relieved) * side.kind.sign,
    }


def _posted(books: Books, side: Side, row: Row, before: Row | None) -> Row:
    """Bank against what was owed, or against the deposits of orders."""
    sign, lines = side.kind.sign, [Line(row["_bank"], side.kind.sign * row[side.amount])]
    for line in row[side.lines]:
        held = side.kind.control if KINDS[line["_table"]].posts else f"{side.kind.party}_deposits"
        lines.append(Line(books.system[held], -sign * line["_relieved"]))
    lines = balanced(books, lines)
    said = {"journal": side.journal, "source": side.source}
    return post(books, side.table, row, lines, before=before, **said)


def delete(call: Call, side: Side, row: Row) -> None:
    """What it paid is open again."""
    books = call.books
    changeable(books)
    unlocked(books, row["Date"])
    if row.get("_deposited"):
        raise out_of_place("UID", "The payment was deposited to the bank; undo the deposit first")
    for line in row[side.lines]:
        kind = KINDS[line["_table"]]
        unsettle(books, kind, line["_target"], line["_amount"], row["UID"])
    said = {"journal": side.journal, "source": side.source}
    post(books, side.table, row, None, before=row, **said)
    books.tables[side.table].remove(row)


def move(books: Books, kind: Kind, uid: str, order: str, document: str) -> None:
    """An order's deposit becomes a payment of the document it was converted to."""
    side = SIDES[kind.table]
    row = books.tables[side.table].rows[uid]
    lines = []
    name = "UID" if kind.sales else "Purchase"
    for line in row[side.lines]:
        moved: Row = {}
        if line["_target"] == order:
            unsettle(books, KINDS[line["_table"]], order, line["_amount"], uid)
            settle(books, kind, document, line["_amount"], (uid, row["Date"]))
            moved = {"_table": kind.table, "_target": document, name: document}
            moved["Type"] = kind.source
        lines.append({**line, **moved})
    changed = {**row, side.lines: lines}
    books.save(side.table, _posted(books, side, changed, row))
