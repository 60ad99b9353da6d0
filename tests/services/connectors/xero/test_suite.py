"""Xero passes the suite of every connector."""

from contracts.values import EntityType
from libs.connector.errors import Held, Rejected
from libs.testing.books import Refusal
from libs.testing.suite import ConnectorSuite
from services.connectors.xero.connector import XeroConnector
from services.connectors.xero.mapping import contacts, documents, items, lines, payments, wire
from services.sandbox.app import create_app


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
    mapping = (contacts, documents, items, lines, payments, wire)
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
    def simulator() -> object:
        return create_app(["xero"], limits=False)
