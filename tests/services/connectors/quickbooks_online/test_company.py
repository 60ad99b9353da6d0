"""A simulated company, written to step by step: what the ledger shows is what was meant."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import (
    Address,
    Allocation,
    CreditNote,
    DocumentStatus,
    Entity,
    Invoice,
    Line,
    Payment,
    Refund,
)
from contracts.values import EntityType
from libs.connector.errors import Conflict, Held
from libs.connector.interface import Record, Verb, Wanted
from libs.connector.money import totals_of
from libs.testing import builders
from tests.services.connectors.quickbooks_online import samples
from tests.services.connectors.quickbooks_online.hand import QBO, Hand, described, opened

TWENTY = Decimal("20.00")


@pytest.fixture
async def us() -> AsyncIterator[Hand]:
    async with opened() as hand:
        yield hand


async def is_as_meant(hand: Hand, entity: Entity) -> Record:
    """What is read is what the mapping expects."""
    record = await hand.read(entity)
    assert record is not None
    assert hand.shown(entity, record) == hand.normal(entity)
    return record


async def put(hand: Hand, *entities: Entity) -> Record:
    for entity in entities:
        await hand.put(entity)
        record = await is_as_meant(hand, entity)
    return record


def invoice(entity: str, amount: str = "50.00", **more: Any) -> Invoice:
    lines = more.pop("lines", (builders.line("l1", unit_price=Decimal(amount), quantity="1"),))
    return builders.invoice(entity, lines, **{"currency": "USD"} | more)


def shares(**amounts: str) -> tuple[Allocation, ...]:
    return tuple(Allocation(document=d, amount=Decimal(a)) for d, a in amounts.items())


# Contacts


async def test_one_that_is_both_has_two_records(us: Hand) -> None:
    both = builders.contact("c1", supplier=True, attributes={"since": "2019"})
    record = await put(us, both)
    assert record.id.startswith("Customer/")
    assert [part.id.partition("/")[0] for part in record.parts] == ["Vendor"]
    assert us.calls == 2
    home = (Address(kind="billing", lines="1 Pier Rd\nLoft", country="US"),)
    await put(us, both.model_copy(update={"email": "new@harbour.example", "addresses": home}))
    assert us.calls == 3
    alone = both.model_copy(update={"supplier": False})
    again = await put(us, alone, both)
    assert again.parts == record.parts
    await us.remove(both)
    gone = await us.read(both)
    assert gone is not None
    assert gone.status == "archived"
    await put(us, both)


async def test_a_supplier_that_becomes_a_customer(us: Hand) -> None:
    supplier = builders.contact("s1", customer=False, supplier=True)
    assert (await put(us, supplier)).id.startswith("Vendor/")
    both = await put(us, supplier.model_copy(update={"customer": True}))
    assert both.id.startswith("Vendor/")
    assert [part.id.partition("/")[0] for part in both.parts] == ["Customer"]
    us.ids.records[EntityType.CONTACT, "c1"] = both
    await put(us, invoice("i1", customer="s1"))


async def test_a_lost_second_record_is_found(us: Hand) -> None:
    both = builders.contact("c1", supplier=True)
    record = await put(us, both)
    since = datetime.now(UTC) - timedelta(minutes=1)
    search = Wanted(EntityType.CONTACT, "c1", record.marker, "", since, both, record.id)
    (found,) = await QBO.find(us.ledger, EntityType.CONTACT, [search])
    assert (found.id, found.parts) == (record.id, record.parts)
    alone = await QBO.read(us.ledger, EntityType.CONTACT, {record.parts[0].id: ()})
    belongs = alone[record.parts[0].id].belongs_to
    assert belongs is not None
    assert belongs.record == record.id


async def test_a_child_of_a_customer(us: Hand) -> None:
    await put(us, builders.contact(), builders.contact("c2", name="Child", parent="c1"))


# Documents and money


async def test_an_invoice_is_edited(us: Hand) -> None:
    lines = (builders.line("l1", item="p1"), builders.line("l2", quantity=Decimal("1.5")))
    first = invoice("i1", lines=lines, number="INV-2026-000000000000001", location="North")
    await put(us, builders.contact(), builders.item(), first)
    told = {"job": "Kitchen", "attributes": {"colour": "red"}, "link": "https://p.example/1"}
    second = first.model_copy(update=told)
    await put(us, second)
    more: tuple[Line, ...] = (
        lines[1],
        builders.line("l3", unit_price=Decimal("9.99"), discount_percent=Decimal(10)),
    )
    totals = totals_of(more, "exclusive")
    record = await put(us, second.model_copy(update={"lines": more, "totals": totals}))
    assert record.totals == totals
    assert record.number == "INV-2026-000~" + record.number[-8:]


async def test_a_stale_write_is_a_conflict(us: Hand) -> None:
    one = invoice("i1")
    await put(us, builders.contact(), one)
    write = await us._write(one.model_copy(update={"job": "x"}), Verb.UPDATE)
    await us.bookkeeper(
        do="edit", resource="Invoice", id=write.record, changes={"DueDate": "2026-04-01"}
    )
    answer = await us.ledger.send(QBO.request([write], us.context), key="stale")
    with pytest.raises(Conflict):
        QBO.results([write], answer, us.context)


async def test_a_void_keeps_the_document_and_its_number(us: Hand) -> None:
    one = invoice("i1", job="Kitchen")
    await put(us, builders.contact(), one)
    record = await us.remove(one, Verb.VOID)
    assert (record.state, record.number) == ("void", one.number)
    await is_as_meant(us, one.model_copy(update={"status": DocumentStatus.VOID}))


async def test_a_payment_in_parts_over_several_moved_and_taken_off(us: Hand) -> None:
    first, second = invoice("i1"), invoice("i2", number="INV-2")
    part = builders.payment(first, amount=TWENTY, allocations=shares(i1="15.00"))
    await put(us, builders.contact(), first, second, part)
    moved = part.model_copy(update={"allocations": shares(i1="5.00", i2="15.00")})
    await put(us, moved)
    shown = await us.read(second)
    assert shown is not None
    assert shown.balance == Decimal("35.00")
    assert [notice.record for notice in shown.related] == [us.record(part).id]
    await put(us, moved.model_copy(update={"allocations": ()}))
    void = await us.remove(part, Verb.VOID)
    assert void.state == "void"
    shown = await us.read(second)
    assert shown is not None
    assert shown.balance == Decimal("50.00")


async def test_a_credit_note_is_applied_step_by_step(us: Hand) -> None:
    first, second = invoice("i1"), invoice("i2", number="INV-2")
    note = builders.credit_note("n1", currency="USD", allocations=shares(i1="10.00", i2="20.00"))
    record = await put(us, builders.contact(), first, second, note)
    assert len(record.parts) == 2
    assert record.balance == note.totals.gross - Decimal("30.00")
    changed = note.model_copy(update={"allocations": shares(i2="25.00"), "job": "Kitchen"})
    record = await put(us, changed)
    (side,) = record.parts
    found = await QBO.read(us.ledger, EntityType.PAYMENT, {side.id: ()})
    belongs = found[side.id].belongs_to
    assert belongs is not None
    assert (belongs.type, belongs.record) == (EntityType.CREDIT_NOTE, record.id)
    assert (await us.remove(changed)).state == "deleted"
    shown = await us.read(second)
    assert shown is not None
    assert shown.balance == second.totals.gross


async def test_a_lost_application_is_found(us: Hand) -> None:
    note = builders.credit_note("n1", currency="USD", allocations=shares(i1="10.00"))
    record = await put(us, builders.contact(), invoice("i1"), note)
    since = datetime.now(UTC) - timedelta(minutes=1)
    search = Wanted(EntityType.CREDIT_NOTE, "n1", record.marker, "", since, note, record.id)
    (found,) = await QBO.find(us.ledger, EntityType.CREDIT_NOTE, [search])
    assert (found.id, found.parts) == (record.id, record.parts)
    known = Wanted(
        EntityType.CREDIT_NOTE,
        "n1",
        record.marker,
        "",
        since,
        note,
        record.id,
        (record.parts[0].id,),
    )
    assert await QBO.find(us.ledger, EntityType.CREDIT_NOTE, [known]) == []


async def test_refunds_and_purchases_are_edited_and_removed(us: Hand) -> None:
    refund = Refund(id="r1", contact="c1", date=samples.DAY, amount=Decimal("5.50"), currency="USD")
    await put(us, builders.contact(), refund, refund.model_copy(update={"amount": Decimal(6)}))
    supplier, item, order, bill, paid = samples.bought("USD")
    await put(us, supplier, item, order, order.model_copy(update={"note": "By noon"}), bill, paid)
    delivered = await us.read(order)
    assert delivered is not None
    assert delivered.status == "Closed"
    for entity in (paid, bill, order, refund):
        await us.remove(entity)
    assert [await us.read(one) for one in (bill, order, refund)] == [None, None, None]


# The other side


async def test_what_a_bookkeeper_does_is_listed(us: Hand) -> None:
    one, two = invoice("i1"), invoice("i2", number="INV-2")
    await put(us, builders.contact(), one, two)
    since = datetime.now(UTC) - timedelta(minutes=1)
    await us.bookkeeper(do="pay", resource="Invoice", id=us.record(one).id)
    await us.bookkeeper(do="delete", resource="Invoice", id=us.record(two).id)
    found = {
        record.id: record
        async for page in QBO.changes(us.ledger, EntityType.INVOICE, since)
        for record in page
    }
    assert found[us.record(two).id].state == "deleted"
    assert found[us.record(one).id].status == "Paid"
    (page,) = [page async for page in QBO.changes(us.ledger, EntityType.PAYMENT, since)]
    payment = QBO.entity(page[0], us.context)
    assert isinstance(payment, Payment)
    assert payment.allocations == shares(i1="50.00")


# Taxes and currencies


def taxed(currency: str, mode: str, rate: str) -> Sequence[Invoice | CreditNote]:
    lines = (
        builders.line("l1", quantity=Decimal(3), unit_price=Decimal("33.33"), tax_rate=rate),
        builders.line("l2", unit_price=Decimal("7.77"), tax_rate=rate),
    )
    shared = {"currency": currency, "tax_mode": mode, "totals": totals_of(lines, mode)}
    return (
        builders.invoice("i1", lines, **shared),
        builders.credit_note("n1", lines, **shared),
    )


@pytest.mark.parametrize("mode", ["exclusive", "inclusive", "none"])
@pytest.mark.parametrize(
    ("country", "currency", "rate"),
    [("GB", "GBP", "20"), ("CA", "CAD", "13"), ("CA", "CAD", "14.975"), ("AU", "AUD", "10")],
)
async def test_totals_abroad(country: str, currency: str, rate: str, mode: str) -> None:
    async with opened(country=country) as hand:
        for document in (builders.contact(), *taxed(currency, mode, rate)):
            record = await put(hand, document)
        assert record.totals == document.totals  # type: ignore[union-attr]


@pytest.mark.parametrize("rate", ["6.25", "9.25", "8.875"])
async def test_automated_sales_tax_takes_what_it_is_told(us: Hand, rate: str) -> None:
    await us.bookkeeper(do="settings", changes={"TaxPrefs": {"PartnerTaxEnabled": True}})
    hand = await described(us.http, us.ledger)
    for document in (builders.contact(), *taxed("USD", "exclusive", rate)):
        record = await put(hand, document)
    assert record.totals == document.totals  # type: ignore[union-attr]


async def test_a_us_tax_nobody_has_is_held(us: Hand) -> None:
    await put(us, builders.contact())
    with pytest.raises(Held) as raised:
        await us.put(taxed("USD", "exclusive", "8.875")[0])
    assert raised.value.reason == "unmapped"


async def test_a_foreign_invoice_has_its_own_rate() -> None:
    async with opened(country="GB") as hand:
        rate, client = Decimal("0.8123456"), builders.contact(currency="EUR")
        one = invoice("i1", currency="EUR", exchange_rate=rate)
        paid = builders.payment(one, exchange_rate=Decimal("0.83"))
        await put(hand, client, one, paid)
        unrated = invoice("i2", currency="EUR", number="INV-2")
        sent = QBO.request([await _create(hand, unrated)], hand.context)
        assert b"ExchangeRate" not in sent.body


async def _create(hand: Hand, entity: Entity) -> Any:
    write = await hand._next(entity)
    assert write is not None
    return write
