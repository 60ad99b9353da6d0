"""Reconciliation: what is lost, changed or late between product and ledger is found and named."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.entities import Allocation
from contracts.messages import Scope
from contracts.reconciliation import ReconciliationReport
from contracts.topics import ACCOUNTING_EVENTS, INVOICING_EVENTS
from contracts.values import EntityType
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.messaging.topics import Names
from libs.testing.builders import contact, credit_note, invoice, line, payment
from tests.flows import acts, xero_books
from tests.flows.commanded import ledgerbridge
from tests.flows.test_xero_overpayments import refund
from tests.flows.world import Json, World
from tests.services.connectors.xero import bought

MARCH = ("reconcile", "--period", "2026-03")
HUNDRED = (line("l1", quantity=Decimal(1), unit_price=Decimal(100)),)


async def books(world: World) -> None:
    """A company with a customer and one invoice of 100.00, the same on both sides."""
    await world.connect()
    await acts.save(world, contact(), invoice("i1", HUNDRED))
    await acts.caught_up(world)
    await acts.blind(world)


async def only(world: World, kind: str, entity: str, cause: str) -> Json:
    """The one difference, of that record and with that cause; it stands against closing.

    Nothing is written by asking, unless something is on its way by itself.
    """
    writes = await world.writes()
    report = await ledgerbridge(world, *MARCH, status=1)
    assert cause == "in_flight" or await world.writes() == writes
    assert not report["ready"]
    [one] = report["differences"]
    assert (one["type"], one["id"], one["cause"]) == (kind, entity, cause), one
    return one


def fields(difference: Json) -> Json:
    return {one["path"]: (one["product"], one["ledger"]) for one in difference["fields"]}


async def the_invoice(world: World) -> Json:
    return await acts.the(world, "Invoices", InvoiceNumber="INV-i1")


async def test_equal_sides_are_ready_and_the_report_cannot_be_changed(
    world: World, tmp_path: Path
) -> None:
    """An invoice part paid in money, in part by a credit: equal, ready, and on Kafka. The file kept
    verifies; with one figure changed it does not."""
    await world.connect()
    one, note = invoice("i1"), credit_note("n1", HUNDRED)
    given = note.model_copy(
        update={"allocations": (Allocation(document="i1", amount=Decimal(25)),)}
    )
    share = (Allocation(document="i1", amount=Decimal(40)),)
    paid = payment(one, amount=Decimal(40), allocations=share)
    await acts.save(world, contact(), one, given, paid)
    await acts.caught_up(world)
    first = await ledgerbridge(world, *MARCH)
    report = await ledgerbridge(world, *MARCH)
    assert report["ready"], report["differences"]
    assert report["differences"] == []
    rows = {row["type"]: row for row in report["rows"]}
    assert all(row["equal"] and row["name"] == "Harbour Joinery c1" for row in rows.values())
    for side in ("product", "ledger"):
        assert rows["invoice"][side] == {
            "count": 1, "net": "100.00", "tax": "0.00", "gross": "100.00",
            "paid": "65.00", "balance": "35.00",
        }  # fmt: skip
        assert rows["credit_note"][side]["balance"] == "75.00"
        assert rows["payment"][side]["gross"] == "40.00"
    assert {s["type"]: s["settled"] for s in report["states"]} == dict.fromkeys(rows, 1)
    told = await published(world)
    assert told == [ReconciliationReport.model_validate(one) for one in (first, report)]
    assert told[0].number < told[1].number
    assert (await ledgerbridge(world, "reconcile", "--period", "2026-04"))["rows"] == []
    await verified(world, report, tmp_path / "march.json")


async def verified(world: World, report: Json, file: Path) -> None:
    file.write_text(json.dumps(report, indent=2, sort_keys=True))
    assert (await ledgerbridge(world, "reconcile", "--verify", str(file)))["sound"]
    report["rows"][0]["ledger"]["gross"] = "100.01"
    file.write_text(json.dumps(report))
    found = await ledgerbridge(world, "reconcile", "--verify", str(file), status=1)
    assert not found["sound"]


async def published(world: World) -> list[ReconciliationReport]:
    """The reports on March, as they are on Kafka."""
    reader = LogReader(world.environment["KAFKA_URL"], Names(world.prefix))
    found: list[ReconciliationReport] = []
    key = f"{world.connection}/reconciliation/2026-03".encode()

    async def keep(records: Any) -> None:
        mine: list[Record] = [record for record in records if record.key == key]
        found.extend(ReconciliationReport.model_validate_json(r.value or b"") for r in mine)

    topic = ACCOUNTING_EVENTS.name
    await reader.read(topic, await reader.bounds(topic), keep)
    return found


async def test_an_event_that_was_dropped_is_missing_there(world: World) -> None:
    """While the connector is down its place in the topic is moved past a put."""
    await books(world)
    await asyncio.to_thread(world.connector.stop)
    await world.put(invoice("i2"))
    await skip_all(world)
    await world.start_connector()
    one = await only(world, "invoice", "i2", "missing_there")
    assert "never reached" in one["sentence"]
    assert "ledgerbridge replay --from" in one["action"]
    assert fields(one) == {"gross": ("100.00", None)}


async def skip_all(world: World) -> None:
    """The connector's group has read everything, it is said."""
    group = f"{world.prefix}ledgerbridge.connectors.{world.provider}.events"
    parts = [
        TopicPartition(world.prefix + INVOICING_EVENTS.name, n)
        for n in range(INVOICING_EVENTS.partitions)
    ]
    async with AIOKafkaConsumer(
        bootstrap_servers=world.environment["KAFKA_URL"], group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign(parts)
        await consumer.commit(await consumer.end_offsets(parts))


async def test_a_cent_changed_in_the_ledger_is_an_edit_and_no_rounding(world: World) -> None:
    await books(world)
    there = await the_invoice(world)
    changed = acts.lines_with(there, lambda lines: [{**lines[0], "UnitAmount": "100.01"}])
    await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=changed)
    one = await only(world, "invoice", "i1", "edited_there")
    assert fields(one)["gross"] == ("100.00", "100.01")
    assert one["external_id"] == there["InvoiceID"]
    assert "sync-now" in one["action"]
    await acts.sync(world)
    await acts.comes_back(world, "invoice", "i1")
    await acts.caught_up(world)
    assert (await ledgerbridge(world, *MARCH))["ready"]


