"""What documents post to the ledger: balanced entries in the company's home currency."""

from collections.abc import Iterable
from decimal import Decimal

from services.sandbox.ledger import Entry, Line, merged
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.money import ZERO, rounded
from services.sandbox.providers.quickbooks_online.table import Row


def home(amount: Decimal, row: Row) -> Decimal:
    """A document's amount in home currency; `ExchangeRate` is home units per foreign unit."""
    return rounded(amount * row.get("ExchangeRate", Decimal(1)))


def balanced(lines: Iterable[Line], account: str) -> list[Line]:
    """A gap of conversion goes to this account."""
    whole = list(lines)
    gap = sum((line.amount for line in whole), ZERO)
    return [*whole, Line(account, -gap)] if gap else whole


def repost(books: Books, entity: str, row: Row, lines: list[Line] | None) -> Row:
    """Make the journal say what the document stands for now, and remember the entry."""
    standing: Entry | None = row.get("_entry")
    if standing is not None:
        if lines is not None and merged(lines) == standing.lines:
            return row
        books.ledger.reverse(books.clock.now(), standing, f"{entity} (reversal)")
    entry = None
    if lines is not None:
        entry = books.ledger.post(books.clock.now(), row["Id"], entity, lines)
    return books.keep(entity, {**row, "_entry": entry})


def carried(before: Row | None, row: Row) -> Row:
    """What a rewritten document takes over from the one before: entry and links."""
    kept = ("_entry", "_links", "_deposit", "_matched", "_used", "_remaining")
    return {**row, **{key: before[key] for key in kept if key in before}} if before else row
