"""Which bill an order becomes (dossier section 7): MYOB freezes it then, so the last of several."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from contracts.entities import Bill, Line, PurchaseOrder
from contracts.values import EntityType
from libs.connector.interface import Context


def orders_of(bill: Bill, context: Context) -> tuple[str, ...]:
    """The orders that the bill is to be of; none while part of its order is still to come.

    Of an order that is not known here the product's word is taken.
    """
    if len(bill.purchase_orders) != 1:
        return bill.purchase_orders
    named = bill.purchase_orders[0]
    order = context.ids.shown(EntityType.PURCHASE_ORDER, named)
    if not isinstance(order, PurchaseOrder):
        return bill.purchase_orders
    got = _counted([*bill.lines, *context.ids.delivered(named, besides=bill.id)])
    left = any(got[what] < quantity for what, quantity in _counted(order.lines).items())
    return () if left else bill.purchase_orders


def _counted(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """How much there is of each article; without one, by its words."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.item or line.description] += line.quantity
    return found