async def test_a_line_removed_in_the_ledger(world: World) -> None:
    await world.connect()
    await acts.save(world, contact(), invoice("i1"))
    await acts.caught_up(world)
    await acts.blind(world)
    there = await the_invoice(world)
    changed = acts.lines_with(there, lambda lines: lines[:1])
    await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=changed)
    one = await only(world, "invoice", "i1", "edited_there")
    assert fields(one)["net"] == ("100.00", "50.00")


async def test_an_invoice_deleted_in_the_ledger(world: World) -> None:
    """Xero deletes drafts only, so the connection sends them."""
    await world.connect()
    await acts.policy(world, push_from="draft")
    await acts.save(world, contact(), invoice("i1", status="draft"))
    await acts.caught_up(world)
    await acts.blind(world)
    await world.bookkeeper("delete", "Invoices", (await the_invoice(world))["InvoiceID"])
    one = await only(world, "invoice", "i1", "missing_there")
    assert "deleted" in one["sentence"]


async def test_a_payment_added_in_the_ledger(world: World) -> None:
    """It is dated in April, where it is missing here; the balance of March's invoice follows."""
    await books(world)
    there = await the_invoice(world)
    paid = await world.bookkeeper(
        "pay", "Invoices", there["InvoiceID"], amount="40.00", date="2026-04-03"
    )
    local = acts.born(world, EntityType.PAYMENT, paid["PaymentID"])
    one = await only(world, "invoice", "i1", "missing_here")
    assert fields(one) == {"paid": ("0.00", "40.00"), "balance": ("100.00", "60.00")}
    assert one["follows"] == [f"payment/{local}"]
    report = await ledgerbridge(world, "reconcile", "--period", "2026-03..2026-04", status=1)
    found = {one["type"]: one for one in report["differences"]}
    assert found.keys() == {"invoice", "payment"}
    assert (found["payment"]["id"], found["payment"]["cause"]) == (local, "missing_here")
    assert fields(found["payment"]) == {"gross": (None, "40.00")}
    assert report["blockers"] == [
        "1 invoice is out of balance: what settles it is missing in the product.",
        "1 payment is missing in the product.",
    ]


