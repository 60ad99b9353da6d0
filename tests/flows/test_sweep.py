"""Sweeps: what no webhook told of comes all the same, and nothing slips between two pages."""

from decimal import Decimal

from contracts.entities import Payment
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, item
from tests.flows import acts
from tests.flows.acts import born
from tests.flows.world import Json, World

PAGE = 200
"""As many records stand on a page of the Xero connector's sweep."""


async def test_what_no_webhook_told_of_comes_with_the_sweep(world: World) -> None:
    """Every webhook is lost: an edit, a void, a new contact and a payment are swept."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1"), invoice("i2"), invoice("i3"))
    await acts.caught_up(world)
    await acts.blind(world)
    there = {one["InvoiceNumber"]: one["InvoiceID"] for one in await world.live("Invoices")}
    await world.bookkeeper("edit", "Invoices", there["INV-i1"], changes={"DueDate": "2026-05-05"})
    await world.bookkeeper("void", "Invoices", there["INV-i2"])
    paid = await world.bookkeeper("pay", "Invoices", there["INV-i3"], amount="40.00")
    new = await world.bookkeeper("add", "Contacts", record={"Name": "Born There"})
    writes = await world.writes()
    await acts.caught_up(world)
    assert await acts.changed(world, "invoice", "i1") == []
    await acts.sync(world)
    customer = born(world, EntityType.CONTACT, new["ContactID"])
    payment = born(world, EntityType.PAYMENT, paid["PaymentID"])
    edited, voided, came, money = await acts.together(
        acts.comes_back(world, "invoice", "i1"),
        acts.comes_back(world, "invoice", "i2"),
        acts.comes_back(world, "contact", customer, 0),
        acts.comes_back(world, "payment", payment, 0),
    )
    assert edited.after == invoice("i1", due_date="2026-05-05")
    assert voided.after == invoice("i2", status="void")
    assert came.after is not None
    assert isinstance(money.after, Payment)
    assert money.after.allocations[0].amount == 40
    await world.until(lambda: _balance(world, "i3", 60), "the balance in the product")
    await acts.sync(world)
    await acts.caught_up(world)
    assert await world.writes() == writes
    assert len(await acts.changed(world, "invoice", "i1")) == 1


async def test_an_item_deleted_there_is_missed_by_the_census(world: World) -> None:
    """Xero tells nothing of a deleted item and lists it nowhere: the census finds it gone."""
    await world.connect()
    await acts.save(world, item("p1"), item("p2"))
    there = await acts.the(world, "Items", Code="CODE-p1")
    writes = await world.writes()
    await world.bookkeeper("delete", "Items", there["ItemID"])
    await acts.sync(world)
    gone = await world.told("item", "p1", "entity.gone")
    assert gone["state"] == "gone"
    assert (await world.record("item", "p2"))["state"] == "bound"
    await acts.caught_up(world)
    assert await world.product("item", "p1") is None
    await acts.post(world, item("p1", description="Wanted still").model_dump(mode="json"))
    assert (await world.held("item", "p1"))["hold"] == "gone"
    assert await world.writes() == writes
    assert "CODE-p1" not in [one["Code"] for one in await world.live("Items")]


async def test_a_page_edited_under_a_running_sweep(world: World) -> None:
    """Two pages of contacts. While the second is being read, a record of the first is edited and
    moves to the end; the first of the second page slides onto the page that was read already.
    It was changed unseen before, and is not missed."""
    await world.connect()
    await acts.blind(world)
    wanted = PAGE + 5 - len((await world.documents())["Contacts"])
    for some in range(0, wanted, 20):
        names = [{"Name": f"Contact {n}"} for n in range(some, min(some + 20, wanted))]
        await acts.together(*(world.bookkeeper("add", "Contacts", record=r) for r in names))
    contacts = [one["ContactID"] for one in (await world.documents())["Contacts"]]
    await acts.sync(world)
    for identity in contacts:
        await acts.comes_back(world, "contact", born(world, EntityType.CONTACT, identity), 0)
    await acts.caught_up(world)
    edited, moved = contacts[100:105], contacts[50]
    for identity in edited:
        await _named(world, identity, "before")
    await world.fault("hang", method="GET", path="/Contacts", seconds=0)
    await world.fault("hang", method="GET", path="/Contacts", seconds=1.5)
    await acts.sync(world)
    await world.until(lambda: _second_page(world), "the second page to be asked for")
    await _named(world, moved, "under the sweep")
    for identity in (*edited, moved):
        await acts.comes_back(world, "contact", born(world, EntityType.CONTACT, identity), 1)
    assert await world.writes() == 0


async def _named(world: World, identity: str, name: str) -> None:
    changes = {"FirstName": name}
    await world.bookkeeper("edit", "Contacts", identity, changes=changes)


async def _second_page(world: World) -> bool:
    hung = [r for r in await world.requests(fault="hang") if "page=2" in r["query"]]
    return bool(hung)


async def _balance(world: World, entity: str, balance: int) -> Json:
    [place] = (await world.product("invoice", entity))["ledgers"]
    return Decimal(place["balance"]) == balance
