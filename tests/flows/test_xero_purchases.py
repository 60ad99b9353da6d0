"""What is bought: orders, the bills that deliver them, and the money paid for those.

The accounts are those suggested at connect; the tax is the only one of its rate for purchases.
"""

from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Bill, Payment, PurchaseOrder
from contracts.values import EntityType
from libs.testing.builders import contact, line, payment
from tests.flows import acts, xero_books
from tests.flows.acts import born
from tests.flows.world import World
from tests.services.connectors.xero import bought

PARTS = (line("l1"), line("l2", quantity=Decimal(1)))


async def test_an_order_is_delivered_by_two_bills_and_closed(world: World) -> None:
    """Ordered, one line of it billed, then the other, the order closed; a bill paid in part; all
    of it once in the ledger and nothing of it again."""
    await world.connect()
    supplier = contact(customer=False, supplier=True)
    order = bought.order(PARTS, job="Roof")
    bills = [_bill(name, part) for name, part in zip(("b1", "b2"), PARTS, strict=True)]
    await acts.save(world, supplier, order, *bills)
    await xero_books.put(world, "purchase_order", "o1", closed=True)
    there = await acts.the(world, "PurchaseOrders")
    assert (there["Status"], there["PurchaseOrderNumber"]) == ("BILLED", "PO-o1")
    assert there["Reference"].startswith("Roof lb-")
    found = (await world.documents())["Invoices"]
    assert [(one["Type"], one["Total"]) for one in found] == [("ACCPAY", 50), ("ACCPAY", 25)]
    share = Allocation(document="b1", document_type="bill", amount=Decimal(40))
    paid = payment(_invoice(bills[0]), direction="paid", amount=Decimal(40), allocations=(share,))
    await acts.save(world, paid)
    assert sorted(xero for xero in (await xero_books.due(world)).values()) == [10, 25]
    assert (await acts.the(world, "Payments"))["PaymentType"] == "ACCPAYPAYMENT"
    await xero_books.nothing_more(world)
    assert len(await acts.of_product(world, "bill")) == 2
    assert await acts.changed(world, "purchase_order", "o1") == []
    await xero_books.put(world, "bill", "b2", status="void")
    assert len(await world.live("Invoices")) == 1
    await xero_books.nothing_more(world)


async def test_lost_answers_make_an_order_and_a_bill_once(world: World) -> None:
    """Both were stored and the answers cut: found by day and marker, by number and marker."""
    await world.connect()
    await acts.save(world, contact())
    await world.fault("lose-answer", method="PUT", path="/PurchaseOrders")
    await world.fault("lose-answer", method="PUT", path="/Invoices")
    await acts.save(world, bought.order(PARTS), bought.bill(PARTS, number=""))
    known = await world.documents()
    assert (len(known["PurchaseOrders"]), len(known["Invoices"])) == (1, 1)
    await xero_books.nothing_more(world)


async def test_what_is_bought_there_comes_back(world: World) -> None:
    """An order and a bill of the bookkeeper's, both edited, the bill paid, the order deleted."""
    await world.connect()
    await acts.save(world, contact())
    who = {"ContactID": (await acts.the(world, "Contacts"))["ContactID"]}
    cost = {
        "Description": "Oak",
        "Quantity": 2,
        "UnitAmount": 20,
        "AccountCode": "310",
        "TaxType": "NONE",
    }
    record: dict[str, Any] = {"Contact": who, "Date": "2026-03-05", "LineItems": [cost]}
    order = await world.bookkeeper(
        "add", "PurchaseOrders", record={**record, "Status": "AUTHORISED"}
    )
    bill = {**record, "Type": "ACCPAY", "DueDate": "2026-04-05", "InvoiceNumber": "SUP 9"}
    made = await world.bookkeeper("add", "Invoices", record={**bill, "Status": "AUTHORISED"})
    await acts.sync(world)
    ordered = born(world, EntityType.PURCHASE_ORDER, order["PurchaseOrderID"])
    billed = born(world, EntityType.BILL, made["InvoiceID"])
    first, second = await acts.together(
        acts.comes_back(world, "purchase_order", ordered, 0),
        acts.comes_back(world, "bill", billed, 0),
    )
    assert isinstance(first.after, PurchaseOrder)
    assert (first.after.supplier, first.after.closed) == ("c1", False)
    assert first.after.totals.gross == 40
    assert isinstance(second.after, Bill)
    assert (second.after.supplier, second.after.number) == ("c1", "SUP 9")
    await world.bookkeeper("pay", "Invoices", made["InvoiceID"], amount="40.00", date="2026-03-09")
    cash = await acts.the(world, "Payments")
    local = born(world, EntityType.PAYMENT, cash["PaymentID"])
    paid = await acts.comes_back(world, "payment", local, 0)
    assert isinstance(paid.after, Payment)
    assert paid.after.direction == "paid"
    share = Allocation(document=billed, document_type="bill", amount=Decimal(40))
    assert paid.after.allocations == (share,)
    await world.bookkeeper(
        "edit", "PurchaseOrders", order["PurchaseOrderID"], changes={"Status": "BILLED"}
    )
    await acts.sync(world)
    closed = await acts.comes_back(world, "purchase_order", ordered, 1)
    assert closed.after == first.after.model_copy(update={"closed": True})
    await xero_books.nothing_more(world)
    assert await world.writes() == 1


def _bill(name: str, part: Any) -> Bill:
    return bought.bill((part,), id=name, number=f"SUP {name}", purchase_orders=("o1",))


def _invoice(bill: Bill) -> Any:
    """What the builder of payments asks of a document."""
    return bill.model_copy(update={"customer": bill.supplier})
