"""What Xero does not change: a document that is settled in part, a contact that was merged."""

from decimal import Decimal

from libs.testing.builders import contact, invoice, payment
from tests.flows import acts, xero_books
from tests.flows.world import World


async def test_an_edit_of_a_part_paid_invoice_waits_for_its_payment(world: World) -> None:
    """Held with what to do, before any call; once the payment is void the edit goes by itself,
    and the payment is entered again."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), payment(invoice("i1"), amount=Decimal(40)))
    writes = await world.writes()
    revision = await acts.edit(world, "invoice", "i1", job="Roof")
    held = await world.held("invoice", "i1")
    assert held["hold"] == "paid"
    assert "40 paid" in held["hold_sentence"]
    assert "Void its payments" in held["hold_action"]
    assert await world.writes() == writes
    await xero_books.put(world, "payment", "y1", status="void")
    await world.settled("invoice", "i1", revision)
    assert (await acts.the(world, "Invoices"))["Reference"].startswith("Roof lb-")
    await acts.save(world, payment(invoice("i1"), "y2", amount=Decimal(40)))
    assert await xero_books.due(world) == {"INV-i1": 60}
    await xero_books.nothing_more(world)


async def test_a_merged_contact_is_archived_and_says_into_whom(world: World) -> None:
    await world.connect()
    await acts.save(world, contact("c1"), contact("c2"))
    known = {one["Name"]: one["ContactID"] for one in (await world.documents())["Contacts"]}
    loser, winner = known[contact("c1").name], known[contact("c2").name]
    await world.bookkeeper("merge", "Contacts", loser, into=winner)
    archived = await acts.comes_back(world, "contact", "c1")
    assert archived.after == contact("c1", status="archived")
    told = await world.told("contact", "c1", "entity.held")
    assert told["reason"] == "merged"
    assert "into contact c2" in told["sentence"]
    await xero_books.nothing_more(world)
    await acts.save(world, invoice("i2", customer="c2"))
