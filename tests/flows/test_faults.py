"""Answers lost, late or refused, and a connector that dies: one record each all the same."""

import asyncio
import os
import random
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Allocation, Invoice
from libs.testing.builders import contact, invoice, line, payment
from tests.flows.counting import one_each, posted, struck, writes_to
from tests.flows.world import Json, World

LATE = 5.0
"""Seconds a hung call takes: past our timeout, within the time an outcome stays quiet."""
UNKNOWN: dict[str, dict[str, Any]] = {
    "lose-answer": {},
    "error-after": {"status": 500},
    "error-before": {"status": 503},
    "hang": {"seconds": LATE},
}


def sold(number: int, **fields: Any) -> Invoice:
    """Every other one is numbered by the ledger: nothing but our marker tells it then."""
    named = f"INV-{number}" if number % 2 else ""
    return invoice(
        f"i{number}", [line("l1", unit_price=Decimal(number + 1))], number=named, **fields
    )


async def put_waiting(world: World, invoices: Sequence[Invoice]) -> None:
    """File invoices of a contact that is yet to come: once it has come they go as one call."""
    await world.publish(world.event(one) for one in invoices)

    async def look() -> bool:
        held = [await world.record("invoice", one.id) for one in invoices]
        return all(record.get("received") for record in held)

    await world.until(look, "the invoices to be filed")


async def all_settled(world: World, invoices: Sequence[Invoice], revision: int = 1) -> None:
    await asyncio.gather(*(world.settled("invoice", one.id, revision) for one in invoices))


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_a_create_of_unknown_outcome(world: World, fault: str) -> None:
    """One invoice goes out. The ledger stores it (error-before: does not), and we are not told;
    with `hang` it stores it after we gave up. We look, and write it only if it is not there."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    await world.fault(fault, method="PUT", path="/Invoices", **UNKNOWN[fault])
    await world.put(sold(2))
    record = await world.settled("invoice", "i2")
    await one_each(world, ["i2"])
    sent = await writes_to(world, "Invoices")
    assert len(sent) == (2 if fault == "error-before" else 1)
    assert [call["verb"] for call in record["calls"]] == ["create"]


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_a_bulk_create_of_unknown_outcome(world: World, fault: str) -> None:
    """The same with a call of many: each lane finds its own, none is written twice."""
    await world.connect()
    many = [sold(n) for n in range(6)]
    await put_waiting(world, many)
    await world.fault(fault, method="PUT", path="/Invoices", **UNKNOWN[fault])
    await world.put(contact())
    await all_settled(world, many)
    await one_each(world, [one.id for one in many])
    [spoilt] = await struck(world, fault)
    assert fault == "error-before" or spoilt["elements"] > 1


@pytest.mark.parametrize("fault", ["lose-answer", "hang"])
async def test_a_create_whose_answer_is_lost_then_a_newer_put(world: World, fault: str) -> None:
    """The answer of revision 1 never comes; revision 2 is filed before that is found out. It
    first finds what became of the create, and then edits that invoice."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    await world.fault(fault, method="PUT", path="/Invoices", **UNKNOWN[fault])
    await world.put(sold(2))
    await struck(world, fault)
    await world.put(sold(2, due_date="2026-05-05"), revision=2)
    await world.settled("invoice", "i2", 2)
    there = await one_each(world, ["i2"])
    assert there["i2"]["DueDateString"].startswith("2026-05-05")
    assert len(await writes_to(world, "Invoices")) == 1
    assert len(await writes_to(world, "Invoices", "POST")) == 1


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_an_edit_of_unknown_outcome(world: World, fault: str) -> None:
    """An update whose answer is lost is read, and written again only if it did not happen."""
    await world.connect()
    await world.put(sold(1), included=[(contact(), 1)])
    await world.settled("invoice", "i1")
    await world.fault(fault, method="POST", path="/Invoices", **UNKNOWN[fault])
    await world.put(sold(1, due_date="2026-05-05"), revision=2)
    await world.settled("invoice", "i1", 2)
    there = await one_each(world, ["i1"])
    assert there["i1"]["DueDateString"].startswith("2026-05-05")
    sent = await writes_to(world, "Invoices", "POST")
    assert len(sent) == (2 if fault == "error-before" else 1)


