"""An order that becomes an invoice or bill: frozen, its deposits taken along."""

from services.sandbox.providers.myob import payments
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import out_of_place
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import KINDS, Kind
from services.sandbox.providers.myob.settling import converted


def take_order(call: Call, kind: Kind, row: Row) -> Row:
    """Same layout, same card; raises Refused. Returns the document with the order's deposits."""
    books = call.books
    order_kind = KINDS[kind.order_table]
    order = books.tables[kind.order_table].rows[row["Order"]]
    if order["Status"] != "Open":
        converted(order_kind, order)
    if order["_layout"] != row["_layout"]:
        raise out_of_place("Order", "The order has another layout")
    if order[kind.party] != row[kind.party]:
        raise out_of_place("Order", f"The order is of another {kind.party.lower()}")
    if order["_total"] - order["_balance"] > row["_total"]:
        raise out_of_place("Order", "The deposits of the order exceed the total")
    for uid, _ in order["_payments"]:
        payments.move(books, kind, uid, order["UID"], row["UID"])
    order = books.tables[kind.order_table].rows[row["Order"]]
    books.save(kind.order_table, {**order, "Status": order_kind.converted})
    return books.tables[kind.table].rows[row["UID"]]
