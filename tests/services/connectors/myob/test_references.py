"""References without a place: where a document lies is told, or looked for."""

from decimal import Decimal
from typing import Any

from contracts.entities import CreditNote, Refund
from contracts.values import EntityType
from libs.connector.interface import Notice
from services.connectors.myob import reads
from tests.services.connectors.myob import around
from tests.services.connectors.myob.around import MYOB, Shelf

CONTEXT = around.context()
DOCUMENT: dict[str, Any] = {
    "UID": "c2f1",
    "Date": "2026-09-01T00:00:00",
    "Customer": {"UID": "c1"},
    "Lines": [],
    "RowVersion": "1",
}
PAYMENT: dict[str, Any] = {
    "UID": "y",
    "Invoices": [{"UID": "i1", "AmountApplied": 5, "Type": "Invoice"}],
}


async def test_where_a_document_lies_is_told_by_its_uri() -> None:
    row = {**PAYMENT["Invoices"][0], "URI": "https://x/a/Sale/Invoice/Professional/i1"}
    shelf = Shelf({"/Sale/CustomerPayment/y": {**PAYMENT, "Invoices": [row]}})
    raw = await reads.fetch(shelf, EntityType.PAYMENT, "CustomerPayment/y")
    assert raw is not None
    assert raw["~spelled"] == {"i1": "Professional/i1"}
    assert len(shelf.asked) == 1


async def test_or_it_is_looked_for() -> None:
    shelf = Shelf({"/Sale/CustomerPayment/y": PAYMENT, "/Sale/Invoice/Service/i1": DOCUMENT})
    raw = await reads.fetch(shelf, EntityType.PAYMENT, "CustomerPayment/y")
    assert raw is not None
    assert raw["~spelled"] == {"i1": "Service/i1"}
    gone = Shelf({"/Sale/CustomerPayment/y": PAYMENT})
    raw = await reads.fetch(gone, EntityType.PAYMENT, "CustomerPayment/y")
    assert raw is not None
    assert raw["~spelled"] == {"i1": "i1"}


async def test_a_refund_of_what_was_paid_too_much_is_one_of_a_payment() -> None:
    credit = {"TotalAmount": -20, "JournalMemo": f"Overpayment {around.MARKER}"}
    refund = {"UID": "r", "Amount": 20, "Invoice": {"UID": "x1"}, "Customer": {"UID": "c1"}}
    shelf = Shelf(
        {
            "/Sale/CreditRefund/r": {**refund, "Date": "2026-09-10T00:00:00"},
            "/Sale/Invoice/Service/x1": credit,
        }
    )
    found = (await MYOB.read(shelf, EntityType.REFUND, {"r": ()}))["r"]
    shown = MYOB.entity(found, CONTEXT)
    assert isinstance(shown, Refund)
    assert shown.allocations[0].document_type == "payment"


async def test_an_id_of_no_known_place_is_no_error() -> None:
    for kind in (EntityType.INVOICE, EntityType.PAYMENT, EntityType.CONTACT, EntityType.BILL):
        assert await MYOB.read(Shelf({}), kind, {"somewhere": (), "Nowhere/x": ()}) == {}


async def test_settlements_nobody_told_of_are_found_where_the_balance_shows_them() -> None:
    note = {**DOCUMENT, "UID": "n1", "TotalAmount": -110, "BalanceDueAmount": -90}
    rows = [
        {
            "UID": "s1",
            "CreditFromInvoice": {"UID": of},
            "Lines": [{"Sale": {"UID": "i1", "URI": "x/Item/i1"}, "AmountApplied": 20}],
        }
        for of in ("n1", "other")
    ]
    paths = {"/Sale/Invoice/Service/n1": note, "/Sale/CreditSettlement": {"Items": rows}}
    shelf = Shelf(paths)
    found = (await MYOB.read(shelf, EntityType.CREDIT_NOTE, {"Service/n1": ()}))["Service/n1"]
    assert [part.id for part in found.parts] == ["CreditSettlement/s1"]
    shown = MYOB.entity(found, CONTEXT)
    assert isinstance(shown, CreditNote)
    assert [(one.document, one.amount) for one in shown.allocations] == [("i1", Decimal(20))]
    quiet = Shelf({**paths, "/Sale/Invoice/Service/n1": {**note, "BalanceDueAmount": -110}})
    await MYOB.read(quiet, EntityType.CREDIT_NOTE, {"Service/n1": ()})
    assert len(quiet.asked) == 1


async def test_a_settlement_is_news_of_its_note() -> None:
    link = {"UID": "n1", "URI": "https://x/Sale/Invoice/Item/n1"}
    settled = {"UID": "s1", "CreditFromInvoice": link}
    shelf = Shelf({"/Sale/CreditSettlement/s1": settled, "/Sale/Invoice/Item/n1": {"UID": "n1"}})
    side = "CreditSettlement/s1"
    found = (await MYOB.read(shelf, EntityType.CREDIT_NOTE, {side: ()}))[side]
    assert found.belongs_to == Notice(EntityType.CREDIT_NOTE, "Item/n1")