async def test_killed_while_a_bulk_call_is_under_way(world: World) -> None:
    """The connector dies between call and settle; the ledger stores the six invoices after that.
    The next one waits until nothing of the call can be on its way, looks, and finds all six."""
    await world.connect()
    many = [sold(n) for n in range(6)]
    await put_waiting(world, many)
    await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0)
    await world.put(contact())
    await struck(world, "hang")
    await world.kill_connector()
    await world.start_connector()
    await all_settled(world, many)
    await one_each(world, [one.id for one in many])
    # In one call or two: each of them was sent once.
    assert sum(write["elements"] for write in await writes_to(world, "Invoices")) == len(many)


async def test_a_bulk_call_killed_half_known_and_claimed_in_another_composition(
    world: World,
) -> None:
    """Of six invoices the ledger stores two, then the line is cut and the connector dies. While it
    is dead, newer puts of some come, and further invoices. Afterwards each stands there once, as
    its newest put has it."""
    await world.connect()
    many = [sold(n) for n in range(6)]
    await put_waiting(world, many)
    await world.fault("partial", method="PUT", path="/Invoices", after_elements=2)
    await world.put(contact())
    await struck(world, "partial")
    await world.kill_connector()
    assert len(await world.live("Invoices")) == 2
    newer = [sold(n, due_date="2026-05-05") for n in (0, 2, 3)]
    await world.publish(world.event(one, 2) for one in newer)
    further = [sold(n) for n in (6, 7)]
    await world.publish(world.event(one) for one in further)
    await world.start_connector()
    await all_settled(world, [*many, *further])
    await all_settled(world, newer, 2)
    there = await one_each(world, [one.id for one in (*many, *further)])
    edited = {e for e, record in there.items() if record["DueDateString"][:10] == "2026-05-05"}
    assert edited == {"i0", "i2", "i3"}


async def test_killed_while_the_answers_are_being_settled(world: World) -> None:
    """All forty are stored; the connector dies when it has noted some of them. Nothing is sent
    again: what was noted is known, the rest is found."""
    await world.connect()
    many = [sold(n) for n in range(40)]
    await put_waiting(world, many)
    await world.put(contact())
    await world.until(lambda: _some_settled(world), "the first invoice to be settled")
    await world.kill_connector()
    await world.start_connector()
    await all_settled(world, many)
    await one_each(world, [one.id for one in many])
    assert sum(row["elements"] for row in await writes_to(world, "Invoices")) == len(many)


async def test_a_throttled_call_waits_and_is_no_attempt(world: World) -> None:
    """Two answers of 429, each with its Retry-After: the connection waits, and nothing is lost,
    doubled or counted as a failure of the invoice."""
    await world.connect()
    await world.put(contact())
    await world.settled("contact", "c1")
    await world.fault("throttle", method="PUT", path="/Invoices", seconds=2, times=2)
    await world.put(sold(1))
    await world.until(lambda: _waits(world), "the connection to wait")
    assert (await world.record("invoice", "i1"))["attempts"] == 0
    await world.settled("invoice", "i1")
    await one_each(world, ["i1"])
    answers = [row["status"] for row in await writes_to(world, "Invoices")]
    assert answers == [429, 429, 200]
    told = [event for event, _ in await world.events("invoice", "i1")]
    assert told == ["entity.settled"]


async def test_two_equal_payments_one_never_sent(world: World) -> None:
    """Two halves of an invoice, alike to the cent and the day, and a third the bookkeeper has
    entered. The answer of the first is lost, the second is never stored: each finds its own by our
    marker or is sent, and takes none of the others for it."""
    await world.connect()
    whole = invoice("i1", [line(unit_price=Decimal(45))])
    await world.put(whole, included=[(contact(), 1)])
    await world.settled("invoice", "i1")
    [there] = await world.live("Invoices")
    await world.bookkeeper("pay", "Invoices", there["InvoiceID"], amount=30, date="2026-03-02")
    third = {"amount": Decimal(30), "allocations": (Allocation(document="i1", amount=Decimal(30)),)}
    await world.fault("lose-answer", method="PUT", path="/Payments")
    await world.put(payment(whole, "y1", **third))
    await struck(world, "lose-answer")
    await world.fault("error-before", method="PUT", path="/Payments")
    await world.put(payment(whole, "y2", **third))
    bound = [await _payment(world, entity) for entity in ("y1", "y2")]
    paid = [record["PaymentID"] for record in await world.live("Payments")]
    assert len(paid) == 3
    assert len(set(bound) & set(paid)) == 2
    [there] = await world.live("Invoices")
    assert (there["AmountDue"], there["Status"]) == (0, "PAID")


