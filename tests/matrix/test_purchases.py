"""Rows 21 and 22: purchase orders out, and the bills that deliver them."""

from decimal import Decimal

from contracts.entities import Bill, Line
from contracts.features import Feature
from libs.testing.builders import contact, item, line
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.seen import VOID
from tests.matrix.test_families import buys
from tests.services.connectors.xero import bought

SUPPLIER = contact("c1", name="Quay Timber", customer=False, supplier=True)
ONE, TEN = Decimal(1), Decimal(10)


def parts() -> list[Line]:
    """Ten of each of two products."""
    return [
        line(f"l{n}", item=f"p{n}", description=f"Hinge {n}", quantity=TEN, unit_price=Decimal(n))
        for n in (1, 2)
    ]


async def stocked(desk: Desk) -> None:
    """A supplier, and products that are bought, too."""
    await buys(desk)
    items = [item(f"p{n}", name=f"Hinge {n}", purchase_price=Decimal(n)) for n in (1, 2)]
    await desk.save(SUPPLIER, *items)


@row(Feature.PURCHASE_ORDER_OUT)
async def test_an_order_of_products_goes_out_and_is_changed(desk: Desk) -> None:
    await stocked(desk)
    await desk.save(bought.order(parts()))
    books = await desk.proven()
    there = books.orders["PO-o1"]
    assert [one.item for one in there.lines] == ["CODE-p1", "CODE-p2"]
    assert (there.who, there.gross, there.closed) == ("Quay Timber", Decimal(30), False)
    fewer = bought.order(parts()[:1]).model_dump(mode="json")
    await desk.edit("purchase_order", "o1", lines=fewer["lines"], totals=fewer["totals"])
    books = await desk.proven()
    assert books.orders["PO-o1"].gross == TEN
    await desk.edit("purchase_order", "o1", status="void")
    books = await desk.proven()
    assert books.orders["PO-o1"] == VOID


@row(Feature.PURCHASE_ORDER_OUT)
async def test_an_order_without_products_goes_out(desk: Desk) -> None:
    await stocked(desk)
    plain = [line(f"l{n}", quantity=ONE, unit_price=Decimal(20 * n)) for n in (1, 2)]
    await desk.save(bought.order(plain))
    books = await desk.proven()
    assert [(one.text, one.price) for one in books.orders["PO-o1"].lines] == [
        ("Brass hinge l1", Decimal(20)),
        ("Brass hinge l2", Decimal(40)),
    ]


@row(Feature.ORDER_TO_BILL)
async def test_an_order_is_delivered_whole_by_one_bill(desk: Desk) -> None:
    """And closed."""
    await stocked(desk)
    await desk.save(bought.order(parts()), delivery("b1", *parts()))
    await closed(desk)
    books = await desk.proven()
    assert books.orders["PO-o1"].closed
    assert books.bills["SUP b1"].gross == Decimal(30)
    assert await desk.ledger.payable() == Decimal(30)


@row(Feature.ORDER_TO_BILL)
async def test_an_order_delivered_in_two_parts_is_two_bills_and_then_closed(desk: Desk) -> None:
    """After the first it is still open; the ledger's link, where it has one, is right."""
    await stocked(desk)
    first, second = parts()
    await desk.save(bought.order([first, second]), delivery("b1", first))
    books = await desk.proven()
    assert not books.orders["PO-o1"].closed
    await desk.save(delivery("b2", second))
    await closed(desk)
    books = await desk.proven()
    assert books.orders["PO-o1"].closed
    assert {number: one.gross for number, one in books.bills.items()} == {
        "SUP b1": TEN,
        "SUP b2": TEN * 2,
    }
    assert await desk.ledger.payable() == Decimal(30)
    bills = [await desk.world.product("bill", name) for name in ("b1", "b2")]
    assert [one["entity"]["purchase_orders"] for one in bills] == [["o1"], ["o1"]]


def delivery(name: str, *lines: Line) -> Bill:
    """The supplier's invoice for some of what was ordered."""
    return bought.bill(lines, id=name, number=f"SUP {name}", purchase_orders=("o1",))


async def closed(desk: Desk) -> None:
    """The product's user closes the order, unless the ledger has done so."""
    await desk.come_back()
    there = await desk.world.product("purchase_order", "o1")
    if not there["entity"]["closed"]:
        await desk.edit("purchase_order", "o1", closed=True)