async def test_an_invoice_made_in_the_ledger(world: World) -> None:
    await books(world)
    customer = (await the_invoice(world))["Contact"]["ContactID"]
    made = await world.bookkeeper("add", "Invoices", record=sale(customer, "THEIRS-1"))
    local = acts.born(world, EntityType.INVOICE, made["InvoiceID"])
    one = await only(world, "invoice", local, "missing_here")
    assert (one["number"], one["customer"]) == ("THEIRS-1", "c1")
    assert fields(one) == {"gross": (None, "30.00")}


def sale(customer: str, number: str) -> Json:
    part = {
        "Quantity": "1",
        "UnitAmount": "30.00",
        "AccountCode": "200",
        "TaxType": "ZERORATEDOUTPUT",
        "Description": "Hinges",
    }
    return {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": number,
        "Contact": {"ContactID": customer},
        "Date": "2026-03-20",
        "DueDate": "2026-03-30",
        "LineAmountTypes": "Exclusive",
        "LineItems": [part],
    }


async def test_a_document_that_is_held(world: World) -> None:
    await books(world)
    await world.put(invoice("i2", (line("l1", account="unheard-of"),)))
    lane = await world.held("invoice", "i2")
    one = await only(world, "invoice", "i2", "held")
    assert (one["sentence"], one["action"]) == (lane["hold_sentence"], lane["hold_action"])


async def test_what_was_made_before_the_connection_is_named_and_does_not_block(
    world: World,
) -> None:
    """The product's invoice is old, and so is one that the ledger has; a third, old too, is there
    on both sides under one number and counts as the same. Closing waits for none of them."""
    world.company = await world.new_company()
    who = await world.bookkeeper("add", "Contacts", record={"Name": contact().name})
    await world.bookkeeper("add", "Invoices", record=sale(who["ContactID"], "OLD-1"))
    await world.bookkeeper("add", "Invoices", record=sale(who["ContactID"], "INV-i3"))
    await world.connect(world.company)
    ago = datetime.now(UTC) - timedelta(hours=2)
    same = (line("l1", quantity=Decimal(1), unit_price=Decimal(30)),)
    day = datetime(2026, 3, 20, tzinfo=UTC).date()
    await world.put(contact())
    await world.settled("contact", "c1")
    await world.put(invoice("i2"), made_at=ago)
    await world.put(invoice("i3", same, issue_date=day), made_at=ago)
    for entity in ("i2", "i3"):
        await world.told("invoice", entity, "entity.held")
    report = await ledgerbridge(world, *MARCH)
    assert report["ready"]
    found = {one["number"]: (one["cause"], one["blocks"]) for one in report["differences"]}
    assert found == dict.fromkeys(("INV-i2", "OLD-1"), ("before_connection", False))


async def test_a_put_that_is_under_way(world: World) -> None:
    """The provider's answers hang: what is sent there is on its way, and said to be."""
    await books(world)
    await world.fault("hang", method="PUT", path="/Invoices", seconds=20, commit=False, times=99)
    await world.put(invoice("i2"))
    await world.filed("invoice", "i2")
    one = await only(world, "invoice", "i2", "in_flight")
    assert "on its way" in one["sentence"]


