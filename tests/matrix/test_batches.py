"""Row 28: invoice batches, and how far each has come."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.entities import Entity
from contracts.features import Feature
from contracts.messages import BatchClosed, BatchRef, MoveStart, Retry
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.matrix.cells import row
from tests.matrix.desk import Desk

FIGURES = ("total", "synced", "held", "needs_you", "skipped", "closed")
BATCH = "March"


@row(Feature.INVOICE_BATCHES)
async def test_progress_counts_what_became_of_each_member(desk: Desk) -> None:
    """Of five invoices two are synced, one is held for an unknown tax code, one is late (its
    customer is not there yet) and one is refused; each resumes, and the batch is done."""
    await desk.save(contact("c1"))
    members = [
        invoice("i1"),
        invoice("i2"),
        invoice("i3", [line("l1", tax_code="EXEMPT")]),
        invoice("i4", customer="c4"),
    ]
    await put(desk, members)
    await close(desk, ["i1", "i2", "i3", "i4", "i5"])
    await comes_to(desk, total=5, synced=2, held=1)
    async with desk.refusals():
        await put(desk, [invoice("i5")])
        await comes_to(desk, total=5, synced=2, held=1, needs_you=1)
    await desk.world.map("tax_code", "EXEMPT", desk.ledger.untaxed["tax_code/0 %"])
    await comes_to(desk, total=5, synced=3, needs_you=1)
    await desk.save(contact("c4"))
    await comes_to(desk, total=5, synced=4, needs_you=1)
    again = Retry(**acts.order(desk.world), type=EntityType.INVOICE, entity="i5")
    await desk.world.command(again)
    await comes_to(desk, total=5, synced=5)
    books = await desk.proven()
    assert set(books.invoices) == {f"INV-i{n}" for n in range(1, 6)}
    await comes_to(desk, total=5, synced=5)


@row(Feature.INVOICE_BATCHES)
async def test_a_batch_is_closed_before_its_members_arrive(desk: Desk) -> None:
    """Its total is known from the first on; an edit of a member of the finished batch that is
    held is told anew, and so is its end."""
    await desk.save(contact("c1"))
    await close(desk, ["i1", "i2"])
    await put(desk, [invoice("i1")])
    await comes_to(desk, total=2, synced=1)
    await put(desk, [invoice("i2")])
    await comes_to(desk, total=2, synced=2)
    wanted = invoice("i2", [line("l1", tax_code="EXEMPT")]).model_dump(mode="json")
    await acts.edit(desk.world, "invoice", "i2", lines=wanted["lines"], totals=wanted["totals"])
    await comes_to(desk, total=2, synced=1, held=1)
    await desk.world.map("tax_code", "EXEMPT", desk.ledger.untaxed["tax_code/0 %"])
    await comes_to(desk, total=2, synced=2)
    await desk.proven()


@row(Feature.INVOICE_BATCHES)
async def test_a_batch_made_before_the_connection_is_not_synced_and_says_so(desk: Desk) -> None:
    """Not the whole of it, whenever its members were made; an earlier start takes it."""
    await desk.save(contact("c1"))
    made = datetime.now(UTC) - timedelta(hours=1)
    await put(desk, [invoice("i1"), invoice("i2")], made)
    await close(desk, ["i1", "i2"], made)
    await comes_to(desk, total=2, skipped=2)
    for entity in ("i1", "i2"):
        told = await desk.world.told("invoice", entity, "entity.held")
        assert told["reason"] == "before-connection"
        assert "before the connection" in told["sentence"]
    assert (await desk.ledger.books()).invoices == {}
    earlier = MoveStart(**acts.order(desk.world), starts_at=made - timedelta(minutes=1))
    await desk.world.command(earlier)
    await comes_to(desk, total=2, synced=2)
    books = await desk.proven()
    assert set(books.invoices) == {"INV-i1", "INV-i2"}


async def put(desk: Desk, members: Sequence[Entity], made: datetime | None = None) -> None:
    """The product's user saves these as members of the batch."""
    batch = BatchRef(id=BATCH, made_at=made or datetime.now(UTC))
    for one in map(desk.at_home, members):
        body = {
            "tenant": desk.world.tenant,
            "entity": one.model_dump(mode="json"),
            "batch": batch.model_dump(mode="json"),
        }
        url = f"{desk.world.stack.url('reference_product')}/entities"
        answer = await desk.world.http.post(url, json=body)
        assert answer.status_code == 201, answer.text


async def close(desk: Desk, documents: Sequence[str], made: datetime | None = None) -> None:
    """The product says that no more join."""
    batch = BatchRef(id=BATCH, made_at=made or datetime.now(UTC))
    said = BatchClosed(tenant=desk.world.tenant, batch=batch, documents=tuple(documents))
    await desk.world.publish([said])


async def comes_to(desk: Desk, **wanted: Any) -> None:
    """Wait until the product has been told these figures; those not named are 0."""
    figures = {**dict.fromkeys(FIGURES, 0), "closed": True, **wanted}
    seen: list[Any] = []

    async def look() -> bool:
        seen[:] = [await progress(desk)]
        return seen == [figures]

    try:
        await desk.world.until(look, f"{figures}")
    except AssertionError as error:
        raise AssertionError(f"{seen} and not {figures}") from error


async def progress(desk: Desk) -> dict[str, Any] | None:
    """The newest figures that the product has taken in."""
    url = f"{desk.world.stack.url('reference_product')}/batches"
    answer = await desk.world.http.get(url, params={"tenant": desk.world.tenant})
    found = [b for b in answer.json()["batches"] if b["batch"] == BATCH]
    return {name: found[0][name] for name in FIGURES} if found else None
