"""Contacts, documents and their edits, against the simulated company."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from contracts.entities import Address, TrackingChoice
from libs.connector import wire
from libs.connector.interface import Request
from libs.testing import builders
from services.connectors.myob.mapping.wire import plain
from tests.services.connectors.myob.drive import Drive, driven
from tests.services.connectors.myob.made import invoice, line, start


@pytest.fixture
async def drive() -> AsyncIterator[Drive]:
    async with driven() as found:
        yield found


# Contacts


async def test_a_contact_that_is_both_has_two_cards_that_change_together(drive: Drive) -> None:
    both = builders.contact("c1", supplier=True)
    record = await drive.put(both)
    assert [part.id.split("/")[0] for part in record.parts] == ["Supplier"]
    moved = both.model_copy(
        update={
            "email": "new@harbour.example",
            "addresses": (Address(kind="delivery", lines="2 Pier\nYard", country="AU"),),
        }
    )
    record = await drive.put(moved)
    side = record.raw["~sides"][record.parts[0].id]
    assert side["Addresses"][0]["Email"] == record.raw["Addresses"][0]["Email"] == moved.email
    assert side["IsActive"]
    customer = await drive.put(moved.model_copy(update={"supplier": False}))
    assert not customer.raw["~sides"][record.parts[0].id]["IsActive"]
    again = await drive.put(moved)
    assert again.parts == record.parts
    await drive.remove(moved)


async def test_a_lost_side_card_is_found_beside_its_main_one(drive: Drive) -> None:
    both = builders.contact("c1", supplier=True)
    record = await drive.put(both)
    (found,) = await drive.find(both, record.id)
    assert (found.id, found.parts) == (record.id, record.parts)


async def test_what_the_bookkeeper_wrote_on_a_card_stays(drive: Drive) -> None:
    contact = builders.contact("c1")
    record = await drive.put(contact)
    path = f"/Contact/Customer/{record.raw['UID']}"
    card = plain(record.raw) | {"Notes": f"Calls late. {record.raw['Notes']}"}
    card["Addresses"] = [{**card["Addresses"][0], "Fax": "02 9999", "Website": "harbour.example"}]
    answer = await drive.ledger.send(Request("PUT", path, (), wire.encode(card)))
    assert answer.status == 200
    after = await drive.put(contact.model_copy(update={"phone": "0491 570 156"}))
    assert after.marker == drive.marker(contact)
    assert after.raw["Notes"].startswith("Calls late.")
    shown = after.raw["Addresses"][0]
    assert (shown["Fax"], shown["Phone1"]) == ("02 9999", "0491 570 156")


# Invoices


async def test_lines_change_come_and_go_and_keep_their_rows(drive: Drive) -> None:
    await start(drive)
    first = invoice("i1", line("l1"), line("l2", quantity=Decimal(3)))
    record = await drive.put(first)
    assert record.id.startswith("Item/")
    lines = (line("l2", quantity=Decimal(5)), line("l3", description="New"))
    changed = invoice("i1", *lines)
    after = await drive.put(changed)
    assert after.id == record.id
    assert after.raw["Lines"][0]["RowID"] == record.raw["Lines"][1]["RowID"]
    assert after.totals == changed.totals


async def test_another_layout_is_another_record(drive: Drive) -> None:
    await start(drive)
    record = await drive.put(invoice("i1"))
    after = await drive.put(invoice("i1", line("l1"), line("l2", item=None)))
    assert record.id.startswith("Item/")
    assert after.id.startswith("Service/")
    assert [request.method for request in drive.sent[-2:]] == ["DELETE", "POST"]


async def test_service_takes_any_line(drive: Drive) -> None:
    await start(drive)
    record = await drive.put(invoice("i1", line("l1", item=None)))
    plain = invoice("i1", line("l1", item=None, unit_price=Decimal("30.10")))
    after = await drive.put(plain)
    assert (after.id, after.totals) == (record.id, plain.totals)


async def test_dates_and_terms_move_together(drive: Drive) -> None:
    await start(drive)
    await drive.put(invoice("i1"))
    moved = invoice("i1", issue_date=date(2026, 3, 31), due_date=date(2026, 4, 30))
    await drive.put(moved)
    shown = await drive.shown(moved)
    assert (shown.issue_date, shown.due_date) == (date(2026, 3, 31), date(2026, 4, 30))


async def test_prices_with_tax(drive: Drive) -> None:
    await start(drive)
    gross = invoice("i1", line("l1", unit_price=Decimal("9.99")), tax_mode="inclusive")
    assert (await drive.put(gross)).totals == gross.totals


async def test_a_document_in_a_foreign_currency(drive: Drive) -> None:
    await start(drive)
    foreign = builders.invoice("i1", (line(),), currency="USD", exchange_rate=Decimal("1.52"))
    record = await drive.put(foreign)
    assert record.totals == foreign.totals
    shown = await drive.shown(foreign)
    assert (shown.currency, shown.exchange_rate) == ("USD", Decimal("1.52"))


async def test_a_location_is_a_category_and_a_choice_a_job(drive: Drive) -> None:
    async with driven({("tracking", "north"): "NTH", ("tracking", "fair/spring"): "Job/110"}) as on:
        await start(on)
        choice = (TrackingChoice(tracking="fair", option="spring"),)
        tracked = invoice("i1", line("l1", tracking=choice), line("l2"), location="north")
        record = await on.put(tracked)
        assert record.raw["Category"]["DisplayID"] == "NTH"
        shown = await on.shown(tracked)
        assert shown.location == "north"
        assert [one.tracking for one in shown.lines] == [choice, ()]
        await on.put(invoice("i1", line("l1"), line("l2")))
        shown = await on.shown(tracked)
        assert shown.location is None
        assert [one.tracking for one in shown.lines] == [(), ()]


async def test_a_void_invoice_is_deleted(drive: Drive) -> None:
    await start(drive)
    record = await drive.put(invoice("i1"))
    await drive.remove(invoice("i1"))
    assert await drive.ledger.get(f"/Sale/Invoice/{record.id}")
