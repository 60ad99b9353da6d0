"""Credit notes of Xero applied to invoices: made in the product, and by the bookkeeper."""

from decimal import Decimal

from contracts.entities import Allocation
from libs.testing.builders import contact, credit_note, invoice
from tests.flows import acts, xero_books
from tests.flows.world import World
from tests.flows.xero_books import share


async def test_a_credit_is_applied_moved_edited_and_voided(world: World) -> None:
    """Made with two shares; one raised and one moved to a third invoice; the note edited while it
    is applied, which Xero takes only un-applied; at last voided, and every invoice open again."""
    await world.connect()
    note = credit_note(allocations=(_of("i1", 20), _of("i2", 30)))
    await acts.save(world, contact(), invoice("i1"), invoice("i2"), invoice("i3"), note)
    assert await xero_books.due(world) == {"INV-i1": 80, "INV-i2": 70, "INV-i3": 100}
    moved = [share("i1", 25), share("i3", 30)]
    await xero_books.put(world, "credit_note", "n1", allocations=moved)
    assert await xero_books.due(world) == {"INV-i1": 75, "INV-i2": 100, "INV-i3": 70}
    await xero_books.put(world, "credit_note", "n1", job="Roof")
    assert await xero_books.due(world) == {"INV-i1": 75, "INV-i2": 100, "INV-i3": 70}
    there = await acts.the(world, "CreditNotes")
    assert there["Reference"].startswith("Roof lb-")
    assert await acts.changed(world, "credit_note", "n1") == []
    await xero_books.nothing_more(world)
    await xero_books.put(world, "credit_note", "n1", status="void")
    assert await xero_books.due(world) == {"INV-i1": 100, "INV-i2": 100, "INV-i3": 100}
    assert (await acts.the(world, "CreditNotes"))["Status"] == "VOIDED"
    await xero_books.nothing_more(world)


async def test_a_lost_answer_applies_a_credit_once(world: World) -> None:
    """The allocation was stored and the answer cut: it is read, and not made again."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), credit_note())
    await world.fault("lose-answer", method="PUT", path="/CreditNotes/")
    await xero_books.put(world, "credit_note", "n1", allocations=[share("i1", 20)])
    assert await xero_books.due(world) == {"INV-i1": 80}
    assert len((await acts.the(world, "CreditNotes"))["Allocations"]) == 1
    await xero_books.nothing_more(world)


async def test_a_credit_the_bookkeeper_applies_comes_back(world: World) -> None:
    """Applied there, then taken back there: the product has each, and writes nothing."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), credit_note())
    async with xero_books.user(world) as user:
        invoices, note = await xero_books.ids(world), await acts.the(world, "CreditNotes")
        made = await xero_books.apply(
            user, "CreditNotes", note["CreditNoteID"], invoices["INV-i1"], 40
        )
        applied = await acts.comes_back(world, "credit_note", "n1")
        assert applied.after == credit_note(allocations=(_of("i1", 40),))
        assert applied.balance == 60
        await xero_books.unapply(user, "CreditNotes", note["CreditNoteID"], made)
        back = await acts.comes_back(world, "credit_note", "n1", 2)
        assert (back.before, back.after) == (applied.after, credit_note())
    await xero_books.nothing_more(world)


def _of(document: str, amount: int) -> Allocation:
    return Allocation(document=document, amount=Decimal(amount))
