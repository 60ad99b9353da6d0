"""What a connection's policy keeps from the ledger, or from the product, ends visibly."""

from contracts.values import EntityType
from libs.testing.builders import contact, invoice, item
from tests.flows import acts
from tests.flows.test_mappings import obey
from tests.flows.world import Json, World


async def told(world: World, kind: str, entity: str, reason: str) -> Json:
    """Wait until it was said that a record is held for that reason."""

    async def look() -> Json:
        found = await world.events(kind, entity)
        said = [data for _, data in found if data.get("reason") == reason]
        return said[-1] if said else None

    return await world.until(look, f"{kind} {entity} to be {reason}")


async def test_what_is_not_sent_says_so_and_is_sent_once_the_policy_lets_it(world: World) -> None:
    """Items come only from the ledger: the product's new one is turned away, and so is the edit of
    one that is there; nothing is written. Both ways again, both arrive."""
    await world.connect()
    await acts.save(world, item("p1"))
    await acts.policy(world, directions={"item": "pull"})
    writes = await world.writes()
    await acts.edit(world, "item", "p1", name="Steel hinge")
    await acts.post(world, item("p2").model_dump(mode="json"))
    for entity in ("p1", "p2"):
        assert "not sent" in (await told(world, "item", entity, "not-sent"))["sentence"]
    await acts.sync(world)
    await world.quiet()
    assert await world.writes() == writes
    await acts.policy(world, directions={"item": "both"})
    await world.settled("item", "p1", 2)
    await world.settled("item", "p2")
    live = await world.live("Items")
    names = {one["Code"]: one["Name"] for one in live if one["Code"].startswith("CODE")}
    assert names == {"CODE-p1": "Steel hinge", "CODE-p2": "Brass hinge"}


async def test_what_does_not_come_back_says_so_and_does_later(world: World) -> None:
    """Contacts are only sent: the bookkeeper's edit is named once, the product keeps what it has,
    and an edit of its own leaves the bookkeeper's alone. Both ways again, his edit comes back."""
    await world.connect()
    await acts.save(world, contact())
    await acts.policy(world, directions={"contact": "push"})
    there = await acts.the(world, "Contacts")
    await world.bookkeeper("edit", "Contacts", there["ContactID"], changes={"FirstName": "Ada"})
    said = await told(world, "contact", "c1", "not-taken")
    assert await acts.changed(world, "contact", "c1") == []
    made = await world.bookkeeper("add", "Contacts", record={"Name": "Made There"})
    local = acts.born(world, EntityType.CONTACT, made["ContactID"])
    await told(world, "contact", local, "not-taken")
    assert len(await acts.of_product(world, "contact")) == 1
    await acts.edit(world, "contact", "c1", phone="0131 496 0000")
    await world.settled("contact", "c1", 2)
    one = await acts.the(world, "Contacts", ContactID=there["ContactID"])
    assert one["FirstName"] == "Ada"
    await obey(world, said["action"].removesuffix(" takes it back."))
    await acts.in_product(world, "contact", local, 1)
    await acts.edit(world, "contact", "c1", email="new@harbour.example")
    event = await acts.comes_back(world, "contact", "c1", 3)
    assert event.after is not None
    assert getattr(event.after, "first_name", "") == "Ada"


async def test_an_invoice_made_in_the_ledger_is_left_there_and_imported_later(
    world: World,
) -> None:
    """Documents made there are ignored: the invoice and its payment are named, neither reaches the
    product. The sentence's own command imports them."""
    await world.connect()
    await acts.save(world, contact())
    await acts.policy(world, imports="ignore")
    there = await acts.the(world, "Contacts")
    record = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": "THEIRS-1",
        "Contact": {"ContactID": there["ContactID"]},
        "Date": "2026-03-02",
        "DueDate": "2026-03-30",
        "LineAmountTypes": "Exclusive",
        "LineItems": [
            {
                "Description": "Advice",
                "Quantity": "1",
                "UnitAmount": "80.00",
                "AccountCode": "200",
                "TaxType": "ZERORATEDOUTPUT",
            }
        ],
    }
    made = await world.bookkeeper("add", "Invoices", record=record)
    local = acts.born(world, EntityType.INVOICE, made["InvoiceID"])
    said = await told(world, "invoice", local, "not-imported")
    assert "THEIRS-1" in said["sentence"]
    await acts.sync(world)
    await world.quiet()
    assert await acts.of_product(world, "invoice") == []
    await obey(world, said["action"].removesuffix(" takes it in."))
    await acts.in_product(world, "invoice", local, 1)
    [one] = await acts.of_product(world, "invoice")
    assert one["entity"]["number"] == "THEIRS-1"


async def test_what_is_there_already_is_not_touched_by_an_import_policy(world: World) -> None:
    """Ignoring what is made there does not stop edits of our own invoices from coming back."""
    await world.connect()
    await acts.policy(world, imports="ignore")
    await acts.save(world, contact(), invoice())
    one = await acts.the(world, "Invoices")
    await world.bookkeeper("edit", "Invoices", one["InvoiceID"], changes={"DueDate": "2026-05-01"})
    event = await acts.comes_back(world, "invoice", "i1")
    assert event.after is not None
    assert str(getattr(event.after, "due_date", "")) == "2026-05-01"
