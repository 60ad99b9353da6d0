"""Invoices, bills, orders and quotes: created, replaced and deleted."""

from services.sandbox.providers.myob import lines, stock, terms
from services.sandbox.providers.myob.amounts import taxed, totals
from services.sandbox.providers.myob.books import new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.conversion import take_order
from services.sandbox.providers.myob.currency import currency_of
from services.sandbox.providers.myob.errors import (
    Refused,
    Wire,
    not_allowed,
    out_of_place,
    required,
)
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import ZERO
from services.sandbox.providers.myob.periods import changeable, unlocked
from services.sandbox.providers.myob.posting import document_lines, post
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.settling import converted, status_of

WRITTEN_IN_BROWSER = frozenset({"Item", "Service"})


def create(call: Call, kind: Kind, layout: str, wire: Wire) -> Row:
    """A new document; raises Refused."""
    _writable(call, layout)
    row = _read(call, kind, layout, wire, None)
    row |= {"UID": new_id(), "_layout": layout, "_payments": (), "LastPaymentDate": None}
    if not row["Number"]:
        row["Number"] = call.books.next_number(kind.table, kind.prefix, 8)
    return _stored(call, kind, _whole(call, kind, row, None), None)


def update(call: Call, kind: Kind, before: Row, wire: Wire) -> Row:
    """Full replace: lines that are not sent are gone, fields that are not sent are cleared."""
    _writable(call, before["_layout"])
    _unfrozen(call, kind, before)
    row = _read(call, kind, before["_layout"], wire, before)
    kept = ("UID", "_layout", "_payments", "LastPaymentDate", "Order")
    row |= {key: before[key] for key in kept}
    row["Number"] = row["Number"] or before["Number"]
    return _stored(call, kind, _whole(call, kind, row, before), before)


def delete(call: Call, kind: Kind, row: Row) -> None:
    """It vanishes from the API; only the journal's history still tells of it."""
    _unfrozen(call, kind, row)
    if row["_payments"]:
        # UNCONFIRMED: refused while anything is applied.
        raise out_of_place("UID", "Payments or credits are applied; delete them first")
    if kind.posts:
        stock.moved(call.books, kind, None, row)
        _posted(call, kind, row, row, gone=True)
        call.books.owe(row[kind.party], -row["BalanceDueAmount"])
    call.books.tables[kind.table].remove(row)


def _writable(call: Call, layout: str) -> None:
    """Professional and Miscellaneous are read-only in the browser product."""
    if call.books.habits.essentials and layout not in WRITTEN_IN_BROWSER:
        raise not_allowed(call.method)


def _unfrozen(call: Call, kind: Kind, before: Row) -> None:
    converted(kind, before)
    if kind.posts:
        changeable(call.books)
        unlocked(call.books, before["Date"])


def _read(call: Call, kind: Kind, layout: str, wire: Wire, before: Row | None) -> Row:
    """Fields, references, required ones: all that is wrong is told at once."""
    reader = Reader(call.books)
    row = reader.read(wire, kind.specs[layout])
    reader.errors += lines.lacking(call, kind, layout, row["Lines"])
    number = row["Number"]
    others = call.books.tables[kind.table].find("Number", number) if number else []
    if any(before is None or other["UID"] != before["UID"] for other in others):
        wrong = lines.warned_duplicate(call, number)
        reader.errors += [wrong] if wrong else []
    reader.done()
    return row


def _whole(call: Call, kind: Kind, row: Row, before: Row | None) -> Row:
    """Currency, lines, tax, terms: all that is computed."""
    books = call.books
    card = books.tables[kind.cards].rows[row[kind.party]]
    row |= currency_of(call, kind, row)
    layout = row["_layout"]
    row["Lines"] = lines.built(call, kind, layout, row, before["Lines"] if before else [])
    if row["Freight"]:
        row["FreightTaxCode"] = row["FreightTaxCode"] or card[kind.details]["FreightTaxCode"]
        if layout == "Item" and any(
            line["Type"] == "Transaction" and not line["Item"] for line in row["Lines"]
        ):
            raise out_of_place("Freight", "An invoice with account lines has no freight")
        if row["FreightTaxCode"] is None:
            raise Refused(400, required("FreightTaxCode"))
    row = taxed(books, row)
    given = row["Terms"]
    own = terms.checked(given) if terms.given(given) else card[kind.details]["Terms"]
    row["Terms"] = terms.completed(own, row["Date"], row["TotalAmount"])
    return _balanced(call, kind, row, before)


def _balanced(call: Call, kind: Kind, row: Row, before: Row | None) -> Row:
    applied = before["_total"] - before["_balance"] if before else ZERO
    total = row["_total"]
    if total == 0 and kind.posts and not call.books.habits.zero_invoices:
        raise out_of_place("TotalAmount", "The total must not be zero")
    shrunk = abs(total) < abs(applied) or total * applied < 0
    if applied and before and (shrunk or row[kind.party] != before[kind.party]):
        # UNCONFIRMED: with payments, the amounts are limited and the card is fixed.
        raise out_of_place("TotalAmount", "More is applied to it than the new total")
    row["_balance"] = total - applied
    row |= totals(row, BalanceDueAmount=row["_balance"])
    row["Status"] = status_of(kind, row) if kind.posts else "Open"
    return row


def _stored(call: Call, kind: Kind, row: Row, before: Row | None) -> Row:
    books = call.books
    lines.tracked(call, row)
    if not kind.posts:
        return books.save(kind.table, row)
    unlocked(books, row["Date"])
    owed = before["BalanceDueAmount"] if before else ZERO
    if kind.sales:
        card = books.tables["customers"].rows[row["Customer"]]
        lines.credit_hold(call, card, row["BalanceDueAmount"] - owed)
    row, cost = stock.moved(books, kind, row, before)
    row["_cost"] = cost
    row = _posted(call, kind, row, before)
    books.owe((before or row)[kind.party], -owed)
    books.owe(row[kind.party], row["BalanceDueAmount"])
    row = books.save(kind.table, row)
    return take_order(call, kind, row) if before is None and row["Order"] else row


def _posted(call: Call, kind: Kind, row: Row, before: Row | None, *, gone: bool = False) -> Row:
    books = call.books
    posted = None if gone else [*document_lines(books, kind, row), *row["_cost"]]
    journal = "Sale" if kind.sales else "Purchase"
    return post(books, kind.table, row, posted, journal=journal, source=kind.source, before=before)
