"""What documents post to the ledger: balanced entries in the organisation's base currency."""

from decimal import Decimal

from services.sandbox.ledger import Entry, Line, merged
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.money import ZERO, rounded
from services.sandbox.providers.xero.table import Row

RECEIVABLE = frozenset(
    {"ACCREC", "ACCRECCREDIT", "RECEIVE-OVERPAYMENT", "RECEIVE-PREPAYMENT", "RECEIVE"}
)


def control_account(books: Books, kind: str) -> str:
    """Debtors or creditors."""
    return books.system["DEBTORS" if kind in RECEIVABLE else "CREDITORS"]


def in_base(amount: Decimal, row: Row) -> Decimal:
    """A document's amount in base currency; `CurrencyRate` is foreign units per base unit."""
    return rounded(amount / row["CurrencyRate"])


def document_lines(books: Books, row: Row, against: str, sign: int) -> list[Line]:
    """`against` is debited with the total for sign 1, and the lines and tax credited."""
    inclusive = row["LineAmountTypes"] == "Inclusive"
    lines = [Line(against, sign * in_base(row["Total"], row))]
    for line in row["LineItems"]:
        net = line["LineAmount"] - (line["TaxAmount"] if inclusive else ZERO)
        if net:
            account = line.get("AccountID", books.system["ROUNDING"])
            lines.append(Line(account, -sign * in_base(net, row)))
    lines.append(Line(books.system["GST"], -sign * in_base(row["TotalTax"], row)))
    return balanced(books, lines)


def balanced(books: Books, lines: list[Line]) -> list[Line]:
    """A gap of conversion goes to the rounding account."""
    gap = sum((line.amount for line in lines), ZERO)
    return [*lines, Line(books.system["ROUNDING"], -gap)] if gap else lines


def post(books: Books, document: str, kind: str, lines: list[Line]) -> Entry | None:
    """Post one entry now."""
    return books.ledger.post(books.clock.now(), document, kind, lines)


def repost(
    books: Books, before: Row | None, row: Row, document: str, lines: list[Line] | None
) -> Row:
    """Make the journal say what the document stands for now, and remember the entry."""
    kind = f"{row['Type']} {row['Status']}".lower()
    standing: Entry | None = before.get("_entry") if before else None
    if standing is not None:
        if lines is not None and merged(lines) == standing.lines:
            return {**row, "_entry": standing}
        books.ledger.reverse(books.clock.now(), standing, f"{kind} (reversal)")
    return {**row, "_entry": None if lines is None else post(books, document, kind, lines)}


def payment_lines(
    books: Books, payment: Row, subject: Row, kind: str, *, incoming: bool
) -> list[Line]:
    """Bank against the control account; what the rates differ by is a currency gain."""
    sign = 1 if incoming else -1
    bank = in_base(payment["Amount"], payment)
    owed = in_base(payment["Amount"], subject)
    return [
        Line(payment["_account"], sign * bank),
        Line(control_account(books, kind), -sign * owed),
        Line(books.system["REALISEDCURRENCYGAIN"], sign * (owed - bank)),
    ]


def allocation_lines(books: Books, amount: Decimal, source: Row, invoice: Row) -> list[Line]:
    """Both sides are on the same control account: only a difference of rates is posted."""
    sign = 1 if source["Type"] in RECEIVABLE else -1
    difference = in_base(amount, source) - in_base(amount, invoice)
    return [
        Line(control_account(books, source["Type"]), sign * difference),
        Line(books.system["REALISEDCURRENCYGAIN"], -sign * difference),
    ]
