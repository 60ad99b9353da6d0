"""What payments and credits do to the balance of a document."""

from datetime import date
from decimal import Decimal

from services.sandbox.providers.myob.amounts import totals
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.errors import invalid
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind


def status_of(kind: Kind, row: Row) -> str:
    """Open, Closed or, with a negative balance, Credit (of a bill: Debit)."""
    if row["_balance"] == 0:
        return "Closed"
    return "Open" if row["_balance"] > 0 else kind.credit


def settle(
    books: Books, kind: Kind, uid: str, amount: Decimal, source: tuple[str, date | None]
) -> Row:
    """Take so much (in the document's currency) off the balance.

    `source` is the UID of what settles it, and its date if it is a payment. An order's deposits
    leave its status alone.
    """
    row = books.tables[kind.table].rows[uid]
    return _changed(books, kind, row, amount, (*row["_payments"], source))


def unsettle(books: Books, kind: Kind, uid: str, amount: Decimal, source: str) -> Row:
    """The opposite, once what settled it is deleted."""
    row = books.tables[kind.table].rows[uid]
    kept = tuple(one for one in row["_payments"] if one[0] != source)
    return _changed(books, kind, row, -amount, kept)


def _changed(
    books: Books,
    kind: Kind,
    row: Row,
    amount: Decimal,
    payments: tuple[tuple[str, date | None], ...],
) -> Row:
    before = row["BalanceDueAmount"]
    row = {**row, "_balance": row["_balance"] - amount, "_payments": payments}
    row |= totals(row, BalanceDueAmount=row["_balance"])
    days = [day for _, day in payments if day is not None]
    row["LastPaymentDate"] = max(days, default=None)
    if kind.posts:
        row["Status"] = status_of(kind, row)
        books.owe(row[kind.party], row["BalanceDueAmount"] - before)
    return books.save(kind.table, row)


def converted(kind: Kind, row: Row) -> None:
    """Raises Refused for an order that is frozen."""
    if kind.converted and row["Status"] == kind.converted:
        word = "Invoice" if kind.sales else "Bill"
        # The text of a sale order is UNCONFIRMED, a purchase order's is not.
        raise invalid("OrderConverted", f"Cannot update or delete order converted to {word}")