async def _payment(world: World, entity: str) -> str:
    [part] = (await world.settled("payment", entity))["parts"]
    return str(part["external_id"])


async def _waits(world: World) -> bool:
    [connection] = (await world.status())["connections"]
    return bool(connection["hold"])


async def _some_settled(world: World) -> bool:
    [connection] = (await world.status())["connections"]
    lanes = {
        lane["type"]: lane["n"] for lane in connection["lanes_by_type"] if lane["state"] == "bound"
    }
    return bool(lanes.get("invoice"))


# A random schedule of all of it

CREATES = [{"method": "PUT", "path": "/Invoices"}, {"method": "PUT", "path": "/Contacts"}]
TARGETS = [
    *CREATES,
    {"method": "POST", "path": "/Invoices"},
    {"method": "GET", "path": "/Invoices"},
]
SPOILT: list[dict[str, Any]] = [
    {"fault": "lose-answer"},
    {"fault": "error-after"},
    {"fault": "error-before"},
    {"fault": "hang", "seconds": LATE},
    {"fault": "hang", "seconds": 0.5, "commit": False},
    {"fault": "partial", "after_elements": 1},
    {"fault": "drop-webhooks"},
    {"fault": "double-webhooks"},
]
"""No throttle: it empties our own count of the vendor's minute, and what follows takes minutes."""


async def test_a_random_schedule_of_faults_ends_with_equal_counts(world: World) -> None:
    """25 invoices of three contacts, edits, repeats, late arrivals, faults and one kill, in an
    order that the seed decides: FLOW_SEED=n runs one again."""
    seed = int(os.environ.get("FLOW_SEED") or uuid.uuid4().int % 1_000_000)
    print(f"FLOW_SEED={seed}")  # noqa: T201 - pytest shows it where the test fails
    chance = random.Random(seed)
    await world.connect()
    newest = await _play(world, chance)
    for entity, revision in newest.items():
        await world.settled("invoice", entity, revision)
    await world.clear_faults()
    there = await one_each(world, newest)
    for entity, revision in newest.items():
        assert there[entity]["DueDateString"][:10] == _due(revision), (seed, entity)
    names = [record["Name"] for record in (await world.documents())["Contacts"]]
    assert sorted(names) == [f"Harbour Joinery c{n}" for n in range(3)]
    assert sum((await posted(world, "accrec ")).values()) == len(newest)


async def _play(world: World, chance: random.Random) -> dict[str, int]:
    """Publish in a random order, with a fault in every third step; each invoice's last revision."""
    puts = [(n, revision) for n in range(25) for revision in range(1, chance.choice((2, 2, 3, 4)))]
    steps: list[Any] = [*puts, *chance.sample(puts, 8), *(f"c{n}" for n in range(3)), None]
    chance.shuffle(steps)
    for step in steps:
        if chance.random() < 0.3:
            await world.fault(**_spoilt(chance))
        if step is None:
            await world.kill_connector()
            await world.start_connector()
        elif isinstance(step, str):
            await world.put(contact(step))
        else:
            number, revision = step
            customer = f"c{number % 3}"
            await world.put(sold(number, customer=customer, due_date=_due(revision)), revision)
    return {f"i{n}": max(r for m, r in puts if m == n) for n in range(25)}


def _spoilt(chance: random.Random) -> Json:
    fault = chance.choice(SPOILT)
    target = {} if fault["fault"].endswith("webhooks") else chance.choice(TARGETS)
    target = chance.choice(CREATES) if fault["fault"] == "partial" else target
    return {"name": fault["fault"], **{k: v for k, v in fault.items() if k != "fault"}, **target}


def _due(revision: int) -> str:
    return f"2026-04-{revision:02}"
