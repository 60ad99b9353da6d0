"""Credits, payments, refunds, bills and lost answers, against the simulated company."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Bill, Payment, PurchaseOrder, Refund
from contracts.values import EntityType
from libs.connector.errors import NotReady
from libs.connector.interface import Notice, Request
from libs.connector.wire import encode
from libs.testing import builders
from tests.services.connectors.myob.drive import MYOB, Drive, driven
from tests.services.connectors.myob.made import DAY, bought, invoice, line, note, shares, start


@pytest.fixture
async def drive() -> AsyncIterator[Drive]:
    async with driven() as found:
        yield found


# Credit notes


async def test_a_credit_note_is_applied_moved_and_released(drive: Drive) -> None:
    await start(drive)
    for one in ("i1", "i2"):
        await drive.put(invoice(one))
    whole = note(allocations=shares(("i1", "20"), ("i2", "10")))
    record = await drive.put(whole)
    assert record.raw["TotalAmount"] < 0
    assert (await drive.shown(whole)).allocations == whole.allocations
    assert [part.id.split("/")[0] for part in record.parts] == ["CreditSettlement"]
    moved = note(allocations=shares(("i1", "5"), ("i2", "50")))
    await drive.put(moved)
    assert {(a.document, a.amount) for a in (await drive.shown(moved)).allocations} == {
        ("i1", Decimal(5)),
        ("i2", Decimal(50)),
    }
    paid = await drive.read(invoice("i2"))
    assert paid is not None
    assert paid.balance == Decimal(5)
    await drive.remove(moved)


async def test_a_credit_note_is_no_invoice(drive: Drive) -> None:
    await start(drive)
    record = await drive.put(note())
    assert await MYOB.read(drive.ledger, EntityType.INVOICE, {record.id: ()}) == {}
    assert record.id not in await MYOB.census(drive.ledger, EntityType.INVOICE)
    assert record.id in await MYOB.census(drive.ledger, EntityType.CREDIT_NOTE)


async def test_a_settlement_nobody_knew_belongs_to_its_note(drive: Drive) -> None:
    await start(drive)
    await drive.put(invoice("i1"))
    whole = note(allocations=shares(("i1", "20")))
    record = await drive.put(whole)
    side = record.parts[0].id
    found = await MYOB.read(drive.ledger, EntityType.CREDIT_NOTE, {side: ()})
    assert found[side].belongs_to == Notice(EntityType.CREDIT_NOTE, record.id)
    (again,) = (await MYOB.read(drive.ledger, EntityType.CREDIT_NOTE, {record.id: ()})).values()
    assert again.parts == record.parts


# Payments and refunds


def payment(amount: str, *pairs: tuple[str, str], **fields: Any) -> Payment:
    kind = "bill" if fields.get("direction") == "paid" else "invoice"
    return Payment.model_validate(
        {
            "id": "y1",
            "contact": "c2" if kind == "bill" else "c1",
            "date": DAY,
            "amount": Decimal(amount),
            "currency": "AUD",
            "allocations": shares(*pairs, kind=kind),
            **fields,
        }
    )


async def test_a_payment_of_several_invoices_and_in_parts(drive: Drive) -> None:
    await start(drive)
    for one in ("i1", "i2"):
        await drive.put(invoice(one))
    first = payment("60", ("i1", "50"), ("i2", "10"), method="card", reference="ch_77")
    record = await drive.put(first)
    assert await drive.shown(first) == first.model_copy(update={"method": "1-1120"})
    moved = payment("60", ("i1", "55"), ("i2", "5"), method="card", reference="ch_77")
    after = await drive.put(moved)
    assert after.id != record.id
    paid = await drive.read(invoice("i1"))
    assert paid is not None
    assert paid.balance == 0


async def test_what_is_paid_too_much_is_a_credit(drive: Drive) -> None:
    await start(drive)
    await drive.put(invoice("i1"))
    record = await drive.put(payment("75", ("i1", "55")))
    assert [part.id.split("/")[0] for part in record.parts] == ["Overpayment"]
    assert (await drive.shown(payment("75", ("i1", "55")))).amount == 75
    more = await drive.put(payment("80", ("i1", "55")))
    assert more.id == record.id
    assert more.parts != record.parts
    less = await drive.put(payment("55", ("i1", "55")))
    assert less.parts == ()
    for kind in (EntityType.INVOICE, EntityType.CREDIT_NOTE):
        assert more.parts[0].id.split("/")[1] not in str(await MYOB.census(drive.ledger, kind))


async def test_a_payment_of_nothing_is_a_credit_alone_and_can_be_refunded(drive: Drive) -> None:
    await start(drive)
    advance = payment("30")
    record = await drive.put(advance)
    assert record.id.startswith("Overpayment/")
    assert await drive.shown(advance) == advance.model_copy(update={"method": "1-1110"})
    back = Refund(
        id="r1",
        contact="c1",
        date=DAY,
        amount=Decimal(30),
        currency="AUD",
        allocations=shares(("y1", "30"), kind="payment"),
    )
    await drive.put(back)
    assert (await drive.shown(back)).allocations == back.allocations


async def test_the_rest_of_a_payment_is_refunded(drive: Drive) -> None:
    await start(drive)
    await drive.put(invoice("i1"))
    await drive.put(payment("75", ("i1", "55")))
    back = Refund(
        id="r1",
        contact="c1",
        date=DAY,
        amount=Decimal(20),
        currency="AUD",
        allocations=shares(("y1", "20"), kind="payment"),
    )
    answered = MYOB.entity(await drive.put(back), drive.context)
    assert isinstance(answered, Refund)
    assert answered.allocations == back.allocations
    assert (await drive.shown(back)).allocations == back.allocations


async def settle(drive: Drive, credit: str, document: str, amount: str) -> str:
    """The bookkeeper uses a credit for an invoice; the settlement's id."""
    to = drive.ids.external(EntityType.INVOICE, document).split("/")[1]
    customer = drive.ids.external(EntityType.CONTACT, "c1").split("/")[1]
    body = {
        "CreditFromInvoice": {"UID": credit.split("/")[1]},
        "Customer": {"UID": customer},
        "Date": "2026-03-20T00:00:00",
        "Lines": [{"Type": "Invoice", "Sale": {"UID": to}, "AmountApplied": float(amount)}],
    }
    params = (("returnBody", "true"),)
    sent = Request("POST", "/Sale/CreditSettlement", params, encode(body))
    return f"CreditSettlement/{(await drive.ledger.send(sent)).json()['UID']}"


