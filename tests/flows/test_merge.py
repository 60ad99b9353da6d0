"""Both sides change the same record: what meets, and what is asked."""

from decimal import Decimal
from typing import Any

from contracts.entities import Invoice
from contracts.messages import ResolveConflict
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.acts import CONFLICT, lines_with
from tests.flows.world import Json, World

OURS, THEIRS, LATER = "2026-06-01", "2026-07-01", "2026-08-01"


async def test_an_edit_there_that_nobody_has_seen_survives_ours_of_another_field(
    world: World,
) -> None:
    """The bookkeeper moves the due date and the webhook is lost; then the product names a job.
    The record is read before it is written: both are there, on both sides, after one write."""
    await _both_have(world, contact(), invoice())
    await acts.blind(world)
    await _there(world, "i1", DueDate=THEIRS)
    writes = await world.writes()
    assert await acts.edit(world, "invoice", "i1", job="Roof") == 2
    event = await acts.comes_back(world, "invoice", "i1", 2)
    assert _due_and_job(event.after) == (THEIRS, "Roof")
    assert await _ledger(world, "i1") == (THEIRS, "Roof")
    assert await acts.conflicts(world, "i1") == []
    await acts.caught_up(world)
    assert await world.writes() == writes + 1


async def test_a_change_there_that_the_product_had_not_seen_survives_its_next_put(
    world: World,
) -> None:
    """We have told of the bookkeeper's due date, but the product, slow to read, saves a job on
    top of what it knows. The put does not put the old date back, and the product is told again."""
    await _both_have(world, contact(), invoice())
    writes = await world.writes()
    async with acts.deaf_product(world):
        await _there(world, "i1", DueDate=THEIRS)
        await world.told("invoice", "i1", acts.CHANGED)
        assert await acts.edit(world, "invoice", "i1", job="Roof") == 2
        await world.settled("invoice", "i1", 2)
        assert await _ledger(world, "i1") == (THEIRS, "Roof")
    event = await acts.comes_back(world, "invoice", "i1", 2)
    assert _due_and_job(event.after) == (THEIRS, "Roof")
    assert [one["revision"] for one in await acts.changed(world, "invoice", "i1")] == [1, 2]
    await acts.caught_up(world)
    assert await world.writes() == writes + 1
    assert await _ledger(world, "i1") == (THEIRS, "Roof")


async def test_a_price_that_the_ledger_rounds_is_nobodys_edit(world: World) -> None:
    """Six decimals here, four there. The product changes the job alone: no line is written, and
    no price comes back; the bookkeeper changes the due date: the price stays as it is here."""
    price = Decimal("10.123456")
    await _both_have(world, contact(), invoice("i1", [line("l1", unit_price=price)]))
    shown = (await acts.the(world, "Invoices"))["LineItems"][0]
    assert Decimal(str(shown["UnitAmount"])) == Decimal("10.1235")
    await acts.edit(world, "invoice", "i1", job="Roof")
    await world.settled("invoice", "i1", 2)
    (_, created), (verb, updated) = await acts.sent(world, "invoice", "i1")
    assert len(created["Invoices"][0]["LineItems"]) == 1
    assert verb == "update"
    assert set(updated["Invoices"][0]) == {"InvoiceID", "Reference"}
    assert await acts.changed(world, "invoice", "i1") == []
    await _there(world, "i1", DueDate=THEIRS)
    event = await acts.comes_back(world, "invoice", "i1", 2)
    assert isinstance(event.after, Invoice)
    assert [one.unit_price for one in event.after.lines] == [price]
    await acts.caught_up(world)
    assert len(await acts.sent(world, "invoice", "i1")) == 2


