"""Edits of what is paid, where the policy has the payments taken off and applied again."""

from decimal import Decimal
from typing import Any

from contracts.entities import Allocation
from libs.testing.builders import contact, credit_note, invoice, payment
from tests.flows import acts, xero_books
from tests.flows.world import World

SHARES = (("i1", 10), ("i2", 20))


async def start(world: World) -> None:
    """Of i1 40 are paid alone, 10 together with i2, 5 of an overpayment and 3 of a credit note."""
    await world.connect()
    await acts.policy(world, paid_edits="reapply")
    shares = tuple(Allocation(document=one, amount=Decimal(amount)) for one, amount in SHARES)
    await acts.save(
        world,
        contact(),
        invoice("i1"),
        invoice("i2"),
        payment(invoice("i1"), "y1", amount=Decimal(40)),
        payment(invoice("i1"), "y2", amount=Decimal(30), allocations=shares),
        payment(invoice("i1"), "y3", amount=Decimal(8), allocations=(_of("i1", 5),)),
        credit_note(allocations=(_of("i1", 3),)),
    )
    assert await xero_books.due(world) == {"INV-i1": 42, "INV-i2": 80}


def _of(document: str, amount: int) -> Allocation:
    return Allocation(document=document, amount=Decimal(amount))


async def told(world: World) -> list[Any]:
    """What the product was told to change."""
    kinds = (("payment", "y1"), ("payment", "y2"), ("payment", "y3"), ("credit_note", "n1"))
    return [change for kind, one in kinds for change in await acts.changed(world, kind, one)]


async def test_a_paid_invoice_is_edited_and_paid_as_before(world: World) -> None:
    await start(world)
    await xero_books.put(world, "invoice", "i1", job="Roof")
    await acts.caught_up(world)
    assert await xero_books.due(world) == {"INV-i1": 42, "INV-i2": 80}
    edited = await acts.the(world, "Invoices", InvoiceNumber="INV-i1")
    assert edited["Reference"].startswith("Roof lb-")
    assert await told(world) == []
    await xero_books.nothing_more(world)
    # Once more: it is not only the first time.
    await xero_books.put(world, "invoice", "i1", job="Wall")
    await acts.caught_up(world)
    assert await xero_books.due(world) == {"INV-i1": 42, "INV-i2": 80}
    await xero_books.nothing_more(world)


async def test_killed_between_the_two_it_goes_on(world: World) -> None:
    """Nothing is applied for the moment; whoever starts again applies all of it."""
    await start(world)
    await world.fault("hang", method="POST", path="/Invoices", seconds=1.0, commit=True)
    revision = await acts.edit(world, "invoice", "i1", job="Roof")

    async def is_off() -> bool:
        sent = await world.requests(method="POST")
        return any("/Invoices" in one["path"] for one in sent)

    await world.until(is_off, "the edit to be sent")
    await world.kill_connector()
    await world.start_connector()
    await world.settled("invoice", "i1", revision)
    await acts.caught_up(world)
    assert await xero_books.due(world) == {"INV-i1": 42, "INV-i2": 80}
    await xero_books.nothing_more(world)


async def test_what_is_refused_all_the_same_leaves_everything_paid(world: World) -> None:
    """The edit is refused for another reason: what was taken off is applied again, once."""
    await start(world)
    await world.fault("error-before", method="POST", path="/Invoices", status=400)
    await acts.edit(world, "invoice", "i1", job="Roof")

    async def is_refused() -> bool:
        record = await world.record("invoice", "i1")
        return bool(record["dead"] or record["hold"] not in ("", "waits"))

    await world.until(is_refused, "the edit to be refused")
    await acts.caught_up(world)
    assert await xero_books.due(world) == {"INV-i1": 42, "INV-i2": 80}
    assert await told(world) == []
    await xero_books.nothing_more(world)