async def test_what_is_used_of_a_rest_is_the_payments(drive: Drive) -> None:
    """A change of the payment, or its end, takes the settlement back first."""
    await start(drive)
    for one in ("i1", "i2"):
        await drive.put(invoice(one))
    paid = payment("75", ("i1", "55"))
    record = await drive.put(paid)
    (advance,) = (part.id for part in record.parts)
    used = await settle(drive, advance, "i2", "12")
    found = await MYOB.read(drive.ledger, EntityType.CREDIT_NOTE, {used: ()})
    assert found[used].belongs_to == Notice(EntityType.PAYMENT, advance)
    seen = await drive.read(paid)
    assert seen is not None
    assert [(str(part.type), part.id) for part in seen.parts] == [
        ("payment", advance),
        ("credit_note", used),
    ]
    now = await drive.shown(paid)
    assert {(one.document, one.amount) for one in now.allocations} == {
        ("i1", Decimal(55)),
        ("i2", Decimal(12)),
    }
    assert now.amount == 75
    drive.ids.records[EntityType.PAYMENT, "y1"] = seen
    sent = len(drive.sent)
    assert await drive.put(payment("75", ("i1", "55"), ("i2", "12"))) == seen
    assert len(drive.sent) == sent
    after = await drive.put(payment("75", ("i1", "55"), ("i2", "12"), reference="ch_1"))
    assert [request.method for request in drive.sent[sent:]] == [*["DELETE"] * 3, "POST", "POST"]
    assert {(await drive.shown(paid)).amount, len(after.parts)} == {Decimal(75), 1}


