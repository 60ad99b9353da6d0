"""QuickBooks Online passes the suite of every connector: with what is sold, with what is bought."""

from collections.abc import Mapping, Sequence

import pytest

from contracts.entities import Entity
from contracts.provider import Provider
from contracts.values import EntityType
from libs.connector.errors import Conflict, Held, Rejected, SyncError, Unavailable
from libs.connector.interface import Answer, Company, Request
from libs.testing.books import Books, Refusal, rate_of
from libs.testing.ledger import SimulatedLedger
from libs.testing.suite import ConnectorSuite
from services.connectors.quickbooks_online.connector import QuickBooksConnector
from services.connectors.quickbooks_online.mapping import (
    accounts,
    addresses,
    contact_writes,
    contacts,
    countries,
    documents,
    items,
    lines,
    notes,
    payments,
    purchase_lines,
    purchases,
    refunds,
    settlements,
    tax,
    wire,
)
from services.sandbox.app import create_app
from tests.services.connectors.quickbooks_online import samples

QBO = QuickBooksConnector()
PURCHASES = (EntityType.PURCHASE_ORDER, EntityType.BILL)


async def judged_get(
    self: SimulatedLedger,
    path: str,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """As the kernel's session reads: the connector judges first."""
    sent = Request("GET", path, tuple((params or {}).items()), b"", tuple((headers or {}).items()))
    answer = await self.send(sent)
    if answer.status == 200:
        return answer
    verdict: SyncError | None = QBO.judge(answer)
    raise verdict or Unavailable(f"{path} answered {answer.status}: {answer.body.decode()[:500]}")


def fault(code: str, message: str, detail: str, kind: str = "ValidationFault") -> dict[str, object]:
    """A refusal as dossier section 10 quotes it."""
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return {"Fault": {"Error": [error], "type": kind}, "time": "2026-03-09T08:04:05.120-07:00"}


class QuickBooks(ConnectorSuite):
    provider = "quickbooks_online"
    connector = QBO
    mapping = (
        accounts,
        addresses,
        contact_writes,
        contacts,
        countries,
        documents,
        items,
        lines,
        notes,
        payments,
        purchase_lines,
        purchases,
        refunds,
        settlements,
        tax,
        wire,
    )
    bad = {"email": "x" * 300}

    @pytest.fixture(autouse=True)
    def _judged(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(SimulatedLedger, "get", judged_get)

    async def test_a_record_nobody_has_is_no_error(self, books: Books, kind: EntityType) -> None:
        """The companies are seeded: an id that only differs in its last digit may be one."""
        record = await books.create(books.samples[kind])
        absent = f"{record.id[:-1]}987654"
        assert await QBO.read(books.ledger, kind, {absent: ()}) == {}
        both = {absent: (), record.id: ()}
        assert set(await QBO.read(books.ledger, kind, both)) == {record.id}

    @staticmethod
    def simulator() -> object:
        return create_app(["quickbooks_online"], limits=False)


class TestSales(QuickBooks):
    refusals = {
        "name taken": Refusal(
            EntityType.CONTACT,
            400,
            fault(
                "6240",
                "Duplicate Name Exists Error",
                "The name supplied already exists. : Another customer is already using this name. "
                "Please use a different name.",
            ),
            Held,
            "name-taken",
        ),
        "number taken": Refusal(
            EntityType.INVOICE,
            400,
            fault(
                "6140",
                "Duplicate Document Number Error",
                "Duplicate Document Number Error : You must specify a different number. This "
                "number has already been used.",
            ),
            Held,
            "number-taken",
        ),
        "stale": Refusal(
            EntityType.INVOICE,
            400,
            fault(
                "5010",
                "Stale Object Error",
                "Stale Object Error : You and another user were working on this at the same time. "
                "Your work was not saved.",
            ),
            Conflict,
        ),
        "refused with 200": Refusal(
            EntityType.INVOICE,
            200,
            fault("6000", "A business validation error has occurred", "Some rule."),
            Held,
            "refused",
        ),
        "anything else": Refusal(
            EntityType.ITEM, 400, fault("9999", "Odd", "Nobody foresaw it."), Rejected, "refused"
        ),
    }

    @classmethod
    def facts(cls) -> Provider:
        return _without(super().facts(), *PURCHASES)

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        return samples.sold(company.currency, rate_of(company))


class TestPurchases(QuickBooks):
    refusals = {
        "deposited": Refusal(
            EntityType.PAYMENT, 400, fault("6540", "Deposited", "x"), Held, "deposited"
        ),
    }
    words = {("line_kind", "purchase_part"): "12"}

    @classmethod
    def facts(cls) -> Provider:
        sales = (EntityType.INVOICE, EntityType.CREDIT_NOTE, EntityType.REFUND)
        return _without(super().facts(), *sales)

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        return samples.bought(company.currency)


def _without(facts: Provider, *kinds: EntityType) -> Provider:
    left = {kind: one for kind, one in facts.entities.items() if kind not in kinds}
    return facts.model_copy(update={"entities": left})
