"""Row 26: foreign currency; amounts in the documents' currency, rates as agreed."""

from decimal import Decimal
from typing import Any

from contracts.entities import Invoice, Payment
from contracts.features import Feature
from libs.testing.builders import contact, invoice, line, payment
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.conftest import connect
from tests.matrix.desk import Desk
from tests.matrix.ledgers.foreign import FOREIGN, Foreign
from tests.matrix.seen import ZERO

EURO = "EUR"
AGREED, HIGHER, LOWER = Decimal("0.8"), Decimal("1.25"), Decimal("0.625")
HUNDRED, FORTY, THIRTY = Decimal(100), Decimal(40), Decimal(30)


@row(Feature.FOREIGN_CURRENCY)
async def test_part_payments_at_other_rates(unconnected: Desk) -> None:
    """100 at 0.8; 40 paid at 0.625 is entered here, 30 at 1.25 there. What the ledger gains by
    it is its own: nothing but the payments comes back."""
    desk, money = unconnected, foreign_of(unconnected)
    await money.deal_in(EURO)
    await connect(desk)
    await desk.save(contact(currency=EURO), one("i1", AGREED), paid("y1", FORTY, LOWER))
    books = await desk.proven()
    assert books.invoices["INV-i1"].rate == AGREED
    assert await money.gain() == FORTY * (LOWER - AGREED)
    await money.pay("INV-i1", THIRTY, HIGHER)
    books = await desk.proven()
    assert books.invoices["INV-i1"].open == HUNDRED - FORTY - THIRTY
    assert books.receivable == THIRTY * AGREED
    assert sorted((one.amount, one.rate) for one in books.payments) == [
        (THIRTY, HIGHER),
        (FORTY, LOWER),
    ]
    assert await money.gain() == FORTY * (LOWER - AGREED) + THIRTY * (HIGHER - AGREED)
    told = [entity for kind in ("invoice", "contact") for entity in await changes(desk, kind)]
    assert told == [], "the gain came back as a difference"


@row(Feature.FOREIGN_CURRENCY)
async def test_a_rate_that_nobody_has_agreed_is_never_one(unconnected: Desk) -> None:
    """The ledger takes its own of the day and the product learns it, or a person is asked."""
    desk = unconnected
    await foreign_of(desk).deal_in(EURO)
    await connect(desk)
    await desk.save(contact(currency=EURO))
    await acts.post(desk.world, one("i1", None).model_dump(mode="json"))
    if await rests(desk, "i1"):
        await desk.edit("invoice", "i1", exchange_rate=str(AGREED))
    books = await desk.proven()
    assert books.invoices["INV-i1"].rate not in (ZERO, 1)


@row(Feature.FOREIGN_CURRENCY)
async def test_a_currency_that_the_company_does_not_use_is_held_until_it_does(
    unconnected: Desk,
) -> None:
    desk = unconnected
    await connect(desk)
    await desk.save(contact())
    strange = one("i1", AGREED).model_copy(update={"currency": "CAD", "customer": "c2"})
    await acts.post(desk.world, contact("c2", currency="CAD").model_dump(mode="json"))
    await acts.post(desk.world, strange.model_dump(mode="json"))
    held = await desk.held("invoice", "i1")
    assert "CAD" in held["hold_sentence"]
    assert held["hold_action"]
    await foreign_of(desk).deal_in("CAD")
    await acts.sync(desk.world)
    await desk.world.settled("invoice", "i1")
    assert (await desk.proven()).invoices["INV-i1"].currency == "CAD"


def foreign_of(desk: Desk) -> Foreign:
    return FOREIGN[desk.world.provider](desk.world)


async def rests(desk: Desk, entity: str) -> bool:
    """Wait until it has settled or is held; whether it is held, with a sentence."""
    found: dict[str, Any] = {}

    async def look() -> bool:
        found.update(await desk.world.record("invoice", entity))
        return bool(found.get("hold") or found.get("state") == "bound")

    await desk.world.until(look, "the invoice to be there, or held")
    assert not found["hold"] or "rate" in found["hold_sentence"]
    return bool(found["hold"])


async def changes(desk: Desk, kind: str) -> list[Any]:
    """What came back from the ledger about records of a kind."""
    known = [one["entity"]["id"] for one in await acts.of_product(desk.world, kind)]
    return [told for entity in known for told in await acts.changed(desk.world, kind, entity)]


def one(entity: str, rate: Decimal | None) -> Invoice:
    """An invoice of 100 euros without tax."""
    lines = [line("l1", quantity=Decimal(1), unit_price=HUNDRED)]
    return invoice(entity, lines, currency=EURO, exchange_rate=rate)


def paid(entity: str, amount: Decimal, rate: Decimal) -> Payment:
    return payment(one("i1", AGREED), entity, amount=amount, exchange_rate=rate)
