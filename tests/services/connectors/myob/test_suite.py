"""MYOB passes the suite of every connector."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from contracts.entities import Bill, Entity, PurchaseOrder, Refund
from contracts.values import EntityType
from libs.connector.errors import Conflict, Held, Rejected
from libs.connector.interface import Company, Record, Verb
from libs.connector.money import totals_of
from libs.connector.states import state_of
from libs.testing import builders
from libs.testing.books import Books, Refusal, rate_of
from libs.testing.suite import ConnectorSuite
from services.connectors.myob.connector import MyobConnector
from services.connectors.myob.mapping import (
    addresses,
    contacts,
    currencies,
    documents,
    edits,
    items,
    lines,
    overpayments,
    payments,
    purchases,
    refs,
    refunds,
    sales,
    tracking,
    wire,
)
from services.sandbox.app import create_app


def error(name: str, code: int | None = None, message: str = "No.") -> dict[str, Any]:
    """An error body, as dossier section 10 has it."""
    shown = {
        "Name": name,
        "Message": message,
        "AdditionalDetails": "",
        "ErrorCode": code,
        "Severity": "Error",
        "LearnMore": "",
    }
    return {"Errors": [shown], "Information": None}


def refusal(kind: EntityType, status: int, body: object, reason: str) -> Refusal:
    return Refusal(kind, status, body, Held, reason)


class TestMyob(ConnectorSuite):
    provider = "myob"
    connector = MyobConnector()
    mapping = (
        addresses,
        contacts,
        currencies,
        documents,
        edits,
        items,
        lines,
        overpayments,
        payments,
        purchases,
        refs,
        refunds,
        sales,
        tracking,
        wire,
    )
    refusals = {
        "number taken": refusal(
            EntityType.INVOICE, 400, error("DuplicateIdentifier", 200), "number-taken"
        ),
        "locked": refusal(
            EntityType.INVOICE,
            400,
            error("BusinessEvent_DateOccured_InLockPeriod", 4223),
            "period-locked",
        ),
        "stale": Refusal(
            EntityType.INVOICE, 409, error("IncorrectRowVersionSupplied", 111), Conflict
        ),
        "required": Refusal(EntityType.CONTACT, 400, error("Required", 100), Rejected, "required"),
        "anything else": Refusal(
            EntityType.ITEM, 400, error("Unforeseen", 9999), Rejected, "refused"
        ),
        "no JSON": Refusal(EntityType.ITEM, 400, b"<html>", Rejected, "refused"),
    }

    words = {("line_kind", "purchase_part"): "5-5100"}

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        rate, currency = rate_of(company), company.currency
        part = builders.line("l1", item="p1", tax_rate=rate)
        bought: dict[str, Any] = {
            "supplier": "c2",
            "issue_date": date(2026, 3, 2),
            "currency": currency,
            "lines": (part,),
            "totals": totals_of((part,), "exclusive"),
        }
        shared = builders.samples(currency, tax_rate=rate)
        credit = next(one for one in shared if one.type is EntityType.CREDIT_NOTE)
        refunded = Refund.model_validate(
            {
                "id": "r1",
                "contact": "c1",
                "date": date(2026, 3, 9),
                "amount": credit.totals.gross,
                "currency": currency,
                "allocations": [
                    {
                        "document": "n1",
                        "document_type": "credit_note",
                        "amount": credit.totals.gross,
                    }
                ],
            }
        )
        order = PurchaseOrder(id="o1", number="PO-1", **bought)
        bill = Bill(id="b1", number="SUP-1", due_date=date(2026, 3, 20), **bought)
        return (*shared, refunded, order, bill)

    @staticmethod
    def simulator() -> object:
        return create_app(["myob"], limits=False)

    async def test_a_removed_record_is_not_live(self, books: Books, kind: EntityType) -> None:
        """A card is put away by replacing it, so that it is read for the write (`whole`)."""
        record = await books.create(books.samples[kind])
        theirs = state_of(self.connector.entity(record, books.context))
        gone = books.write(books.samples[kind], Verb.DELETE, before=theirs, raw=record.raw)
        (answered,) = await books.send([gone])
        assert isinstance(answered, Record)
        left = await books.read(record)
        assert left is None or left.status == "archived"

    @pytest.fixture(autouse=True)
    async def supplier(self, books: Books) -> None:
        """A bill is of a supplier's card, and the samples have one contact, a customer."""
        await books.create(builders.contact("c2", customer=False, supplier=True))
