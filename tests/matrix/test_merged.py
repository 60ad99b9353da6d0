"""Row 4, the rest: the bookkeeper merges two customers into one."""

from decimal import Decimal

from contracts.features import Feature
from libs.testing.builders import contact, invoice, line
from tests.matrix.cells import row
from tests.matrix.desk import Desk


@row(Feature.CUSTOMERS_BOTH_WAYS)
async def test_what_a_merged_customer_had_is_the_others(desk: Desk) -> None:
    """Its invoices and the payment of one name the other; what is new goes there."""
    one = [line("l1", quantity=Decimal(1), unit_price=Decimal(100))]
    await desk.save(contact("c1", name="Lost"), contact("c2", name="Kept"))
    await desk.save(invoice("i1", one), invoice("i2", one), invoice("i3", one, customer="c2"))
    await desk.ledger.pay({"INV-i1": Decimal(40)})
    await desk.come_back()
    await desk.ledger.merge_customers("Lost", "Kept")
    books = await desk.proven()
    assert {document.who for document in books.invoices.values()} == {"Kept"}
    assert [(money.who, money.amount) for money in books.payments] == [("Kept", Decimal(40))]
    await desk.save(invoice("i4", one, customer="c2"))
    books = await desk.proven()
    assert set(books.contacts) == {"Kept"}
    assert books.invoices["INV-i4"].who == "Kept"
