"""Invoice batches: the product is told how far each has come, and the last word is right."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.messages import BatchClosed, BatchRef
from libs.testing.builders import contact, invoice, line
from tests.flows.world import World

FIGURES = ("total", "synced", "held", "needs_you", "skipped", "closed")
Progress = dict[str, Any]


async def progress(world: World, batch: str) -> Progress | None:
    """The newest figures of a batch that the product has taken in."""
    url = f"{world.stack.url('reference_product')}/batches"
    answer = await world.http.get(url, params={"tenant": world.tenant})
    found = [b for b in answer.json()["batches"] if b["batch"] == batch]
    return {name: found[0][name] for name in FIGURES} if found else None


async def comes_to(world: World, batch: str, **wanted: Any) -> None:
    """Wait for these figures; those not named are 0."""
    figures = {**dict.fromkeys(FIGURES, 0), "closed": True, **wanted}

    async def look() -> bool:
        return await progress(world, batch) == figures

    try:
        await world.until(look, f"{figures}")
    except AssertionError as error:
        raise AssertionError(f"{await progress(world, batch)} and not {figures}") from error


def closed(world: World, batch: str, *documents: str) -> BatchClosed:
    return BatchClosed(
        tenant=world.tenant,
        batch=BatchRef(id=batch, made_at=datetime.now(UTC)),
        documents=documents,
    )


async def test_progress_of_a_batch_counts_what_became_of_each(world: World) -> None:
    """Of five invoices two are synced, one is held for an unknown tax code, one is refused by the
    ledger, one waits for its customer; when that and the mapping come, only the refused one needs
    a person."""
    await world.connect()
    await world.map("tax_code", "WRONG", "NOSUCHTAX")
    await world.put(contact("c1"))
    members = [
        invoice("i1"),
        invoice("i2"),
        invoice("i3", [_taxed("EXEMPT")]),
        invoice("i4", [_taxed("WRONG")]),
        invoice("i5", customer="c5"),
    ]
    await world.publish([world.event(one, batch="b1") for one in members])
    await world.publish([closed(world, "b1", *(one.id for one in members))])
    await comes_to(world, "b1", total=5, synced=2, held=1, needs_you=1)
    await world.map("tax_code", "EXEMPT", "NONE")
    await world.put(contact("c5"))
    await comes_to(world, "b1", total=5, synced=4, needs_you=1)


async def test_a_batch_closed_before_its_members_arrive(world: World) -> None:
    """The word that it is closed comes first: its total is known from the first member on."""
    await world.connect()
    await world.put(contact("c1"))
    await world.publish([closed(world, "b1", "i1", "i2", "i3")])
    await world.publish([world.event(invoice("i1"), batch="b1")])
    await comes_to(world, "b1", total=3, synced=1)
    await world.publish([world.event(invoice(f"i{n}"), batch="b1") for n in (2, 3)])
    await comes_to(world, "b1", total=3, synced=3)


async def test_a_batch_that_is_not_closed_says_so(world: World) -> None:
    await world.connect()
    await world.put(contact("c1"))
    await world.publish([world.event(invoice("i1"), batch="b1")])
    await comes_to(world, "b1", total=1, synced=1, closed=False)
    await world.publish([closed(world, "b1", "i1")])
    await comes_to(world, "b1", total=1, synced=1)


async def test_a_batch_made_before_the_connection_is_skipped_whole(world: World) -> None:
    await world.connect()
    await world.put(contact("c1"))
    made = datetime.now(UTC) - timedelta(hours=1)
    puts = [world.event(invoice(f"i{n}"), batch="b1", made_at=made) for n in (1, 2)]
    await world.publish(puts)
    await world.publish([closed(world, "b1", "i1", "i2")])
    await comes_to(world, "b1", total=2, skipped=2)
    assert await world.live("Invoices") == []


async def test_a_finished_batch_is_told_anew_when_a_member_is_edited_and_held(
    world: World,
) -> None:
    """All synced and closed; then an edit of a member is held. The figures follow, and come back
    when it has been mended."""
    await world.connect()
    await world.put(contact("c1"))
    await world.publish([world.event(invoice("i1"), batch="b1"), closed(world, "b1", "i1")])
    await comes_to(world, "b1", total=1, synced=1)
    await world.publish([world.event(invoice("i1", [_taxed("EXEMPT")]), 2, batch="b1")])
    await comes_to(world, "b1", total=1, held=1)
    await world.map("tax_code", "EXEMPT", "NONE")
    await comes_to(world, "b1", total=1, synced=1)


def _taxed(code: str) -> Any:
    return line("l1", tax_code=code)
