"""Rows 8 and 23: customers that belong to others, and customers that are suppliers, too."""

from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Payment
from contracts.features import Feature
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.test_alerts import alerts
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.ledger import NotOffered
from tests.matrix.seen import Person
from tests.services.connectors.xero import bought

LEVELS = ("Group", "Region", "City", "Branch", "Workshop")


async def family(desk: Desk) -> None:
    """Five levels, the youngest first: each waits for its parent."""
    found = [
        contact(f"c{n}", name=name, email="", parent=f"c{n - 1}" if n else None, addresses=())
        for n, name in enumerate(LEVELS)
    ]
    for one in reversed(found):
        await acts.post(desk.world, one.model_dump(mode="json"))
    for one in found:
        await desk.world.settled("contact", one.id)


@row(Feature.SUB_CUSTOMERS)
async def test_a_family_of_five_levels_goes_out(desk: Desk) -> None:
    """Where the ledger has no families the names say so, and the user is told, once."""
    await family(desk)
    told = [one for one in await alerts(desk.world) if one.kind == "sub_customers"]
    assert len(told) == (0 if desk.ledger.families else 1)
    assert all("Group: Region" in one.sentence for one in told)
    await desk.save(invoice("i1", customer="c4"))
    books = await desk.proven()
    for parent, name in zip(("", *LEVELS), LEVELS, strict=False):
        assert books.contacts[name] == Person("", parent)
    assert books.invoices["INV-i1"].who == "Workshop"


@row(Feature.SUB_CUSTOMERS)
async def test_a_child_gets_other_parents_and_none(desk: Desk) -> None:
    """Its own children go with it; the parent's name is kept right, too."""
    await family(desk)
    await desk.save(contact("c9", name="Rivals", email="", addresses=()))
    await desk.edit("contact", "c3", parent="c9")
    books = await desk.proven()
    assert books.contacts["Branch"].parent == "Rivals"
    assert books.contacts["Workshop"].parent == "Branch"
    await desk.edit("contact", "c9", name="Friends")
    await desk.edit("contact", "c3", name="Bureau")
    books = await desk.proven()
    assert books.contacts["Bureau"].parent == "Friends"
    assert books.contacts["Workshop"].parent == "Bureau"
    await desk.edit("contact", "c3", parent=None)
    books = await desk.proven()
    assert books.contacts["Bureau"].parent == ""


@row(Feature.SUB_CUSTOMERS)
async def test_what_the_bookkeeper_does_to_a_child_keeps_its_parent(desk: Desk) -> None:
    """Renamed and written to there, it belongs to whom it did; where the ledger has families it
    gets another parent there."""
    await family(desk)
    await desk.ledger.edit_customer("Region", email="region@group.example")
    await desk.come_back()
    books = await desk.agree()
    assert books.contacts["Region"] == Person("region@group.example", "Group")
    try:
        await desk.ledger.move_customer("City", "Group")
    except NotOffered:
        assert not desk.ledger.families
        return
    books = await desk.proven()
    assert books.contacts["City"].parent == "Group"
    await desk.ledger.move_customer("City", "")
    books = await desk.proven()
    assert books.contacts["City"].parent == ""


@row(Feature.SUB_CUSTOMERS)
async def test_a_parent_pays_the_invoice_of_its_child(desk: Desk) -> None:
    """Where the ledger knows no families it is the payment of the invoice's own customer, and the
    product is told so."""
    await family(desk)
    await desk.save(invoice("i1", [line("l1", quantity=Decimal(4))], customer="c1"))
    await desk.save(paid("c0", "40.00"))
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == 60
    [one] = books.payments
    assert one.who == ("Group" if desk.ledger.families else "Region")
    told = await acts.changed(desk.world, "payment", "y1")
    assert [one["after"]["contact"] for one in told] == ([] if desk.ledger.families else ["c1"])


