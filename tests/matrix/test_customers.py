"""Rows 2 to 4 and 7: customers and products, each way."""

from decimal import Decimal

from contracts.features import Feature
from libs.testing.builders import contact, invoice, item, line
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.conftest import connect
from tests.matrix.desk import Desk


@row(Feature.CUSTOMER_WITH_INVOICE)
async def test_a_customer_older_than_the_connection_comes_with_its_invoice(
    unconnected: Desk,
) -> None:
    """The customer was saved before the connection, and another of that name is there already."""
    desk = unconnected
    await acts.post(desk.world, contact("c1", name="Old Friend").model_dump(mode="json"))
    await connect(desk)
    await desk.save(invoice("i1"))
    books = await desk.proven()
    assert books.invoices["INV-i1"].who == "Old Friend"
    assert set(books.contacts) == {"Old Friend"}


@row(Feature.CUSTOMER_ALONE)
async def test_a_customer_alone_touches_no_invoice(desk: Desk) -> None:
    await desk.save(contact(), invoice())
    before = await desk.world.writes()
    await desk.edit("contact", "c1", email="new@harbour.example")
    assert await desk.world.writes() == before + 1
    books = await desk.proven()
    assert books.contacts["Harbour Joinery c1"].email == "new@harbour.example"


@row(Feature.CUSTOMERS_BOTH_WAYS)
async def test_customers_are_made_edited_and_put_away_on_either_side(desk: Desk) -> None:
    """Also two edits at once: of two fields both stay."""
    await desk.save(contact("c1", name="Made Here"), contact("c2", name="Put Away Here"))
    await desk.ledger.add_customer("Made There", "made@there.example")
    await desk.ledger.add_customer("Put Away There")
    await desk.come_back()
    await desk.ledger.edit_customer("Made Here", email="edited@there.example")
    await desk.ledger.archive_customer("Put Away There")
    await desk.come_back()
    await desk.edit("contact", "c2", status="archived")
    await desk.edit("contact", "c1", phone="0131 496 0000")
    books = await desk.proven()
    assert set(books.contacts) == {"Made Here", "Made There"}
    assert books.contacts["Made Here"].email == "edited@there.example"
    assert books.contacts["Made There"].email == "made@there.example"


@row(Feature.PRODUCTS_OUT)
async def test_a_product_goes_out_when_its_price_or_name_changes(desk: Desk) -> None:
    await desk.save(item("p1", name="Hinge"), item("p2"))
    await desk.edit("item", "p1", unit_price="26.50")
    await desk.edit("item", "p1", name="Steel hinge")
    books = await desk.proven()
    assert books.items["CODE-p1"] == ("Steel hinge", Decimal("26.50"))
    await desk.save(contact(), invoice("i1", [line("l1", item="p1")]))
    books = await desk.proven()
    assert books.invoices["INV-i1"].lines[0].item == "CODE-p1"
