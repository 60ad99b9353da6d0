"""Quantities of inventoried items: what documents move, and what sold goods cost."""

from decimal import Decimal

from services.sandbox.ledger import Line
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import ZERO, rounded

Move = tuple[str, Decimal, Decimal]
"""Item, quantity, value."""


def moved(books: Books, kind: Kind, row: Row | None, before: Row | None) -> tuple[Row, list[Line]]:
    """Take back what the document moved, move what it says now; the cost of goods it sells."""
    for item, quantity, value in (before or {}).get("_moves", ()):
        _move(books, (item, -quantity, -value))
    if row is None:
        return {}, []
    moves: list[Move] = []
    posted: list[Line] = []
    lines = []
    for line in row["Lines"]:
        item = books.tables["items"].rows.get(line.get("Item") or "")
        if item is None or not item["IsInventoried"]:
            lines.append(line)
            continue
        quantity = line[kind.quantity]
        if kind.sales:
            cost = rounded(quantity * _average(books, item))
            lines.append({**line, "CostOfGoodsSold": cost})
            moves.append((item["UID"], -quantity, -cost))
            posted += [Line(item["CostOfSalesAccount"], cost), Line(item["AssetAccount"], -cost)]
        else:
            net = line["_amount"] - (line["_tax"] if row["IsTaxInclusive"] else ZERO)
            lines.append(line)
            moves.append((item["UID"], quantity, rounded(net * row["_rate"])))
        _move(books, moves[-1])
    return {**row, "Lines": lines, "_moves": moves}, posted


def _move(books: Books, move: Move) -> None:
    item, quantity, value = move
    held = _held(books, item)
    changed = {"Quantity": held["Quantity"] + quantity, "Value": held["Value"] + value}
    books.tables["stock"].put({**held, **changed})


def _held(books: Books, item: str) -> Row:
    """Nothing yet of an item that was not inventoried from its beginning."""
    return books.tables["stock"].get(item) or {"UID": item, "Quantity": ZERO, "Value": ZERO}


def _average(books: Books, item: Row) -> Decimal:
    """What one costs: the average of what is on hand, else the standard cost."""
    held = _held(books, item["UID"])
    if held["Quantity"] > 0:
        return Decimal(held["Value"] / held["Quantity"])
    return Decimal(item["BuyingDetails"]["StandardCost"] or ZERO)