async def test_a_credit_note_voided_in_the_ledger(world: World) -> None:
    await books(world)
    await acts.save(world, credit_note("n1"))
    await acts.caught_up(world)
    there = await acts.the(world, "CreditNotes")
    await world.bookkeeper("void", "CreditNotes", there["CreditNoteID"])
    one = await only(world, "credit_note", "n1", "edited_there")
    assert "voided" in one["sentence"]
    assert fields(one) == {"gross": ("100.00", None)}


async def test_money_of_every_shape_is_the_same_on_both_sides(world: World) -> None:
    """One payment over two invoices (a batch there, listed in parts), one of more than was asked
    and its rest refunded, a credit note refunded, a bill paid in part."""
    await world.connect()
    names = ("i1", "i2", "i3")
    bill = bought.bill((line("l1"),))
    over = Allocation(document="i3", amount=Decimal(100))
    halves = tuple(Allocation(document=i, amount=Decimal(50)) for i in names[:2])
    owed = Allocation(document=bill.id, document_type="bill", amount=Decimal(20))
    paid = {
        "y1": {"amount": Decimal(100), "allocations": halves},
        "y2": {"amount": Decimal("105.95"), "allocations": (over,)},
        "y3": {"amount": Decimal(20), "allocations": (owed,), "direction": "paid"},
    }
    await acts.save(world, contact(supplier=True), *map(invoice, names), credit_note("n1"), bill)
    await acts.save(world, *(payment(invoice(), entity, **p) for entity, p in paid.items()))
    await acts.save(world, refund("y2", "5.95", "payment", "r2"), refund("n1", "30"))
    await acts.caught_up(world)
    report = await ledgerbridge(world, *MARCH)
    assert report["ready"]
    rows = {row["type"]: row["ledger"] for row in report["rows"]}
    assert {kind: (row["count"], row["gross"], row["balance"]) for kind, row in rows.items()} == {
        "invoice": (3, "300.00", "100.00"),
        "credit_note": (1, "100.00", "70.00"),
        "bill": (1, "50.00", "30.00"),
        "payment": (3, "225.95", "5.95"),
        "refund": (2, "35.95", "0.00"),
    }


async def test_of_two_companies_each_answers_for_its_own(world: World) -> None:
    """Two locations, two companies, a payment over an invoice of each: both are ready, and what is
    the other's is in neither's figures."""
    sides = []
    for location in ("n", "s"):
        company = await world.new_company()
        await options(world.at(company, ""), location)
        await world.connect(company, scope=Scope(locations=(location,)))
        sides.append(world.at(world.company, world.connection))
        await sides[-1].map("tracking", location, f"Region/{location}")
    await world.put(contact("c1"))
    one, two = (invoice(f"i{n}", location=n) for n in ("n", "s"))
    shares = tuple(Allocation(document=i.id, amount=Decimal(30)) for i in (one, two))
    await world.publish([world.event(one), world.event(two)])
    for side, entity in zip(sides, (one, two), strict=True):
        await side.settled("invoice", entity.id)
    await world.put(payment(one, amount=Decimal(60), allocations=shares))
    for side in sides:
        await side.settled("payment", "y1")
        report = await ledgerbridge(side, *MARCH)
        rows = {row["type"]: row["product"] for row in report["rows"]}
        assert (rows["invoice"]["count"], rows["invoice"]["balance"]) == (1, "70.00")
        assert rows["payment"]["gross"] == "30.00"


async def options(world: World, name: str) -> None:
    """A tracking category of the company with one option."""
    async with xero_books.user(world) as user:
        path = "/TrackingCategories"
        made = await asyncio.to_thread(user.call, "PUT", path, json={"Name": "Region"})
        [category] = made["TrackingCategories"]
        path = f"{path}/{category['TrackingCategoryID']}/Options"
        await asyncio.to_thread(user.call, "PUT", path, json={"Name": name})
