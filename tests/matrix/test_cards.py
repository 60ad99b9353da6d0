"""Row 25: merchant services; customers pay by card, and the money comes less a fee."""

from decimal import Decimal

from contracts.entities import Line
from contracts.features import Feature
from contracts.messages import Retry
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.ledgers.cards import CARDS

HUNDRED, FEE = Decimal(100), Decimal("2.90")


@row(Feature.MERCHANT_SERVICES)
async def test_a_card_payment_comes_in_whole_and_is_locked_by_its_deposit(desk: Desk) -> None:
    """The payment is what the customer paid, and the fee is nobody's payment. What the product's
    user changes once the money is banked is held with the reason, and goes on when that is
    undone."""
    cards = CARDS[desk.world.provider](desk.world)
    await desk.save(contact(), *(invoice(name, [_sold()]) for name in ("i1", "i2")))
    # What was there when the connection began is no news: the first look is over.
    await desk.come_back()
    payment = await cards.pay("INV-i1", HUNDRED, FEE)
    books = await desk.proven()
    assert [(one.amount, one.shares) for one in books.payments] == [
        (HUNDRED, (("INV-i1", HUNDRED),))
    ]
    assert books.invoices["INV-i1"].open == 0
    await cards.deposit(payment)
    assert await desk.proven() == books
    assert await cards.fees() == FEE
    [ours] = [one["entity"]["id"] for one in await acts.of_product(desk.world, "payment")]
    revision = await acts.edit(desk.world, "payment", ours, status="void")
    held = await desk.held("payment", ours)
    assert held["hold"] in ("deposited", "reconciled")
    assert held["hold_sentence"]
    assert held["hold_action"]
    there = await desk.ledger.books()
    assert [one.amount for one in there.payments] == [HUNDRED]
    await cards.undo(payment)
    again = Retry(**acts.order(desk.world), type=EntityType.PAYMENT, entity=ours)
    await desk.world.command(again)
    await desk.world.settled("payment", ours, revision)
    books = await desk.proven()
    assert books.payments == []
    assert books.invoices["INV-i1"].open == HUNDRED


def _sold() -> Line:
    return line("l1", quantity=Decimal(1), unit_price=HUNDRED)
