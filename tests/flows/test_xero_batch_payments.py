"""One payment over many invoices: Xero's batch payment, and its parts, are one payment here."""

from decimal import Decimal

from contracts.entities import Allocation, MoneyStatus, Payment
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, payment
from tests.flows import acts, xero_books
from tests.flows.acts import born
from tests.flows.world import Json, World
from tests.flows.xero_books import DAY, share

MANY = [f"i{n}" for n in range(1, 20)]
OPEN = {f"INV-{name}": Decimal(100) for name in MANY}
PART_PAID = {f"INV-{name}": Decimal(90) for name in MANY}


def over(names: list[str], amount: int = 10, entity: str = "y1") -> Payment:
    """So much of each of these invoices, in one payment."""
    shares = tuple(Allocation(document=name, amount=Decimal(amount)) for name in names)
    total = Decimal(amount * len(names))
    return payment(invoice(names[0]), entity, amount=total, allocations=shares)


async def test_nineteen_invoices_are_paid_in_part_by_one_payment_and_then_not(world: World) -> None:
    """One call makes it, its parts come back as nothing new; moved, it is another batch; voided,
    all invoices are open again."""
    await world.connect()
    await acts.save(world, contact(), *map(invoice, MANY), over(MANY))
    batch = await acts.the(world, "BatchPayments")
    assert (len(batch["Payments"]), batch["TotalAmount"]) == (19, 190)
    assert await xero_books.due(world) == PART_PAID
    assert len(await world.requests(method="PUT", path="/BatchPayments")) == 1
    await xero_books.nothing_more(world)
    assert len(await acts.of_product(world, "payment")) == 1
    assert await acts.changed(world, "payment", "y1") == []
    moved = [share(name, 10) for name in MANY[:18]]
    await xero_books.put(world, "payment", "y1", allocations=moved, amount="180")
    assert await xero_books.due(world) == PART_PAID | {"INV-i19": Decimal(100)}
    assert len(await world.live("BatchPayments")) == 1
    await xero_books.nothing_more(world)
    await xero_books.put(world, "payment", "y1", status="void")
    assert await xero_books.due(world) == OPEN
    assert await world.live("BatchPayments") == []
    await xero_books.nothing_more(world)
    assert len(await acts.of_product(world, "payment")) == 1


async def test_a_lost_answer_makes_a_batch_once(world: World) -> None:
    """The batch was stored and the answer cut: it is found by what its parts carry."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), invoice("i2"))
    await world.fault("lose-answer", method="PUT", path="/BatchPayments")
    await acts.save(world, over(["i1", "i2"]))
    assert len((await world.documents())["BatchPayments"]) == 1
    assert await xero_books.due(world) == {"INV-i1": 90, "INV-i2": 90}
    await xero_books.nothing_more(world)


async def test_a_batch_made_there_comes_as_one_payment_and_so_does_its_end(world: World) -> None:
    """Nineteen part payments by one deposit; then the bookkeeper deletes it."""
    await world.connect()
    await acts.save(world, contact(), *map(invoice, MANY))
    async with xero_books.user(world) as user:
        invoices = await xero_books.ids(world)
        parts = [{"Invoice": {"InvoiceID": known}, "Amount": 10} for known in invoices.values()]
        record = {"Account": user.bank, "Date": DAY, "Reference": "dep 5", "Payments": parts}
        made = await xero_books.make(user, "BatchPayments", record)
        local = born(world, EntityType.PAYMENT, f"BatchPayment/{made['BatchPaymentID']}")
        paid = await acts.comes_back(world, "payment", local, 0)
        assert isinstance(paid.after, Payment)
        assert (paid.after.contact, paid.after.reference) == ("c1", "dep 5")
        assert paid.after.amount == 190
        assert {one.document for one in paid.after.allocations} == set(MANY)
        assert {one.amount for one in paid.after.allocations} == {Decimal(10)}
        await _balance(world, "i7", 90)
        changes = {"Status": "DELETED"}
        user.update("BatchPayments", made["BatchPaymentID"], changes)
    ended = await acts.comes_back(world, "payment", local, 1)
    assert ended.after == paid.after.model_copy(update={"status": MoneyStatus.VOID})
    await _balance(world, "i7", 100)
    await xero_books.nothing_more(world)
    assert len(await acts.of_product(world, "payment")) == 1


async def _balance(world: World, name: str, amount: int) -> None:
    async def look() -> Json:
        [place] = (await world.product("invoice", name))["ledgers"]
        return Decimal(place["balance"]) == amount

    await world.until(look, f"a balance of {amount} of {name} in the product")
