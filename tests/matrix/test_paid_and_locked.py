"""Rows 9 and 20 where something stands in the way: a payment, or a period that is closed."""

from decimal import Decimal
from typing import Any

from contracts.entities import Invoice
from contracts.features import Feature
from contracts.messages import Retry
from libs.testing.builders import contact, invoice, line, payment
from tests.flows import acts
from tests.flows.world import Json
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.ledger import NotOffered
from tests.matrix.seen import VOID

LINES = [line("l1"), line("l2"), line("l3")]
FIVE = Decimal(5)
LOCKED, OPEN = "2026-03-31", "2026-04-01"


# Row 9: of an invoice that is paid in part


@row(Feature.INVOICES_OUT)
async def test_lines_of_a_part_paid_invoice_are_edited(desk: Desk) -> None:
    """One added, one removed, all in another order; what the vendor refuses waits for the end of
    the payment, and goes by itself."""
    await part_paid(desk)
    for number, lines in enumerate(
        (
            [*LINES, line("l4", description="Call-out")],
            [LINES[0], LINES[2]],
            [LINES[2], LINES[0]],
        )
    ):
        wanted = invoice("i1", lines).model_dump(mode="json")
        changes = {"lines": wanted["lines"], "totals": wanted["totals"]}
        await edited(desk, number, "lines", **changes)
    books = await desk.proven()
    there = books.invoices["INV-i1"]
    assert [one.text for one in there.lines] == ["Brass hinge l3", "Brass hinge l1"]
    assert there.open == there.gross - 5


@row(Feature.INVOICES_OUT)
async def test_due_date_and_customer_of_a_part_paid_invoice_are_edited(desk: Desk) -> None:
    await part_paid(desk)
    await edited(desk, 0, "due_date", due_date="2026-05-05")
    await edited(desk, 1, "customer", customer="c2")
    books = await desk.proven()
    there = books.invoices["INV-i1"]
    assert (there.who, there.due) == ("Harbour Joinery c2", "2026-05-05")
    assert there.open == there.gross - 5


@row(Feature.INVOICES_OUT)
async def test_by_policy_what_is_paid_is_taken_off_and_applied_again(desk: Desk) -> None:
    """Where the vendor refuses the change of what is paid; the payment stays one of the product's,
    and it is told nothing."""
    await part_paid(desk)
    await acts.policy(desk.world, paid_edits="reapply")
    wanted = invoice("i1", [LINES[2], LINES[0]]).model_dump(mode="json")
    await desk.edit("invoice", "i1", lines=wanted["lines"], totals=wanted["totals"])
    await desk.edit("invoice", "i1", due_date="2026-05-05")
    books = await desk.proven()
    assert [(one.amount, one.shares) for one in books.payments] == [(FIVE, (("INV-i1", FIVE),))]
    there = books.invoices["INV-i1"]
    assert [one.text for one in there.lines] == ["Brass hinge l3", "Brass hinge l1"]
    assert (there.due, there.open) == ("2026-05-05", there.gross - 5)
    assert await acts.changed(desk.world, "payment", "y1") == []


async def part_paid(desk: Desk) -> None:
    """Five of an invoice of three lines are paid."""
    await desk.save(contact("c1"), contact("c2"), invoice("i1", LINES))
    await desk.save(payment(invoice("i1"), amount=FIVE))


async def edited(desk: Desk, number: int, what: str, **changes: Any) -> None:
    """The product's user changes it. Where the vendor takes no such change of what is paid, it is
    held with the reason; he voids the payment, the change goes, and he enters the payment anew."""
    revision = await acts.edit(desk.world, "invoice", "i1", **changes)
    if what not in desk.ledger.edits_paid:
        assert_told(await desk.held("invoice", "i1"), "paid")
        last = (await acts.of_product(desk.world, "payment"))[-1]["entity"]["id"]
        await desk.edit("payment", last, status="void")
    await desk.world.settled("invoice", "i1", revision)
    if what not in desk.ledger.edits_paid:
        who = changes.get("customer", "c1")
        await desk.save(payment(of_customer(who), f"{last}{number}", amount=FIVE))


def of_customer(who: str) -> Invoice:
    return invoice("i1", customer=who)


# Row 20


@row(Feature.VOID_AND_DELETE)
async def test_what_is_deleted_is_gone_and_what_is_voided_is_not(desk: Desk) -> None:
    """On either side, where the vendor has both."""
    await desk.save(contact(), *(invoice(f"i{n}") for n in range(1, 6)))
    await desk.edit("invoice", "i1", status="void")
    await desk.delete("i2")
    offered = [await ended_there(desk, n, how) for n, how in ((3, "void"), (4, "delete"))]
    await desk.come_back()
    now = {n: await desk.world.product("invoice", f"i{n}") for n in (3, 4)}
    assert [status(now[3]), status(now[4])] == [
        how if there else "approved" for how, there in zip(("void", None), offered, strict=True)
    ]
    books = await desk.proven()
    voided = {number for number, one in books.invoices.items() if one == VOID}
    assert voided == {"INV-i1"} | ({"INV-i3"} if offered[0] else set())
    assert "INV-i2" not in books.invoices


def status(book: Json) -> str | None:
    """None: it is deleted."""
    return (book["entity"] or {}).get("status") if book else None


async def ended_there(desk: Desk, number: int, how: str) -> bool:
    """The bookkeeper voids or deletes it; whether the vendor has that."""
    act = desk.ledger.void if how == "void" else desk.ledger.delete
    try:
        await act("invoice", f"INV-i{number}")
    except NotOffered:
        return False
    return True


@row(Feature.VOID_AND_DELETE)
async def test_a_locked_period_holds_what_is_dated_in_it_until_it_is_open(desk: Desk) -> None:
    """A void, an edit and a new invoice, tried again twice: held with choices, and not written.
    One is re-dated, for the others the bookkeeper opens the period again."""
    await desk.save(contact(), invoice("i1"), invoice("i2"))
    await desk.ledger.lock(LOCKED)
    await desk.come_back()
    await acts.edit(desk.world, "invoice", "i1", status="void")
    await acts.edit(desk.world, "invoice", "i2", due_date="2026-05-05")
    late = desk.at_home(invoice("i3")).model_dump(mode="json")
    await acts.post(desk.world, late)
    for _ in range(2):
        for entity in ("i1", "i2", "i3"):
            assert_told(await desk.held("invoice", entity), "period-locked")
        await desk.world.command(Retry(**acts.order(desk.world)))
        await acts.caught_up(desk.world)
    assert set((await desk.ledger.books()).invoices) == {"INV-i1", "INV-i2"}
    await desk.edit("invoice", "i3", issue_date=OPEN, due_date=OPEN)
    await desk.ledger.lock("2025-12-31")
    await desk.world.command(Retry(**acts.order(desk.world)))
    for entity in ("i1", "i2"):
        await desk.world.settled("invoice", entity, 2)
    books = await desk.proven()
    assert books.invoices["INV-i1"] == VOID
    assert books.invoices["INV-i2"].due == "2026-05-05"
    assert books.invoices["INV-i3"].date == OPEN


def assert_told(lane: Json, reason: str) -> None:
    """It is held for this, in words that say what happened and what to do."""
    assert lane["hold"] == reason, lane
    assert lane["hold_sentence"]
    assert lane["hold_action"]
