"""Purchase orders and bills (dossier section 7); a bill may deliver an order of its own layout."""

from contracts.entities import Bill, PurchaseOrder
from contracts.values import EntityType
from libs.connector.interface import Context
from services.connectors.myob.mapping import delivered, documents
from services.connectors.myob.mapping.documents import head_to_myob
from services.connectors.myob.mapping.lines import layout_of, new_line
from services.connectors.myob.mapping.refs import document_to_myob
from services.connectors.myob.mapping.wire import (
    PLACE,
    Element,
    Raw,
    day_of,
    linked,
    midnight,
    place_of,
    present,
    spelled,
)

CONVERTED = "ConvertedToBill"


def purchase_layout(purchase: PurchaseOrder | Bill, context: Context) -> str:
    """A bill lies where its order does; what has no order, where its lines fit."""
    if isinstance(purchase, Bill) and purchase.purchase_orders:
        order = context.ids.external(EntityType.PURCHASE_ORDER, purchase.purchase_orders[0])
        return place_of(order) or layout_of(purchase.lines)
    return layout_of(purchase.lines)


def purchase_head(purchase: PurchaseOrder | Bill, marker: str, context: Context) -> Element:
    """The head of an order or bill; whether an order is closed, a bill of it decides alone."""
    head = head_to_myob(purchase, marker, context)
    if isinstance(purchase, PurchaseOrder):
        day = purchase.delivery_date
        return {**head, "PromisedDate": midnight(day) if day else None}
    orders = [
        document_to_myob(EntityType.PURCHASE_ORDER, one, context)
        for one in delivered.orders_of(purchase, context)
    ]
    return {
        **head,
        "Terms": documents.terms_to_myob(purchase.issue_date, purchase.due_date),
        "Order": next(iter(orders), None),
    }


def purchase_to_myob(purchase: PurchaseOrder | Bill, marker: str, context: Context) -> Element:
    """The whole document."""
    form = documents.form_of(purchase, purchase_layout(purchase, context), context)
    rows = [new_line(line, form, context) for line in purchase.lines]
    return present({**purchase_head(purchase, marker, context), "Lines": rows})


def order_from_myob(raw: Raw, context: Context) -> PurchaseOrder:
    """The record as an entity; one that a bill has come of is closed."""
    shared = documents.shared_from_myob(raw, EntityType.PURCHASE_ORDER, context)
    more = {
        "delivery_date": day_of(raw, "PromisedDate"),
        "closed": raw.get("Status") == CONVERTED,
    }
    return PurchaseOrder.model_validate(shared | more)


def bill_from_myob(raw: Raw, context: Context) -> Bill:
    """The record as an entity; an order lies where its bill does."""
    shared = documents.shared_from_myob(raw, EntityType.BILL, context)
    order = linked(raw, "Order")
    place = str(raw[PLACE])
    local = context.ids.local(EntityType.PURCHASE_ORDER, spelled(place, order)) if order else None
    more = {
        "due_date": documents.due_from_myob(raw),
        "purchase_orders": [local] if local else [],
    }
    return Bill.model_validate(shared | more)