async def test_what_is_used_of_a_credit_alone_is_taken_back_before_it_ends(drive: Drive) -> None:
    await start(drive)
    await drive.put(invoice("i1"))
    advance = payment("30")
    record = await drive.put(advance)
    used = await settle(drive, record.id, "i1", "12")
    seen = await drive.read(advance)
    assert seen is not None
    assert [part.id for part in seen.parts] == [used]
    drive.ids.records[EntityType.PAYMENT, "y1"] = seen
    now = await drive.shown(advance)
    assert ([share.amount for share in now.allocations], now.amount) == ([12], 30)
    await drive.remove(advance)
    left = await drive.read(invoice("i1"))
    assert left is not None
    assert left.balance == 55


async def test_what_is_not_deposited_yet_can_be_changed_and_removed(drive: Drive) -> None:
    """It comes in by MYOB's own word, which nothing is mapped to."""
    await start(drive)
    await drive.put(invoice("i1"))
    paid = payment("10", ("i1", "10"), method="UndepositedFunds")
    record = await drive.put(paid)
    assert record.raw["DepositTo"] == "UndepositedFunds"
    assert await drive.shown(paid) == paid
    less = payment("5", ("i1", "5"), method="UndepositedFunds")
    await drive.put(less)
    assert await drive.shown(less) == less
    await drive.remove(less)


async def test_a_bill_of_an_order_is_paid(drive: Drive) -> None:
    await start(drive)
    order = bought(PurchaseOrder, "o1", delivery_date=date(2026, 3, 9))
    record = await drive.put(order)
    bill = bought(Bill, "b1", due_date=date(2026, 3, 30), purchase_orders=("o1",))
    billed = await drive.put(bill)
    assert billed.id.split("/")[0] == record.id.split("/")[0]
    assert (await drive.shown(bill)).purchase_orders == ("o1",)
    assert (await drive.shown(order)).closed
    paid = payment("55", ("b1", "55"), direction="paid")
    await drive.put(paid)
    assert (await drive.shown(paid)).allocations == paid.allocations
    after = await drive.read(bill)
    assert after is not None
    assert after.balance == 0


# Lost answers


async def test_what_a_lost_answer_made_is_found(drive: Drive) -> None:
    await start(drive)
    unnumbered = invoice("i2", line("l1", item=None), number="")
    for one in (
        builders.contact("c3"),
        invoice("i1"),
        unnumbered,
        note(allocations=shares(("i1", "5"))),
        payment("60", ("i1", "50")),
        bought(PurchaseOrder, "o1"),
        bought(Bill, "b1", number=""),
    ):
        record = await drive.put(one)
        found = await drive.find(one)
        assert [known.id for known in found if known.marker == drive.marker(one)] == [record.id]
        if record.parts:
            (beside,) = await drive.find(one, record.id)
            assert beside.parts == record.parts


async def test_long_numbers_stay_apart(drive: Drive) -> None:
    await start(drive)
    long = [invoice(one, number=f"INVOICE-2026-0000{one}") for one in ("i1", "i2")]
    numbers = [(await drive.put(one)).number for one in long]
    assert len(set(numbers)) == 2
    assert all(len(number) == 13 for number in numbers)
    assert all(number.endswith(one.id) for number, one in zip(numbers, long, strict=True))
    (found,) = await drive.find(long[0])
    assert found.number == numbers[0]


async def test_a_supplier_needs_a_suppliers_card(drive: Drive) -> None:
    await start(drive)
    with pytest.raises(NotReady):
        await drive.put(bought(Bill, "b1", supplier="c1"))
