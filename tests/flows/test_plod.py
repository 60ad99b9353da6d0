"""The kernel is not Xero in disguise: flows against an invented provider of opposite traits."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.entities import Address, Entity, Invoice, Line, TaxMode
from contracts.messages import EntityDeleted, SyncNow
from contracts.values import EntityType
from libs.connector.states import local_id
from libs.testing.builders import contact, credit_note, invoice, item, line, payment
from services.ops.processes import LocalStack
from tests.flows.stack import new_world, running
from tests.flows.world import World

pytestmark = pytest.mark.slow

RATE = Decimal(20)
PROVIDERS = str(Path(__file__).parent.parent / "providers")
FOLDERS = ("PROVIDERS_PATH", "CONNECTORS_PATH", "SIMULATORS_PATH")
QUICK = {"SETTLES_WITHIN": "1.5", "CALL_TIMEOUT": "2"}
"""The vendor's own limit stays on: 30 calls in 10 seconds, all companies together."""


@pytest.fixture(scope="module")
def plod_stack(
    kafka_url: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """Sandbox, auth, gateway, reference product and the connector of Plod Books."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in FOLDERS:
            patch.setenv(variable, PROVIDERS)
        folder = tmp_path_factory.mktemp("plod")
        with running(folder, kafka_url, postgres_server, ["plod"], QUICK) as stack:
            yield stack


@pytest.fixture
async def plod(plod_stack: LocalStack) -> AsyncIterator[World]:
    """A tenant with a connected company of its own."""
    async with new_world(plod_stack, "plod") as world:
        if not world.connector.is_running:
            await world.start_connector()  # a test that failed had killed it
        await world.connect()
        yield world


def sold(entity: str = "i1", lines: Sequence[Line] = (), **fields: Any) -> Invoice:
    """An invoice with prices that contain tax."""
    chosen = lines or (line("l1", tax_rate=RATE), line("l2", tax_rate=RATE, quantity=Decimal(3)))
    return invoice(entity, chosen, tax_mode=TaxMode.INCLUSIVE, **fields)


async def put_all(world: World, *entities: Entity) -> None:
    """Put each and wait until all are there."""
    for one in entities:
        await world.put(one)
    for one in entities:
        await world.settled(one.type, one.id)


async def sync(world: World) -> None:
    """Sweep now, census included."""
    command = SyncNow(id=uuid.uuid4().hex, tenant=world.tenant, connection=world.connection)
    await world.command(command)


async def the_invoice(world: World) -> Any:
    [found] = (await world.documents())["invoices"]
    return found


async def test_an_invoice_goes_out_with_its_contact_and_item(plod: World) -> None:
    wanted = sold(lines=[line("l1", item="p1", tax_rate=RATE)], number="")
    await plod.put(wanted, included=[(contact(), 1), (item(), 1)])
    record = await plod.settled("invoice", "i1")
    there = await the_invoice(plod)
    books = await plod.documents()
    assert (there["total"], there["tax_total"], there["memo"]) == (
        "50.00",
        "8.33",
        record["marker"],
    )
    assert there["customer"] == books["customers"][0]["id"]
    assert there["lines"][0]["product"] == books["products"][0]["id"]
    assert record["ledger_number"] == there["number"]
    told = await plod.told("invoice", "i1", "entity.settled")
    assert told["link"] == f"https://app.plodbooks.example/i/{there['id']}"
    changed = await plod.told("invoice", "i1", "entity.changed")
    assert changed["after"]["number"] == there["number"] != ""
    assert await plod.writes() == 3


async def test_prices_before_tax_are_held_with_a_sentence(plod: World) -> None:
    await put_all(plod, contact())
    await plod.put(invoice("i1", [line(tax_rate=RATE)]))
    held = await plod.held("invoice", "i1")
    assert (held["hold"], "prices" in held["hold_sentence"]) == ("tax-mode", True)
    assert (await plod.documents())["invoices"] == []


async def test_a_credit_note_is_nothing_this_provider_has(plod: World) -> None:
    await plod.put(credit_note())
    held = await plod.held("credit_note", "n1")
    assert held["hold"] == "not-offered"


async def test_an_edit_sends_the_version_and_replaces_the_whole(plod: World) -> None:
    await put_all(plod, contact(), sold())
    before = await the_invoice(plod)
    await plod.put(sold(due_date="2026-04-20"), revision=2)
    await plod.settled("invoice", "i1", 2)
    after = await the_invoice(plod)
    assert after["due"] == "2026-04-20"
    assert after["version"] == before["version"] + 1
    assert {**after, "due": "", "version": 0, "changed": ""} == {
        **before,
        "due": "",
        "version": 0,
        "changed": "",
    }
    assert len(await plod.requests(method="PUT")) == 1


async def test_a_stale_version_is_refused_and_both_edits_survive(plod: World) -> None:
    await put_all(plod, contact(), sold())
    there = await the_invoice(plod)
    await plod.bookkeeper("edit", "invoices", there["id"], changes={"due": "2026-05-05"})
    await plod.put(sold(job="Roof"), revision=2)
    await plod.settled("invoice", "i1", 2)
    after = await the_invoice(plod)
    assert after["due"] == "2026-05-05"
    assert after["memo"].startswith("Roof lb-")
    assert [r["status"] for r in await plod.requests(method="PUT")] == [409, 200]
    changed = await plod.told("invoice", "i1", "entity.changed")
    assert changed["after"]["due_date"] == "2026-05-05"


async def test_a_field_we_have_no_word_for_survives_our_replacement(plod: World) -> None:
    await put_all(plod, contact())
    [there] = (await plod.documents())["customers"]
    await plod.bookkeeper("edit", "customers", there["id"], changes={"notes": "Rings at noon."})
    await sync(plod)
    await plod.until(lambda: _noticed(plod, "contact", "c1"), "the sweep to see it")
    await plod.put(contact(email="other@harbour.example"), revision=2)
    await plod.settled("contact", "c1", 2)
    [after] = (await plod.documents())["customers"]
    assert (after["email"], after["notes"]) == ("other@harbour.example", "Rings at noon.")
    assert [r["status"] for r in await plod.requests(method="PUT")] == [200]


async def test_the_lost_answer_of_an_invoice_is_found_by_its_marker(plod: World) -> None:
    await put_all(plod, contact())
    await plod.fault("lose-answer", method="POST", path="/invoices")
    await plod.put(sold())
    record = await plod.settled("invoice", "i1")
    there = await the_invoice(plod)
    assert [part["external_id"] for part in record["parts"]] == [str(there["id"])]
    assert len(await plod.requests(method="POST", path="/v1/invoices")) == 1


async def test_a_create_that_was_never_stored_is_found_missing_and_repeated(plod: World) -> None:
    await put_all(plod, contact())
    await plod.fault("hang", method="POST", path="/invoices", seconds=0.1, commit=False)
    await plod.put(sold())
    await plod.settled("invoice", "i1")
    await the_invoice(plod)
    assert len(await plod.requests(method="POST", path="/v1/invoices")) == 2


@pytest.mark.parametrize("fault", ["lose-answer", "error-after", "error-before"])
async def test_a_payment_of_unknown_outcome_is_never_sent_twice(plod: World, fault: str) -> None:
    await put_all(plod, contact(), sold())
    await plod.fault(fault, method="POST", path="/receipts")
    await plod.put(payment(sold()))
    held = await plod.held("payment", "y1")
    assert held["hold"] == "uncertain"
    assert "not known" in held["hold_sentence"]
    assert "ledgerbridge retry" in held["hold_action"]
    newer = payment(sold(), reference="again")
    await plod.put(newer, revision=2)
    await plod.until(lambda: _received(plod, "payment", "y1", 2), "the newer put to be filed")
    await plod.held("payment", "y1")
    assert len(await plod.requests(method="POST", path="/v1/receipts")) == 1
    stored = 0 if fault == "error-before" else 1
    assert len((await plod.documents())["receipts"]) == stored


async def test_a_record_deleted_there_is_seen_by_the_census_and_not_made_again(
    plod: World,
) -> None:
    await put_all(plod, contact(), sold())
    there = await the_invoice(plod)
    await plod.bookkeeper("delete", "invoices", there["id"])
    await sync(plod)
    told = await plod.told("invoice", "i1", "entity.gone")
    assert told["state"] == "gone"
    # The product has taken the deletion in as a revision of its own.
    await plod.put(sold(job="Roof"), revision=5)
    held = await plod.held("invoice", "i1")
    assert held["hold"] == "gone"
    assert (await plod.documents())["invoices"] == []


async def test_a_sweep_brings_an_edit_and_a_payment_of_the_bookkeeper_back(plod: World) -> None:
    await put_all(plod, contact(), sold())
    there = await the_invoice(plod)
    await plod.bookkeeper("edit", "invoices", there["id"], changes={"due": "2026-05-05"})
    record = {"invoice": there["id"], "date": "2026-03-05", "amount": "10.00", "account": "1000"}
    made = await plod.bookkeeper("add", "receipts", record=record)
    await sync(plod)
    changed = await plod.told("invoice", "i1", "entity.changed")
    assert changed["before"]["due_date"] == "2026-03-30"
    assert changed["after"]["due_date"] == "2026-05-05"
    writes = await plod.writes()
    paid = await plod.until(lambda: _payment_of(plod, str(made["id"])), "the payment")
    assert paid["allocations"] == [
        {"document": "i1", "document_type": "invoice", "amount": "10.00"}
    ]
    await plod.quiet()
    assert await plod.writes() == writes


async def test_the_first_line_taken_out_there_is_the_first_line_here(plod: World) -> None:
    three = [line(f"l{n}", quantity=Decimal(3), tax_rate=RATE) for n in (1, 2, 3)]
    await put_all(plod, contact(), sold(lines=three))
    there = await the_invoice(plod)
    left = [{k: v for k, v in one.items() if k != "no"} for one in there["lines"][1:]]
    await plod.bookkeeper("edit", "invoices", there["id"], changes={"lines": left})
    await sync(plod)
    changed = await plod.told("invoice", "i1", "entity.changed")
    assert [(one["id"], one["description"]) for one in changed["after"]["lines"]] == [
        ("l2", "Brass hinge l2"),
        ("l3", "Brass hinge l3"),
    ]


async def test_two_tenants_share_the_limit_and_both_go_on(plod_stack: LocalStack) -> None:
    many = 18
    async with new_world(plod_stack, "plod") as one, new_world(plod_stack, "plod") as other:
        for world in (one, other):
            await world.connect()
            await world.publish(world.event(sold(f"i{n}", number=f"A-{n}")) for n in range(many))
            for n in range(many):
                await world.filed("invoice", f"i{n}")
        # All wait for their contact: neither tenant has a start over the other.
        await asyncio.gather(*(world.put(contact()) for world in (one, other)))
        for world in (one, other):
            for n in range(many):
                await world.settled("invoice", f"i{n}")
        calls = [(r["at"], w) for w in (one, other) for r in await w.requests(method="POST")]
        turns = [w.tenant for _, w in sorted(calls, key=lambda call: call[0])]
        ended = _first_end(turns)
        assert min(ended.values()) >= many // 2, ended
        for world in (one, other):
            assert not [r for r in await world.requests() if r["status"] == 429]
            assert len((await world.documents())["invoices"]) == many


def _first_end(turns: Sequence[str]) -> dict[str, int]:
    """How many writes each tenant had when the first of them had all of its own."""
    whole = {name: turns.count(name) for name in set(turns)}
    done = dict.fromkeys(whole, 0)
    for name in turns:
        done[name] += 1
        if done[name] == whole[name]:
            break
    return done


async def _received(world: World, kind: str, entity: str, revision: int) -> bool:
    received = (await world.record(kind, entity)).get("received", [])
    return any(row["revision"] >= revision for row in received)


async def _noticed(world: World, kind: str, entity: str) -> bool:
    received = (await world.record(kind, entity)).get("received", [])
    return any((row["kind"], row["state"]) == ("notice", "done") for row in received)


async def _payment_of(world: World, external: str) -> Any:
    """The canonical payment the connector published for a record first seen in the ledger."""
    entity = local_id(world.connection, EntityType.PAYMENT, external)
    for name, data in await world.events("payment", entity):
        if name == "entity.changed":
            return data["after"]
    return None


# One entity, two records: a delivery address is a place of its own


def delivered(street: str = "2 Quay", **fields: Any) -> Entity:
    """A customer with a delivery address."""
    places = (Address(kind="delivery", lines=street, city="Leith"),) if street else ()
    return contact(addresses=places, **fields)


async def places_of(world: World) -> list[str]:
    """The streets of all places in the ledger."""
    return [place["street"] for place in (await world.documents())["places"]]


async def test_a_delivery_address_is_written_after_its_customer(plod: World) -> None:
    """Two calls, each committed before it is sent; a second delivery of the event makes none."""
    await put_all(plod, delivered())
    assert await places_of(plod) == ["2 Quay"]
    assert await plod.writes() == 2
    told = await plod.told("contact", "c1", "entity.settled")
    assert [part["id"].split("/")[0] for part in told["external_ids"]][1:] == ["places"]
    await plod.put(delivered("3 Quay", email="new@harbour.example"), revision=2)
    await plod.settled("contact", "c1", 2)
    [customer] = (await plod.documents())["customers"]
    assert (await places_of(plod), customer["email"]) == (["3 Quay"], "new@harbour.example")
    assert await plod.writes() == 4
    await plod.publish([plod.event(delivered("3 Quay", email="new@harbour.example"), 2)], times=2)
    await sync(plod)
    await plod.quiet()
    assert await plod.writes() == 4


@pytest.mark.parametrize("fault", ["lose-answer", "error-after"])
async def test_the_lost_answer_of_a_second_record_makes_no_third(plod: World, fault: str) -> None:
    """Neither customers nor places have a marker: the place is searched by its customer."""
    await plod.fault(fault, method="POST", path="/places")
    await put_all(plod, delivered())
    assert await places_of(plod) == ["2 Quay"]
    assert len((await plod.documents())["customers"]) == 1
    assert len(await plod.requests(method="POST", path="/places")) == 1


async def test_a_second_record_that_never_came_about_is_sent_again(plod: World) -> None:
    await plod.fault("error-before", method="POST", path="/places")
    await put_all(plod, delivered())
    assert await places_of(plod) == ["2 Quay"]


async def test_a_crash_between_the_two_calls_loses_nothing(plod: World) -> None:
    await plod.fault("hang", method="POST", path="/places", seconds=30, commit=False)
    await plod.put(delivered())
    await plod.until(lambda: plod.requests(method="POST", path="/places"), "the second call")
    await plod.kill_connector()
    await plod.start_connector()
    await plod.settled("contact", "c1")
    assert await places_of(plod) == ["2 Quay"]
    assert len((await plod.documents())["customers"]) == 1


async def test_the_bookkeeper_changes_adds_and_removes_the_second_record(plod: World) -> None:
    await put_all(plod, delivered(""))
    [customer] = (await plod.documents())["customers"]
    made = {"customer": customer["id"], "street": "9 Dock", "town": "Leith", "postcode": ""}
    there = await plod.bookkeeper("add", "places", record=made)
    await sync(plod)
    told = await plod.told("contact", "c1", "entity.changed")
    assert told["after"]["addresses"][0]["lines"] == "9 Dock"
    await plod.bookkeeper("edit", "places", there["id"], changes={"street": "10 Dock"})
    await sync(plod)
    told = await plod.told("contact", "c1", "entity.changed", 2)
    assert told["after"]["addresses"][0]["lines"] == "10 Dock"
    await plod.bookkeeper("delete", "places", there["id"])
    await sync(plod)
    told = await plod.told("contact", "c1", "entity.changed", 3)
    assert told["after"]["addresses"] == []


async def test_what_stands_beside_a_record_goes_before_it(plod: World) -> None:
    await put_all(plod, delivered())
    deleted = EntityDeleted(tenant=plod.tenant, type=EntityType.CONTACT, id="c1", revision=2)
    await plod.publish([deleted])
    await plod.settled("contact", "c1", 2)
    books = await plod.documents()
    assert (books["customers"], books["places"]) == ([], [])