def paid(by: str, amount: str) -> Payment:
    share = Allocation(document="i1", amount=Decimal(amount))
    return Payment.model_validate(
        {
            "id": "y1",
            "contact": by,
            "date": "2026-03-06",
            "amount": amount,
            "currency": "GBP",
            "allocations": [share.model_dump(mode="json")],
        }
    )


@row(Feature.CUSTOMER_PURCHASES)
async def test_a_customer_who_delivers_gets_a_supplier_record_beside_his_own(desk: Desk) -> None:
    """The product says that he is a supplier, too. What he owes and what he is owed stay apart."""
    await buys(desk)
    await desk.save(contact(), invoice("i1"))
    await desk.edit("contact", "c1", supplier=True)
    await desk.save(bought.bill(COST))
    await both_owe(desk)


@row(Feature.CUSTOMER_PURCHASES)
async def test_a_bill_of_a_customer_alone_makes_him_a_supplier(desk: Desk) -> None:
    """Nobody has said so: the bill and the order do."""
    await buys(desk)
    await desk.save(contact(), invoice("i1"))
    await desk.save(bought.order(COST), bought.bill(COST))
    await both_owe(desk)


@row(Feature.CUSTOMER_PURCHASES)
async def test_a_product_that_does_not_say_supplier_is_asked_to(desk: Desk) -> None:
    """Where a supplier is a record of its own the bill waits, with what to do, and then goes."""
    await buys(desk)
    world, bill = desk.world, desk.at_home(bought.bill(COST))
    await world.put(contact())
    await world.settled("contact", "c1")
    await world.put(bill)

    async def look() -> Any:
        record = await world.record("bill", "b1")
        return record if record.get("hold") or record.get("state") == "bound" else None

    if (await world.until(look, "the bill to end somewhere"))["hold"]:
        lane = await desk.held("bill", "b1")
        assert "a supplier for what is bought" in lane["hold_sentence"]
        assert "contact c1" in lane["hold_action"]
        await world.put(contact(supplier=True), 2)
    await world.settled("bill", "b1")
    assert await desk.ledger.payable() == bill.totals.gross


@row(Feature.CUSTOMER_PURCHASES)
async def test_a_supplier_of_a_customers_name_is_somebody_else(desk: Desk) -> None:
    """Two of the product's own of the same name, in two roles: both go out, or the second is held
    with what to do."""
    await buys(desk)
    twin = contact("c2", name="Harbour Joinery c1", customer=False, supplier=True, email="")
    await desk.save(contact())
    await acts.post(desk.world, twin.model_dump(mode="json"))

    async def look() -> Any:
        record = await desk.world.record("contact", "c2")
        return record if record.get("hold") or record.get("dead") or record.get("parts") else None

    lane = await desk.world.until(look, "the supplier to end somewhere")
    if not lane["parts"]:
        assert lane["hold_sentence"]
        assert lane["hold_action"]
        await desk.edit("contact", "c2", name="Harbour Joinery (timber)")
    await desk.save(bought.bill(COST, supplier="c2"))
    there = await desk.ledger.payable()
    assert there == sum(line.quantity * line.unit_price for line in COST)


COST = (line("l1", quantity=Decimal(1)), line("l2", quantity=Decimal(1)))


async def buys(desk: Desk) -> None:
    """What bought lines cost is mapped."""
    for name, external in (await desk.ledger.costs()).items():
        kind, _, word = name.partition("/")
        await desk.world.map(kind, word, external)


async def both_owe(desk: Desk) -> None:
    """The invoice and the bill are open, in accounts of their own, of one contact."""
    books = await desk.proven()
    assert set(books.contacts) == {"Harbour Joinery c1"}
    assert await desk.ledger.roles("Harbour Joinery c1") == {"customer", "supplier"}
    [sold], [cost] = books.invoices.values(), books.bills.values()
    assert (sold.who, cost.who) == ("Harbour Joinery c1",) * 2
    assert (sold.open, cost.open) == (sold.gross, cost.gross)
    assert await desk.ledger.payable() == cost.gross
