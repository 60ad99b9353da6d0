"""Credits: settlements apply a negative document to others, refunds pay it out."""

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.ledger import Line
from services.sandbox.providers.myob import kinds
from services.sandbox.providers.myob.banks import money_account
from services.sandbox.providers.myob.books import Books, new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import Refused, Wire, out_of_place, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import ZERO, rounded
from services.sandbox.providers.myob.periods import changeable, unlocked
from services.sandbox.providers.myob.posting import balanced, post
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.schema import SPECS
from services.sandbox.providers.myob.settling import settle, unsettle


@dataclass(frozen=True, slots=True)
class Side:
    """Credits of customers or debits with suppliers."""

    kind: Kind
    settlements: str
    refunds: str
    credit: str
    refunded: str
    target: str
    amount: str
    source: str


CREDIT = Side(
    *(kinds.INVOICE, "credit_settlements", "credit_refunds", "CreditFromInvoice", "Invoice"),
    *("Sale", "CreditAmount", "Credit"),
)
DEBIT = Side(
    *(kinds.BILL, "debit_settlements", "debit_refunds", "DebitFromBill", "Bill"),
    *("Purchase", "DebitAmount", "Debit"),
)


def create_settlement(call: Call, side: Side, wire: Wire) -> Row:
    """Apply a credit to open documents of the same card; raises Refused."""
    books, kind = call.books, side.kind
    row = _read(call, side.settlements, wire, "")
    credit = _credit(books, side, row, row[side.credit])
    lines: list[Row] = []
    gain = ZERO
    for line in row["Lines"]:
        amount, target = _checked(books, side, row, line, credit)
        after = settle(books, kind, target["UID"], amount, (row["UID"], None))
        gain += target["BalanceDueAmount"] - after["BalanceDueAmount"]
        shown: Row = {"AmountApplied": rounded(amount * target["_rate"]), "_amount": amount}
        shown["AmountAppliedForeign"] = amount if target["_foreign"] else None
        lines.append({**line, **shown})
    total = sum((line["_amount"] for line in lines), ZERO)
    if total > -credit["_balance"]:
        raise out_of_place("AmountApplied", "More is applied than the credit has left")
    after = settle(books, kind, credit["UID"], -total, (row["UID"], None))
    gain += credit["BalanceDueAmount"] - after["BalanceDueAmount"]
    row |= {"Lines": lines, side.amount: rounded(total * credit["_rate"])}
    control = Line(books.system[kind.control], -kind.sign * gain)
    row = _post(books, side, side.settlements, row, [control], None)
    return books.save(side.settlements, row)


def _checked(books: Books, side: Side, row: Row, line: Row, credit: Row) -> tuple[Decimal, Row]:
    """What is applied, and to which document."""
    target = books.tables[side.kind.table].rows.get(line[side.target])
    if line["Type"] != side.kind.source or target is None:
        # UNCONFIRMED: credits against orders and purged documents are not offered here.
        raise out_of_place("Lines/Type", f"A credit is applied to a {side.kind.source}")
    if target[side.kind.party] != row[side.kind.party]:
        raise out_of_place("Lines", f"The document is of another {side.kind.party.lower()}")
    if target["ForeignCurrency"] != credit["ForeignCurrency"]:
        raise out_of_place("Lines", "The document is in another currency")
    name = "AmountAppliedForeign" if target["_foreign"] else "AmountApplied"
    amount: Decimal | None = line[name]
    if amount is None:
        raise Refused(400, required(f"Lines/{name}"))
    if not 0 < amount <= target["_balance"]:
        raise out_of_place("AmountApplied", "The amount exceeds the balance due or is not above 0")
    return amount, target


def _read(call: Call, table: str, wire: Wire, prefix: str) -> Row:
    reader = Reader(call.books)
    row = reader.read(wire, SPECS[table])
    reader.done()
    unlocked(call.books, row["Date"])
    row["UID"] = new_id()
    row["Number"] = row["Number"] or call.books.next_number(table, prefix, 8)
    return row


def _credit(books: Books, side: Side, row: Row, uid: str) -> Row:
    credit = books.tables[side.kind.table].rows[uid]
    if credit[side.kind.party] != row[side.kind.party]:
        raise out_of_place(side.credit, f"The credit is of another {side.kind.party.lower()}")
    if credit["_balance"] >= 0:
        raise out_of_place(side.credit, f"The {side.kind.source} is no credit, or is used up")
    return credit


def _post(
    books: Books, side: Side, table: str, row: Row, lines: list[Line] | None, before: Row | None
) -> Row:
    refund = table == side.refunds
    said = {
        "journal": ("CashPayment" if side.kind.sales else "CashReceipt")
        if refund
        else ("Sale" if side.kind.sales else "Purchase"),
        "source": side.source + ("Refund" if refund else "Settlement"),
    }
    posted = None if lines is None else balanced(books, lines)
    return post(books, table, row, posted, before=before, **said)


def delete_settlement(call: Call, side: Side, row: Row) -> None:
    """The credit and what it was applied to are open again."""
    books = call.books
    changeable(books)
    unlocked(books, row["Date"])
    total = ZERO
    for line in row["Lines"]:
        unsettle(books, side.kind, line[side.target], line["_amount"], row["UID"])
        total += line["_amount"]
    unsettle(books, side.kind, row[side.credit], -total, row["UID"])
    _post(books, side, side.settlements, row, None, row)
    books.tables[side.settlements].remove(row)


def create_refund(call: Call, side: Side, wire: Wire) -> Row:
    """Money for what a credit has left; raises Refused."""
    books, kind = call.books, side.kind
    row = _read(call, side.refunds, wire, "")
    bank = money_account(books, row)
    credit = _credit(books, side, row, row[side.refunded])
    amount = row["Amount"]
    if credit["_foreign"]:
        raise out_of_place(side.refunded, "A foreign credit cannot be refunded here")
    if not 0 < amount <= -credit["_balance"]:
        raise out_of_place("Amount", "More is refunded than the credit has left")
    settle(books, kind, credit["UID"], -amount, (row["UID"], None))
    owed = Line(books.system[kind.control], kind.sign * amount)
    lines = [owed, Line(bank, -kind.sign * amount)]
    return books.save(side.refunds, _post(books, side, side.refunds, row, lines, None))


def delete_refund(call: Call, side: Side, row: Row) -> None:
    """The credit has it again."""
    books = call.books
    changeable(books)
    unlocked(books, row["Date"])
    unsettle(books, side.kind, row[side.refunded], -row["Amount"], row["UID"])
    _post(books, side, side.refunds, row, None, row)
    books.tables[side.refunds].remove(row)
