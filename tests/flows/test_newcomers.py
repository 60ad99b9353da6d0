"""Whose record is it: deleted there, born there, our own seen too early, a copy of ours."""

from contracts.entities import Contact
from contracts.messages import Recreate
from contracts.values import EntityType
from libs.testing.builders import contact, invoice
from tests.flows import acts
from tests.flows.acts import born
from tests.flows.world import Json, World


async def test_a_record_deleted_there_and_put_again_is_not_created_again(world: World) -> None:
    """The bookkeeper deletes a draft. The product is told, saves it all the same, and is asked;
    only the command that names the ended generation makes a second record."""
    await world.connect()
    await acts.policy(world, push_from="draft")
    draft = invoice("i1", status="draft", number="")
    await acts.save(world, contact(), draft)
    first = (await acts.the(world, "Invoices"))["InvoiceID"]
    await world.bookkeeper("delete", "Invoices", first)
    gone = await world.told("invoice", "i1", "entity.gone")
    assert (gone["state"], gone["generation"]) == ("gone", 0)
    await acts.caught_up(world)
    before = await world.writes()
    wanted = draft.model_copy(update={"job": "Roof"})
    await acts.post(world, wanted.model_dump(mode="json"))
    held = await world.held("invoice", "i1")
    assert held["hold"] == "gone"
    [question] = await acts.conflicts(world, "i1")
    assert (question["winner"], question["conflicts"][0]["path"]) == (None, "")
    await acts.deliver_again(world)
    assert await world.writes() == before
    assert await world.live("Invoices") == []
    again: Json = {"type": EntityType.INVOICE, "entity": "i1", "generation": 0}
    await world.command(Recreate(**acts.order(world), **again))
    await world.until(lambda: world.live("Invoices"), "the second record")
    [second] = await world.live("Invoices")
    made = await world.until(lambda: _bound(world, "i1", 1), "generation 1")
    assert (made["external_ids"][0]["id"], made["generation"]) == (second["InvoiceID"], 1)
    assert second["InvoiceID"] != first
    await world.command(Recreate(**acts.order(world), **again))
    await acts.caught_up(world)
    assert len(await world.live("Invoices")) == 1


async def test_a_customer_born_there_that_the_product_keeps_by_the_ledgers_id(
    world: World,
) -> None:
    """The product takes the customer over as it was told of it, edits it and bills it."""
    await world.connect()
    there = await world.bookkeeper("add", "Contacts", record={"Name": "Born There"})
    local = born(world, EntityType.CONTACT, there["ContactID"])
    await acts.comes_back(world, "contact", local, 0)
    await acts.edit(world, "contact", local, email="born@there.example")
    await acts.save(world, invoice("i1", customer=local))
    await world.settled("contact", local, 2)
    one = await acts.the(world, "Contacts")
    assert (one["ContactID"], one["EmailAddress"]) == (there["ContactID"], "born@there.example")
    assert (await acts.the(world, "Invoices"))["Contact"]["ContactID"] == there["ContactID"]
    assert len(await acts.of_product(world, "contact")) == 1


async def test_a_customer_born_there_that_the_product_takes_over_under_an_id_of_its_own(
    world: World,
) -> None:
    """Every put of it names `origin`: the record is rebound, never made a second time, and from
    then on both sides speak of the product's id."""
    await world.connect()
    there = await world.bookkeeper("add", "Contacts", record={"Name": "Born There"})
    local = born(world, EntityType.CONTACT, there["ContactID"])
    await acts.comes_back(world, "contact", local, 0)
    ours = Contact(id="mine", name="Born There")
    await world.put(ours, origin=local, applied={world.connection: 0})
    await world.settled("contact", "mine")
    assert await world.writes() == 0
    mended = ours.model_copy(update={"email": "born@there.example"})
    await world.put(mended, 2, origin=local, applied={world.connection: 0})
    await world.settled("contact", "mine", 2)
    one = await acts.the(world, "Contacts")
    assert (one["ContactID"], one["EmailAddress"]) == (there["ContactID"], "born@there.example")
    assert await world.writes() == 1
    await world.bookkeeper("edit", "Contacts", one["ContactID"], changes={"FirstName": "Ada"})
    event = await acts.comes_back(world, "contact", "mine", 2)
    assert event.after == mended.model_copy(update={"first_name": "Ada"})
    await acts.deliver_again(world)
    assert await world.writes() == 1
    assert len((await world.documents())["Contacts"]) == 1


async def test_our_own_records_seen_before_their_answer_came_are_not_doubled(world: World) -> None:
    """Both creates are committed there and their answers lost, so the webhooks tell of records
    nobody knows: they wait for the creates that were open, and turn out to be ours."""
    await world.connect()
    await acts.save(world, contact("c0"))
    await world.fault("lose-answer", method="PUT", path="/Contacts")
    await world.fault("lose-answer", method="PUT", path="/Invoices")
    await acts.post(world, contact().model_dump(mode="json"))
    await acts.post(world, invoice("i0", customer="c0").model_dump(mode="json"))
    await acts.together(world.settled("contact", "c1"), world.settled("invoice", "i0"))
    await acts.deliver_again(world)
    books = await world.documents()
    assert (len(books["Contacts"]), len(books["Invoices"])) == (2, 1)
    for kind, count in (("contact", 2), ("invoice", 1)):
        assert len(await acts.of_product(world, kind)) == count
    name = "Harbour Joinery c1"
    contact_id = (await acts.the(world, "Contacts", Name=name))["ContactID"]
    assert await world.events("contact", born(world, EntityType.CONTACT, contact_id)) == []
    invoice_id = books["Invoices"][0]["InvoiceID"]
    assert await world.events("invoice", born(world, EntityType.INVOICE, invoice_id)) == []


async def test_a_copy_of_our_record_is_a_record_of_its_own(world: World) -> None:
    """The bookkeeper copies our invoice, our mark and all: ours stays bound to its own record,
    the copy comes as a new one, and each is edited where it is."""
    await world.connect()
    await acts.save(world, contact(), invoice())
    ours = await acts.the(world, "Invoices")
    copy = await world.bookkeeper("copy", "Invoices", ours["InvoiceID"])
    assert copy["Reference"] == ours["Reference"]
    local = born(world, EntityType.INVOICE, copy["InvoiceID"])
    event = await acts.comes_back(world, "invoice", local, 0)
    assert event.before is None
    assert event.after is not None
    record = await world.record("invoice", "i1")
    assert [part["external_id"] for part in record["parts"]] == [ours["InvoiceID"]]
    await acts.edit(world, "invoice", "i1", job="Roof")
    await world.settled("invoice", "i1", 2)
    await acts.edit(world, "invoice", local, job="Cellar", status="approved", due_date="2026-08-01")
    await world.settled("invoice", local, 2)
    jobs = {one["InvoiceID"]: one["Reference"] for one in (await world.live("Invoices"))}
    assert jobs[ours["InvoiceID"]].startswith("Roof lb-")
    assert jobs[copy["InvoiceID"]].startswith("Cellar lb-")
    assert len(jobs) == 2
    assert await acts.changed(world, "invoice", "i1") == []


async def _bound(world: World, entity: str, generation: int) -> Json:
    """The settlement of that generation."""
    told = [data for name, data in await world.events("invoice", entity) if name == acts.SETTLED]
    return next((one for one in told if one["generation"] == generation), None)
