"""Xero passes the suite of every connector."""

from collections.abc import Sequence

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector.errors import Held, Rejected
from libs.connector.interface import Company
from libs.testing import builders
from libs.testing.books import Refusal, rate_of
from libs.testing.suite import ConnectorSuite
from services.connectors.xero.connector import XeroConnector
from services.connectors.xero.mapping import (
    advances,
    allocations,
    contacts,
    documents,
    edits,
    items,
    lines,
    money,
    orders,
    payments,
    places,
    refunds,
    shown,
    tracking,
    wire,
)
from services.sandbox.app import create_app
from tests.services.connectors.xero.bought import purchases, refund


def _validation(message: str) -> dict[str, object]:
    """A refused call, as dossier section 10 quotes it."""
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [{"ValidationErrors": [{"Message": message}]}],
    }


class TestXero(ConnectorSuite):
    provider = "xero"
    connector = XeroConnector()
    mapping = (
        advances,
        allocations,
        contacts,
        documents,
        edits,
        items,
        lines,
        money,
        orders,
        payments,
        places,
        refunds,
        shown,
        tracking,
        wire,
    )
    bad = {"email": "not an address"}
    refusals = {
        "number taken": Refusal(
            EntityType.INVOICE,
            400,
            _validation("Invoice # must be unique."),
            Held,
            "number-taken",
        ),
        "locked": Refusal(
            EntityType.INVOICE,
            400,
            _validation("The document date cannot be before the period lock date."),
            Held,
            "period-locked",
        ),
        "archived contact": Refusal(
            EntityType.INVOICE,
            400,
            _validation(
                "The contact name has been archived. The contact must be un-archived before"
                " creating new invoices or credit notes."
            ),
            Held,
            "contact-archived",
        ),
        "overpaid": Refusal(
            EntityType.PAYMENT,
            400,
            _validation("Payment amount exceeds the amount outstanding on this document"),
            Held,
            "overpaid",
        ),
        "anything else": Refusal(
            EntityType.CONTACT, 400, _validation("Something nobody foresaw."), Rejected, "refused"
        ),
        "too large": Refusal(EntityType.ITEM, 413, b"", Rejected, "too-large"),
    }

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        """With an order, a bill and a refund of the credit note."""
        known = builders.samples(company.currency, tax_rate=rate_of(company))
        return (*known, *purchases(company), refund(company.currency))

    @staticmethod
    def simulator() -> object:
        return create_app(["xero"], limits=False)