async def test_what_both_changed_is_asked_and_either_answer_holds(world: World) -> None:
    """Both move the due date. Both values are told before anything is written, the lane alone is
    held, and the answer decides: here once for the product, once for the ledger."""
    await _both_have(world, contact(), invoice("i1"), invoice("i2"))
    await acts.blind(world)
    for name in ("i1", "i2"):
        await _there(world, name, DueDate=THEIRS)
    writes = await world.writes()
    for name in ("i1", "i2"):
        await acts.edit(world, "invoice", name, due_date=OURS)
    for name in ("i1", "i2"):
        assert (await world.held("invoice", name))["hold"] == "conflict"
        [question] = await acts.conflicts(world, name)
        assert _values(question) == {"due_date": (OURS, THEIRS)}
        assert question["winner"] is None
    assert await world.writes() == writes
    await acts.save(world, invoice("i3"))
    await _resolve(world, "i1", "product")
    await _resolve(world, "i2", "ledger")
    await world.settled("invoice", "i1", 2)
    event = await acts.comes_back(world, "invoice", "i2", 2)
    assert _due_and_job(event.after) == (THEIRS, "")
    await acts.caught_up(world)
    assert (await _ledger(world, "i1"))[0] == OURS
    assert (await _ledger(world, "i2"))[0] == THEIRS
    assert (await world.product("invoice", "i1"))["entity"]["due_date"] == OURS
    assert (await world.product("invoice", "i1"))["revision"] == 2
    assert await world.writes() == writes + 2
    for name in ("i1", "i2"):
        assert (await world.record("invoice", name))["hold"] == ""


async def test_a_decision_about_old_values_asks_again(world: World) -> None:
    """While the person thinks, the bookkeeper moves the date once more, unseen. The answer was
    about another date: nothing is written, and the question comes with the new values."""
    await _both_have(world, contact(), invoice())
    await acts.blind(world)
    await _there(world, "i1", DueDate=THEIRS)
    await acts.edit(world, "invoice", "i1", due_date=OURS)
    await world.held("invoice", "i1")
    writes = await world.writes()
    await _there(world, "i1", DueDate=LATER)
    await _resolve(world, "i1", "product")
    again = await world.told("invoice", "i1", CONFLICT, 2)
    assert _values(again) == {"due_date": (OURS, LATER)}
    await acts.caught_up(world)
    assert await world.writes() == writes
    assert (await _ledger(world, "i1"))[0] == LATER
    assert (await world.record("invoice", "i1"))["hold"] == "conflict"
    await _resolve(world, "i1", "product")
    await world.settled("invoice", "i1", 2)
    assert (await _ledger(world, "i1"))[0] == OURS
    assert await world.writes() == writes + 1


async def test_a_policy_decides_at_once_and_tells_what_was_lost(world: World) -> None:
    """Without a question; the value that loses is published with the winner under each policy."""
    await _both_have(world, contact(), invoice("i1"), invoice("i2"))
    await acts.blind(world)
    for name, winner in (("i1", "product"), ("i2", "ledger")):
        await acts.policy(world, conflicts=winner)
        await _there(world, name, DueDate=THEIRS)
        await acts.edit(world, "invoice", name, due_date=OURS)
        await world.settled("invoice", name, 2)
        [told] = await acts.conflicts(world, name)
        assert (told["winner"], _values(told)) == (winner, {"due_date": (OURS, THEIRS)})
    event = await acts.comes_back(world, "invoice", "i2", 2)
    assert _due_and_job(event.after) == (THEIRS, "")
    assert (await _ledger(world, "i1"))[0] == OURS
    assert (await _ledger(world, "i2"))[0] == THEIRS
    ours = await world.product("invoice", "i1")
    assert (ours["revision"], ours["entity"]["due_date"]) == (2, OURS)


