"""A person gives a credit or an overpayment back with a cheque: it comes in as a refund."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Allocation, CreditNote, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Notice, Record, Verb
from libs.testing import builders
from services.connectors.quickbooks_online.mapping import payments
from tests.services.connectors.quickbooks_online import around, samples
from tests.services.connectors.quickbooks_online.around import QBO, update
from tests.services.connectors.quickbooks_online.hand import Hand, opened
from tests.services.connectors.quickbooks_online.test_reads import Replay, memo, shown

SIXTY, HUNDRED = Decimal(60), Decimal(100)
WHO = {"CustomerRef": {"value": "58"}, "TxnDate": "2026-03-07"}
RECEIVABLE = {"Id": "84", "AccountType": "Accounts Receivable"}


def cheque(kind: str = "Customer", account: str = "84", **more: Any) -> dict[str, Any]:
    detail = {"AccountRef": {"value": account}}
    line = {"DetailType": "AccountBasedExpenseLineDetail", "Amount": SIXTY}
    return {
        "Id": "13",
        "SyncToken": "0",
        "PaymentType": "Check",
        "AccountRef": {"value": "35"},
        "EntityRef": {"value": "58", "type": kind},
        "TxnDate": "2026-03-07",
        "TotalAmt": SIXTY,
        "Line": [{**line, "AccountBasedExpenseLineDetail": detail}],
        **more,
    }


def payment(total: str, *links: tuple[str, str, str]) -> dict[str, Any]:
    lines = [
        {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}
        for kind, identity, amount in links
    ]
    return {"Id": "77", "SyncToken": "0", "TotalAmt": Decimal(total), "Line": lines}


async def refund(*answers: Any) -> Refund | None:
    found = await QBO.read(Replay(answers), EntityType.REFUND, {"Purchase/13": ()})
    if not found:
        return None
    entity = QBO.entity(found["Purchase/13"], around.context())
    assert isinstance(entity, Refund)
    return entity


CREDITED = payment("0", ("CreditMemo", "9", "60"), ("Check", "13", "60"))
OVERPAID = payment("160", ("Invoice", "145", "100"), ("Expense", "13", "60"))


async def test_a_cheque_gives_back_the_credit_it_is_set_against() -> None:
    found = await refund({"Purchase": cheque()}, shown("Payment", CREDITED))
    assert found is not None
    assert (found.contact, found.amount, found.method) == ("58", SIXTY, "35")
    (share,) = found.allocations
    assert share == Allocation(document="9", document_type="credit_note", amount=SIXTY)


async def test_a_cheque_gives_back_what_was_paid_too_much() -> None:
    found = await refund({"Purchase": cheque()}, shown("Payment", OVERPAID))
    assert found is not None
    (share,) = found.allocations
    assert share == Allocation(document="77", document_type="payment", amount=SIXTY)


async def test_a_cheque_set_against_nothing_is_a_refund_where_it_is_owed() -> None:
    owed = await refund({"Purchase": cheque()}, shown("Payment"), shown("Account", RECEIVABLE))
    assert owed is not None
    assert owed.allocations == ()
    spent = {"Purchase": cheque(account="60")}
    assert await refund(spent, shown("Payment"), shown("Account", RECEIVABLE)) is None


async def test_what_is_bought_is_no_refund() -> None:
    assert await refund({"Purchase": cheque("Vendor")}) is None


def test_the_payment_keeps_its_cheque_and_pays_its_invoices_alone() -> None:
    write = update(
        Payment(
            id="y1",
            contact="c1",
            date=samples.DAY,
            amount=Decimal(160),
            currency="USD",
            allocations=(Allocation(document="146", amount=Decimal(100)),),
        ),
        "allocations.146.amount",
        raw={"Payment": OVERPAID},
    )
    lines = QBO.request([write], around.context()).body
    assert b'"TxnType":"Expense"' in lines.replace(b" ", b"")
    record = QBO.entity(_record(OVERPAID), around.context())
    assert isinstance(record, Payment)
    assert [(one.document, one.amount) for one in record.allocations] == [("145", HUNDRED)]


def _record(raw: dict[str, Any]) -> Record:
    return payments.payment_record({**raw, **WHO}, "Payment")


async def test_credit_and_payment_name_the_cheque_as_changed_with_them() -> None:
    there = [{"CreditMemo": memo("-10", TotalAmt=Decimal(50))}, shown("Payment", CREDITED)]
    found = await QBO.read(Replay(there), EntityType.CREDIT_NOTE, {"9": ()})
    changed = Notice(EntityType.REFUND, "Purchase/13")
    assert found["9"].related == (changed,)
    assert [part.id for part in found["9"].parts] == ["Payment/77"]
    assert changed in _record(OVERPAID).related


def test_a_cheque_cannot_be_changed_from_here() -> None:
    held = Refund(
        id="r1", contact="c1", date=samples.DAY, amount=SIXTY, currency="USD", reference="x"
    )
    write = replace(update(held, "reference"), record="Purchase/13")
    with pytest.raises(Held) as raised:
        QBO.step(write, around.context())
    assert raised.value.reason == "not-offered"
    assert QBO.step(replace(write, record="RefundReceipt/13"), around.context()) is None


@pytest.fixture
async def us() -> AsyncIterator[Hand]:
    async with opened() as hand:
        yield hand


async def test_a_credit_given_back_there_is_used_and_the_refund_names_it(us: Hand) -> None:
    note: CreditNote = builders.credit_note(
        "n1", (builders.line("l1", quantity="1", unit_price="100"),), currency="USD"
    )
    await us.put(builders.contact())
    await us.put(note)
    memo_id = us.record(note).id
    await us.bookkeeper(
        do="refund", resource="CreditMemo", id=memo_id, amount="60", date="2026-03-07"
    )
    credit = await us.read(note)
    assert credit is not None
    assert credit.balance == 40
    assert us.shown(note, credit) == us.normal(note)
    (there,) = credit.related
    found = await QBO.read(us.ledger, there.type, {there.record: ()})
    back = QBO.entity(found[there.record], us.context)
    assert isinstance(back, Refund)
    assert back.amount == SIXTY
    assert back.allocations == (
        Allocation(document="n1", document_type="credit_note", amount=SIXTY),
    )
    with pytest.raises(Held):
        QBO.step(replace(update(back, verb=Verb.DELETE), record=there.record), us.context)
