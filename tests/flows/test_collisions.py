"""A number that the ledger has used already: held with both choices, linked, or prefixed."""

from contracts.messages import Link
from contracts.values import EntityType
from libs.testing.builders import contact, invoice
from tests.flows import acts
from tests.flows.test_mappings import obey
from tests.flows.world import Json, World


async def theirs(world: World, number: str, price: str = "25.00", lines: int = 2) -> Json:
    """An invoice of our customer that was made there before we were connected, or unseen."""
    there = await acts.the(world, "Contacts")
    part = {
        "Quantity": "2",
        "UnitAmount": price,
        "AccountCode": "200",
        "TaxType": "ZERORATEDOUTPUT",
    }
    record = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": number,
        "Contact": {"ContactID": there["ContactID"]},
        "Date": "2026-03-02",
        "DueDate": "2026-03-30",
        "LineAmountTypes": "Exclusive",
        "LineItems": [{**part, "Description": f"Brass hinge l{n + 1}"} for n in range(lines)],
    }
    return await world.bookkeeper("add", "Invoices", record=record)


async def met(world: World, **chosen: str) -> None:
    """Our customer is there; invoices made there are left alone."""
    await world.connect()
    await acts.save(world, contact())
    await acts.policy(world, imports="ignore", **chosen)


async def test_a_taken_number_is_held_with_both_choices_and_linked_by_the_command_it_names(
    world: World,
) -> None:
    """Another invoice has the number. Ours is held, and the sentence names the other one, its
    total and what can be done. Its own command links them: the price, in which they differ, is
    asked about, never overwritten; answered, both sides are equal and there is one invoice."""
    await met(world)
    there = await theirs(world, "INV-i1", price="30.00")
    await acts.post(world, invoice().model_dump(mode="json"))
    lane = await world.held("invoice", "i1")
    assert lane["hold"] == "duplicate-number"
    assert there["InvoiceID"] in lane["hold_sentence"]
    assert "total 120" in lane["hold_sentence"]
    assert "--collisions prefix" in lane["hold_action"]
    assert len(await world.live("Invoices")) == 1
    await obey(world, lane["hold_action"].partition(" if it is")[0])
    found = await world.told("invoice", "i1", acts.CONFLICT)
    assert {c["path"].rsplit(".", 1)[-1] for c in found["conflicts"]} == {"unit_price"}
    one = await acts.the(world, "Invoices")
    assert {part["UnitAmount"] for part in one["LineItems"]} == {30}
    question = (await world.held("invoice", "i1"))["hold_action"]
    await obey(world, question.replace("product|ledger", "product"))
    await world.settled("invoice", "i1")
    one = await acts.the(world, "Invoices")
    assert (one["InvoiceID"], {part["UnitAmount"] for part in one["LineItems"]}) == (
        there["InvoiceID"],
        {25},
    )
    writes = await world.writes()
    await acts.deliver_again(world)
    assert await world.writes() == writes


async def test_under_link_an_equal_record_is_bound_without_a_write(world: World) -> None:
    """The policy is to link, and the other invoice says the same: it is ours from now on, no call
    writes anything, and the bookkeeper's next edit comes back."""
    await met(world, collisions="link")
    there = await theirs(world, "INV-i1")
    writes = await world.writes()
    await acts.post(world, invoice().model_dump(mode="json"))
    await world.settled("invoice", "i1")
    record = await world.record("invoice", "i1")
    assert [part["external_id"] for part in record["parts"]] == [there["InvoiceID"]]
    assert await world.writes() == writes
    await world.bookkeeper(
        "edit", "Invoices", there["InvoiceID"], changes={"DueDate": "2026-05-01"}
    )
    event = await acts.comes_back(world, "invoice", "i1")
    assert str(getattr(event.after, "due_date", "")) == "2026-05-01"


async def test_under_prefix_ours_gets_a_number_of_its_own_and_the_product_sees_its_own(
    world: World,
) -> None:
    """The ledger has INV-i1: ours becomes LB-INV-i1 there, and stays INV-i1 in the product, through
    an edit on either side."""
    await met(world, collisions="prefix")
    await theirs(world, "INV-i1", price="99.00")
    await acts.save(world, invoice())
    numbers = {one["InvoiceNumber"] for one in await world.live("Invoices")}
    assert numbers == {"INV-i1", "LB-INV-i1"}
    ours = await acts.the(world, "Invoices", InvoiceNumber="LB-INV-i1")
    await world.bookkeeper("edit", "Invoices", ours["InvoiceID"], changes={"DueDate": "2026-05-01"})
    event = await acts.comes_back(world, "invoice", "i1")
    assert getattr(event.after, "number", "") == "INV-i1"
    await acts.edit(world, "invoice", "i1", due_date="2026-06-01")
    await world.settled("invoice", "i1", 3)
    ours = await acts.the(world, "Invoices", InvoiceID=ours["InvoiceID"])
    assert ours["InvoiceNumber"] == "LB-INV-i1"
    assert (await world.record("invoice", "i1"))["ledger_number"] == "LB-INV-i1"
    assert len(await world.live("Invoices")) == 2
    writes = await world.writes()
    await acts.deliver_again(world)
    assert await world.writes() == writes


async def test_a_link_to_what_is_not_there_or_another_ones_is_said_back(world: World) -> None:
    """A word of a person that cannot be carried out is answered with a sentence, and is spent."""
    await met(world)
    await acts.save(world, invoice("i0"))
    first = await acts.the(world, "Invoices")
    await theirs(world, "INV-i1", price="30.00")
    await acts.post(world, invoice().model_dump(mode="json"))
    await world.held("invoice", "i1")
    for external, reason, word in (
        (first["InvoiceID"], "linked-elsewhere", "invoice i0"),
        ("11111111-1111-4111-8111-111111111111", "no-such-record", "There is no invoice"),
    ):
        order = Link(**acts.order(world), type=EntityType.INVOICE, entity="i1", external=external)
        await world.command(order)

        async def look(reason: str = reason) -> bool:
            return bool((await world.record("invoice", "i1"))["hold"] == reason)

        await world.until(look, reason)
        assert word in (await world.record("invoice", "i1"))["hold_sentence"]