async def test_a_line_removed_here_and_changed_there_is_decided_whole(world: World) -> None:
    """Half a line is worse than either: the question shows the whole line against its absence."""
    await _both_have(world, contact(), invoice())
    await acts.blind(world)
    there = await acts.the(world, "Invoices")
    change = lines_with(there, lambda two: [two[0], {**two[1], "Description": "Two hours"}])
    await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=change)
    less = invoice("i1", [line("l1")]).model_dump(mode="json")
    await acts.edit(world, "invoice", "i1", lines=less["lines"], totals=less["totals"])
    await world.held("invoice", "i1")
    [question] = await acts.conflicts(world, "i1")
    [found] = question["conflicts"]
    assert (found["path"], found["product"]) == ("lines.l2", {})
    assert found["ledger"]["lines.l2.description"] == "Two hours"
    await _resolve(world, "i1", "product")
    await world.settled("invoice", "i1", 2)
    assert len((await acts.the(world, "Invoices"))["LineItems"]) == 1


async def test_round_trips_make_no_extra_writes(world: World) -> None:
    """Five times the product edits and then the bookkeeper, an invoice and a contact each: as
    many writes as edits of the product, and every edit on both sides."""
    await _both_have(world, contact(), invoice())
    before = await world.writes()
    customer = (await acts.the(world, "Contacts"))["ContactID"]
    for turn in range(1, 6):
        await acts.edit(world, "invoice", "i1", job=f"Roof {turn}")
        await acts.edit(world, "contact", "c1", phone=f"0131 {turn}")
        for kind, entity in (("invoice", "i1"), ("contact", "c1")):
            await world.settled(kind, entity, 2 * turn)
        await _there(world, "i1", DueDate=f"2026-06-0{turn}")
        changes = {"EmailAddress": f"n{turn}@harbour.example"}
        await world.bookkeeper("edit", "Contacts", customer, changes=changes)
        await acts.together(
            acts.comes_back(world, "invoice", "i1", 2 * turn),
            acts.comes_back(world, "contact", "c1", 2 * turn),
        )
    await acts.caught_up(world)
    assert await world.writes() == before + 2 * 5
    assert await _ledger(world, "i1") == ("2026-06-05", "Roof 5")
    ours = (await world.product("invoice", "i1"))["entity"]
    assert (ours["due_date"], ours["job"]) == ("2026-06-05", "Roof 5")
    them, us = await acts.the(world, "Contacts"), (await world.product("contact", "c1"))["entity"]
    assert (us["email"], us["phone"]) == ("n5@harbour.example", "0131 5")
    assert them["EmailAddress"] == "n5@harbour.example"
    assert {one["revision"] for one in await acts.changed(world, "invoice", "i1")} == {
        2,
        4,
        6,
        8,
        10,
    }
    await acts.deliver_again(world)
    assert await world.writes() == before + 2 * 5


async def _both_have(world: World, *entities: Any) -> None:
    await world.connect()
    await acts.save(world, *entities)


async def _there(world: World, entity: str, **changes: Any) -> None:
    """The bookkeeper edits our invoice."""
    one = await acts.the(world, "Invoices", InvoiceNumber=f"INV-{entity}")
    await world.bookkeeper("edit", "Invoices", one["InvoiceID"], changes=changes)


async def _ledger(world: World, entity: str) -> tuple[str, str]:
    """Due date and job of our invoice, as the ledger shows them."""
    one = await acts.the(world, "Invoices", InvoiceNumber=f"INV-{entity}")
    return one["DueDateString"][:10], one["Reference"].rpartition("lb-")[0].strip()


def _due_and_job(entity: Any) -> tuple[str, str]:
    return str(entity.due_date), entity.job


def _values(told: Json) -> dict[str, tuple[str, str]]:
    """Field -> the product's and the ledger's value."""
    return {
        one["path"]: (one["product"][one["path"]], one["ledger"][one["path"]])
        for one in told["conflicts"]
    }


async def _resolve(world: World, entity: str, winner: str) -> None:
    question = (await acts.conflicts(world, entity))[-1]["number"]
    named: Json = {
        "type": EntityType.INVOICE,
        "entity": entity,
        "conflict": question,
        "winner": winner,
    }
    await world.command(ResolveConflict(**acts.order(world), **named))
