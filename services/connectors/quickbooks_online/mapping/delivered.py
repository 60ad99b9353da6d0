"""Which line of which order a line of a bill delivers (dossier section 7): a bill may have some."""

from contracts.entities import Bill, Line, PurchaseOrder
from contracts.values import EntityType
from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping.wire import Element

ORDER = "PurchaseOrder"


def links(document: Bill | PurchaseOrder, context: Context) -> dict[str, Element]:
    """By line of a bill, its link to the line of the order; what is not ordered has none."""
    if not isinstance(document, Bill):
        return {}
    orders = [_lines(order, context) for order in document.purchase_orders]
    ordered = {there: line for order in orders for there, line in order.items()}
    found: dict[str, Element] = {}
    for line in document.lines:
        alike = {there: one for there, one in ordered.items() if _is_delivered(one, line)}
        if alike:
            there = max(alike, key=lambda one: _likeness(alike[one], line))
            del ordered[there]
            link = {"TxnId": there[0], "TxnType": ORDER, "TxnLineId": there[1]}
            found[line.id] = {"LinkedTxn": [link]}
    return found


def _lines(order: str, context: Context) -> dict[tuple[str, str], Line]:
    """By the vendor's ids of an order and its lines, what it orders."""
    record = context.ids.external(EntityType.PURCHASE_ORDER, order)
    shown = context.ids.shown(EntityType.PURCHASE_ORDER, order)
    lines = shown.lines if isinstance(shown, PurchaseOrder) else ()
    return {(record, line.id): line for line in lines}


def _is_delivered(ordered: Line, line: Line) -> bool:
    """The same article; without one, the same words."""
    same = ordered.item == line.item
    return same and (line.item is not None or ordered.description == line.description)


def _likeness(ordered: Line, line: Line) -> tuple[bool, ...]:
    names = ("description", "unit_price", "quantity")
    return tuple(getattr(ordered, name) == getattr(line, name) for name in names)
