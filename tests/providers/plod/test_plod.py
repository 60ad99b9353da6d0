"""Plod Books passes the suite of every connector."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from contracts.entities import Entity, TaxMode
from contracts.provider import Provider, load
from contracts.values import EntityType
from libs.connector.errors import Conflict, Held, Rejected
from libs.connector.interface import Company
from libs.testing import builders
from libs.testing.books import Refusal
from libs.testing.suite import ConnectorSuite
from tests.providers.plod import mapping
from tests.providers.plod.connector import PlodConnector
from tests.providers.plod.provider import simulator


class TestPlod(ConnectorSuite):
    provider = "plod"
    connector = PlodConnector()
    mapping = (mapping,)
    prefix = ""
    changed = {
        EntityType.CONTACT: {"email": "new@harbour.example"},
        EntityType.ITEM: {"unit_price": Decimal("24.10")},
        EntityType.INVOICE: {"due_date": date(2026, 4, 15)},
        EntityType.PAYMENT: {"date": date(2026, 3, 4)},
    }
    refusals = {
        "stale": Refusal(
            EntityType.INVOICE, 409, {"code": "stale_version", "message": "It has 3."}, Conflict
        ),
        "overpaid": Refusal(
            EntityType.PAYMENT, 422, {"code": "overpaid", "message": "Only 1."}, Held, "overpaid"
        ),
        "other": Refusal(
            EntityType.CONTACT, 422, {"code": "new", "message": "No."}, Rejected, "refused"
        ),
    }

    @classmethod
    def facts(cls) -> Provider:
        return load((Path(__file__).parents[1] / "plod.toml").read_text())

    @staticmethod
    def samples(company: Company) -> Sequence[Entity]:
        return builders.samples(company.currency, TaxMode.INCLUSIVE, Decimal(20))

    @staticmethod
    def simulator() -> object:
        return simulator(limits=False).app
