"""The way back: what a bookkeeper does reaches the product, once, and is not written again."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from contracts.entities import Contact, DocumentStatus, Invoice, Totals
from contracts.messages import EntityChanged
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.acts import born, lines_with
from tests.flows.world import Json, World

CALL_OUT = {
    "Description": "Call-out",
    "Quantity": 1,
    "UnitAmount": 40,
    "AccountCode": "200",
    "TaxType": "ZERORATEDOUTPUT",
}
EDITS: dict[str, Callable[[Json], Json]] = {
    "job": lambda there: {"Reference": f"Roof {there['Reference']}"},
    "due": lambda _: {"DueDate": "2026-05-05"},
    "price": lambda there: lines_with(there, lambda two: [two[0], {**two[1], "UnitAmount": 30}]),
    "more": lambda there: lines_with(there, lambda two: [*two, CALL_OUT]),
    "less": lambda there: lines_with(there, lambda two: two[1:]),
    "void": lambda _: {"Status": "VOIDED"},
}


def sold(entity: str) -> Invoice:
    """Also with what the ledger has no field for: a note, and what kind of line it is."""
    return invoice(entity, [line("l1"), line("l2", kind="labour")], note="Ring first")


async def test_every_kind_of_edit_of_an_invoice_comes_back(world: World) -> None:
    """Header, due date, a line changed, added, removed, the whole void: each comes as before and
    after, is taken in and answered; what the ledger has no field for stays as it was."""
    await world.connect()
    await acts.save(world, contact(), *map(sold, EDITS))
    writes = await world.writes()
    for name, change in EDITS.items():
        there = await acts.the(world, "Invoices", InvoiceNumber=f"INV-{name}")
        await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=change(there))
    events = await acts.together(*(acts.comes_back(world, "invoice", name) for name in EDITS))
    told = {event.id: _both(event) for event in events}
    assert [before for before, _ in told.values()] == list(map(sold, EDITS))
    assert told["job"][1] == sold("job").model_copy(update={"job": "Roof"})
    assert str(told["due"][1].due_date) == "2026-05-05"
    assert told["void"][1] == sold("void").model_copy(update={"status": DocumentStatus.VOID})
    first, second = sold("any").lines
    dearer = second.model_copy(update={"unit_price": Decimal(30)})
    assert told["price"][1].lines == (first, dearer)
    assert told["less"][1].lines == (second,)
    assert told["more"][1].lines[:2] == (first, second)
    assert [one.description for one in told["more"][1].lines[2:]] == ["Call-out"]
    gross = {name: after.totals.gross for name, (_, after) in told.items()}
    assert (gross["price"], gross["more"], gross["less"]) == (110, 140, 50)
    await acts.deliver_again(world)
    assert await world.writes() == writes
    for name in EDITS:
        assert len(await acts.changed(world, "invoice", name)) == 1
        assert (await world.product("invoice", name))["revision"] == 2


async def test_a_contact_added_edited_and_archived_comes_back(world: World) -> None:
    await world.connect()
    await acts.save(world, contact())
    writes = await world.writes()
    ours = (await acts.the(world, "Contacts"))["ContactID"]
    await world.bookkeeper("edit", "Contacts", ours, changes={"EmailAddress": "new@x.example"})
    record = {"Name": "Born There", "EmailAddress": "born@there.example"}
    there = await world.bookkeeper("add", "Contacts", record=record)
    local = born(world, EntityType.CONTACT, there["ContactID"])
    edited, added = await acts.together(
        acts.comes_back(world, "contact", "c1"), acts.comes_back(world, "contact", local, 0)
    )
    assert edited.before == contact()
    assert edited.after == contact(email="new@x.example")
    assert added.before is None
    assert added.after == Contact(id=local, name="Born There", email="born@there.example")
    await world.bookkeeper("archive", "Contacts", ours)
    archived = await acts.comes_back(world, "contact", "c1", 2)
    assert archived.after == contact(email="new@x.example", status="archived")
    await acts.deliver_again(world)
    assert await world.writes() == writes
    assert len(await acts.of_product(world, "contact")) == 2


async def test_an_invoice_made_there_comes_with_its_contact(world: World) -> None:
    """No webhook tells of the contact: it is looked up because the invoice names it."""
    await world.connect()
    await acts.blind(world)
    customer = await world.bookkeeper("add", "Contacts", record={"Name": "Born There"})
    record = {
        "Type": "ACCREC",
        "Contact": {"ContactID": customer["ContactID"]},
        "Date": "2026-03-05",
        "DueDate": "2026-04-05",
        "Status": "AUTHORISED",
        "LineItems": [CALL_OUT],
    }
    made = await world.bookkeeper("add", "Invoices", record=record)
    await acts.caught_up(world)
    await world.clear_faults()
    await world.bookkeeper("edit", "Invoices", made["InvoiceID"], changes={"Reference": "Roof"})
    who = born(world, EntityType.CONTACT, customer["ContactID"])
    local = born(world, EntityType.INVOICE, made["InvoiceID"])
    event, _ = await acts.together(
        acts.comes_back(world, "invoice", local, 0), acts.comes_back(world, "contact", who, 0)
    )
    assert event.before is None
    assert (event.after.customer, event.after.number) == (who, made["InvoiceNumber"])
    assert event.after.totals == Totals(net=Decimal(40), tax=Decimal(0), gross=Decimal(40))
    assert event.balance == 40
    assert (await world.product("contact", who))["entity"]["name"] == "Born There"
    await acts.deliver_again(world)
    assert await world.writes() == 0
    assert len(await acts.of_product(world, "invoice")) == 1


def _both(event: EntityChanged) -> tuple[Any, Any]:
    return event.before, event.after
