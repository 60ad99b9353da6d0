"""Row 24: the product's locations are the ledger's classes, tracking options or jobs."""

from collections.abc import Mapping

from contracts.features import Feature
from contracts.messages import MappingAlert
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.world import Json
from tests.matrix.cells import row
from tests.matrix.conftest import connect
from tests.matrix.desk import Desk
from tests.matrix.ledgers.places import PLACES, Places

THREE = (line("l1"), line("l2", location="South"), line("l3"))


@row(Feature.LOCATION)
async def test_a_location_of_the_header_and_of_a_line_there_and_back(unconnected: Desk) -> None:
    """The header's is that of every line without one of its own; what is edited here goes out,
    what the bookkeeper moves comes back."""
    desk, places = unconnected, places_of(unconnected)
    named = await places.keep("North", "South")
    await connect(desk)
    await mapped(desk, named)
    await desk.save(contact(), invoice("i1", THREE, location="North"))
    books = await desk.proven()
    assert [one.place for one in books.invoices["INV-i1"].lines] == ["North", "South", "North"]
    await desk.edit("invoice", "i1", location="South")
    books = await desk.proven()
    assert [one.place for one in books.invoices["INV-i1"].lines] == ["South", "South", "South"]
    await places.move("INV-i1", 0, "North")
    books = await desk.proven()
    assert [one.place for one in books.invoices["INV-i1"].lines] == ["North", "South", "South"]


@row(Feature.LOCATION)
async def test_a_location_that_is_mapped_to_nothing_is_a_question(unconnected: Desk) -> None:
    """It is held with what it could be; once somebody has chosen, it goes on by itself."""
    desk = unconnected
    named = await places_of(desk).keep("North", "South")
    await connect(desk)
    await desk.save(contact())
    await acts.post(desk.world, wire(desk, location="harbour"))
    held = await desk.held("invoice", "i1")
    assert held["hold"] == "unmapped"
    assert "'harbour'" in held["hold_sentence"]
    assert "North" in held["hold_sentence"]
    assert "ledgerbridge map tracking" in held["hold_action"]
    await desk.world.map("tracking", "harbour", named["North"])
    await mapped(desk, named)
    await desk.world.settled("invoice", "i1")
    ours, theirs = await desk.both()
    assert {one.place for one in theirs.invoices["INV-i1"].lines} == {"North", "South"}
    await desk.edit("invoice", "i1", location="North")
    assert (await desk.proven()).invoices.keys() == ours.invoices.keys()


@row(Feature.LOCATION)
async def test_a_company_that_has_no_places_is_told_of(unconnected: Desk) -> None:
    """The invoice goes out without; that its location has no place there is told once."""
    desk = unconnected
    await places_of(desk).keep_none()
    await connect(desk)
    desk.placed = False
    await desk.save(contact(), invoice("i1", THREE, location="North"), invoice("i2", THREE))
    told = await alerts(desk)
    assert sorted(alert["local"] for alert in told) == ["North", "South"]
    for alert in told:
        assert "has no place" in alert["sentence"]
        assert alert["action"]
    await desk.proven()
    assert len(await alerts(desk)) == len(told)


def places_of(desk: Desk) -> Places:
    return PLACES[desk.world.provider](desk.world)


async def mapped(desk: Desk, named: Mapping[str, str]) -> None:
    """The product's word for a place is its name there."""
    for name, external in named.items():
        await desk.world.map("tracking", name, external)


async def alerts(desk: Desk) -> list[Json]:
    """What the product has been told of its mappings."""
    await acts.caught_up(desk.world)
    url = f"{desk.world.stack.url('reference_product')}/notices"
    answer = await desk.world.http.get(url, params={"tenant": desk.world.tenant})
    return [one for one in answer.json()["notices"] if one["event"] == MappingAlert.EVENT]


def wire(desk: Desk, **fields: str) -> Json:
    """The invoice over three lines."""
    return desk.at_home(invoice("i1", THREE, **fields)).model_dump(mode="json")
