"""Rows 1, 9, 10, 18 and 20: invoices out and in, free ones, voided and deleted ones."""

from decimal import Decimal

from contracts.entities import Line
from contracts.features import Feature
from libs.testing.builders import contact, invoice, line, payment
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.ledger import NotOffered
from tests.matrix.seen import VOID

ONE, TEN, FORTY = Decimal(1), Decimal(10), Decimal(40)


@row(Feature.LIVE_OUT)
async def test_what_is_saved_here_is_there_at_once(desk: Desk) -> None:
    await desk.save(contact(), invoice("i1"), invoice("i2"))
    books = await desk.proven()
    assert set(books.invoices) == {"INV-i1", "INV-i2"}


@row(Feature.INVOICES_OUT)
async def test_every_edit_of_an_open_invoice_goes_out(desk: Desk) -> None:
    """A line added, removed, re-ordered; customer and due date changed."""
    lines = [line("l1"), line("l2"), line("l3")]
    await desk.save(contact("c1"), contact("c2"), invoice("i1", lines))
    await edit_lines(desk, [*lines, line("l4", description="Call-out")])
    await edit_lines(desk, [lines[0], lines[2]])
    await edit_lines(desk, [lines[2], lines[0]])
    await desk.edit("invoice", "i1", customer="c2")
    await desk.edit("invoice", "i1", due_date="2026-05-05")
    books = await desk.proven()
    there = books.invoices["INV-i1"]
    assert [one.text for one in there.lines] == ["Brass hinge l3", "Brass hinge l1"]
    assert (there.who, there.due) == ("Harbour Joinery c2", "2026-05-05")


@row(Feature.INVOICES_IN)
async def test_every_edit_made_there_comes_in(desk: Desk) -> None:
    """The same list, made by the bookkeeper; and an invoice made there."""
    await desk.save(contact("c1"), contact("c2"), invoice("i1", [line("l1"), line("l2")]))
    ledger = desk.ledger
    await ledger.edit_invoice("INV-i1", line=0, price=Decimal(30))
    await desk.come_back()
    await ledger.edit_invoice("INV-i1", more=[("Call-out", ONE, FORTY)])
    await desk.come_back()
    await ledger.edit_invoice("INV-i1", less=[1])
    await desk.come_back()
    await ledger.edit_invoice("INV-i1", due="2026-05-05", customer="Harbour Joinery c2")
    await ledger.add_invoice("THERE-1", "Harbour Joinery c1", [("Made there", ONE, TEN)])
    books = await desk.proven()
    there = books.invoices["INV-i1"]
    assert [(one.text, one.price) for one in there.lines] == [
        ("Brass hinge l1", Decimal(30)),
        ("Call-out", FORTY),
    ]
    assert (there.who, there.due) == ("Harbour Joinery c2", "2026-05-05")
    assert books.invoices["THERE-1"].gross == TEN


@row(Feature.ZERO_INVOICES)
async def test_an_invoice_of_nothing_is_one(desk: Desk) -> None:
    """100 % discount, prices of zero, and lines that cancel out: settled, and not void."""
    free = line("l1", discount_percent=Decimal(100))
    zero = line("l1", unit_price=Decimal(0))
    plus, minus = line("l1", quantity=ONE), line("l2", quantity=-ONE)
    await desk.save(
        contact(),
        invoice("i1", [free]),
        invoice("i2", [zero]),
        invoice("i3", [plus, minus]),
    )
    books = await desk.proven()
    for number in ("INV-i1", "INV-i2", "INV-i3"):
        assert books.invoices[number] != VOID
        assert books.invoices[number].gross == 0


@row(Feature.VOID_AND_DELETE)
async def test_void_and_delete_go_both_ways_and_stay_different(desk: Desk) -> None:
    """Also of a paid one: held with the reason, or its payment is credit from now on."""
    await desk.save(contact(), *(invoice(f"i{n}") for n in range(1, 5)))
    await desk.edit("invoice", "i1", status="void")
    ended = await ended_there(desk, "INV-i2")
    await desk.come_back()
    book = await desk.world.product("invoice", "i2")
    assert (book and book["entity"]["status"]) == ended
    await desk.save(payment(invoice("i3")))
    await voided_paid(desk, "i3")
    await desk.edit("payment", "y1", status="void")
    await desk.world.settled("invoice", "i3", 2)
    books = await desk.proven()
    voided = {number for number, one in books.invoices.items() if one == VOID}
    assert voided == {"INV-i1", "INV-i3"} | ({"INV-i2"} if ended else set())
    assert books.invoices["INV-i4"].open == books.invoices["INV-i4"].gross


async def voided_paid(desk: Desk, entity: str) -> None:
    """The product's user voids what is paid: as the vendor has it."""
    revision = await acts.edit(desk.world, "invoice", entity, status="void")
    if desk.ledger.voids_paid:
        await desk.world.settled("invoice", entity, revision)
        [money] = (await desk.proven()).payments
        assert (money.shares, money.rest) == ((), money.amount)
    else:
        held = await desk.held("invoice", entity)
        assert held["hold_sentence"]
        assert held["hold_action"]


async def ended_there(desk: Desk, number: str) -> str | None:
    """The bookkeeper voids it, or deletes it where nothing is voided; what the product has then."""
    try:
        await desk.ledger.void("invoice", number)
    except NotOffered:
        await desk.ledger.delete("invoice", number)
        return None
    return "void"


async def edit_lines(desk: Desk, lines: list[Line]) -> None:
    """The product's user saves these lines instead."""
    wanted = invoice("i1", lines).model_dump(mode="json")
    await desk.edit("invoice", "i1", lines=wanted["lines"], totals=wanted["totals"])
