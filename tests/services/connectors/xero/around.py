"""A company, its ids and words as the translation sees them; writes as the kernel makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.entities import Entity, Invoice, Line
from contracts.values import EntityType
from libs.connector.interface import (
    Company,
    Context,
    LedgerAccount,
    LedgerTax,
    LedgerTracking,
    Record,
    Verb,
    Write,
)
from libs.connector.mappings import Mapped
from libs.connector.money import totals_of
from libs.testing import builders
from services.connectors.xero.connector import XeroConnector

XERO = XeroConnector()
MARKER = "lb-abcdefgh234567ab"
BANK = "5690f1e8-1d02-4893-90c2-ee1a69eff942"
CODELESS = "136ebd08-60ea-4592-8982-be92c153b53a"
WORDS = {
    ("line_kind", "part"): "200",
    ("line_kind", "labour"): "201",
    ("line_kind", "fee"): "200",
    ("line_kind", "other"): "200",
    ("line_kind", "purchase_part"): "310",
    ("line_kind", "purchase_labour"): "310",
    ("tracking", "harbour"): "north",
    ("tracking", "hill"): "Region/South",
    ("tracking", "kind/shop"): "retail",
    ("payment_method", ""): "090",
    ("payment_method", "card"): CODELESS,
}
TAXES = (
    ("OUTPUT2", "15% GST on Income", "15", True),
    ("NONE", "No GST", "0", True),
    ("INPUT2", "15% GST on Expenses", "15", False),
    ("VAT20", "20% VAT", "20", True),
    ("ODD", "Odd", "8.875", True),
)


@dataclass(slots=True)
class PlainIds:
    """Every reference has a record: `c1` is `contact:c1`."""

    codes: dict[str, str] = field(default_factory=dict)

    def external(self, kind: EntityType, local: str) -> str:
        return f"{kind}:{local}"

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        del kind, local
        return ()

    def number(self, kind: EntityType, local: str) -> str:
        del kind
        return self.codes.get(local, f"CODE-{local}")

    def local(self, kind: EntityType, external: str) -> str:
        return external.removeprefix(f"{kind}:")

    def numbered(self, kind: EntityType, number: str) -> str | None:
        del kind
        return number.removeprefix("CODE-") if number.startswith("CODE-") else None

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        del kind, local
        return None

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        del order, besides
        return ()


def company(**more: Any) -> Company:
    accounts = (
        LedgerAccount(id="a-200", code="200", name="Sales", kind="income"),
        LedgerAccount(id="a-201", code="201", name="Labour", kind="income"),
        LedgerAccount(id=BANK, code="090", name="Bank", kind="bank", takes_payments=True),
        LedgerAccount(id="a-310", code="310", name="Cost of Goods", kind="expense"),
        LedgerAccount(id="a-610", code="610", name="Accounts Receivable", kind="receivable"),
        LedgerAccount(id="a-800", code="", name="Accounts Payable", kind="payable"),
        LedgerAccount(id=CODELESS, code="", name="Card", kind="bank", takes_payments=True),
    )
    taxes = tuple(
        LedgerTax(id=code, name=name, rate=Decimal(rate), sales=sales, purchases=not sales)
        for code, name, rate, sales in TAXES
    )
    default: dict[str, Any] = {
        "id": "70784a63-d24b-46a9-a4db-0e70a274b056",
        "name": "Kauri Print Ltd",
        "currency": "NZD",
        "currencies": ("NZD", "USD"),
        "accounts": accounts,
        "tax_codes": taxes,
        "trackings": (
            LedgerTracking(id="region", name="Region", options={"north": "North", "s": "South"}),
            LedgerTracking(id="class", name="Class", options={"retail": "Retail"}),
        ),
    }
    return Company.model_validate(default | more)


def context(
    codes: Mapping[str, str] | None = None,
    words: Mapping[tuple[str, str], str] = WORDS,
    **more: Any,
) -> Context:
    known = company(**more)
    return Context(
        known, PlainIds(dict(codes or {})), Mapped("tenant-1", "connection-1", known, words)
    )


def line(entity: str = "l1", **fields: Any) -> Line:
    return builders.line(entity, **{"tax_rate": Decimal(15)} | fields)


def invoice(lines: tuple[Line, ...] | None = None, **fields: Any) -> Invoice:
    chosen = lines if lines is not None else (line("l1"), line("l2"))
    mode = fields.get("tax_mode", "exclusive")
    default: dict[str, Any] = {
        "currency": "NZD",
        "issue_date": date(2026, 9, 1),
        "due_date": date(2026, 9, 15),
        "totals": totals_of(chosen, mode),
    }
    return builders.invoice("i1", chosen, **default | fields)


def create(entity: Entity, **more: Any) -> Write:
    return Write(Verb.CREATE, EntityType(entity.type), entity.id, MARKER, entity, **more)


def write(verb: Verb, entity: Entity, *changed: str, **more: Any) -> Write:
    kind = EntityType(entity.type)
    known: dict[str, Any] = {"record": f"{kind}:{entity.id}"}
    if isinstance(entity, Invoice):
        known["lines"] = {one.id: f"x-{one.id}" for one in entity.lines}
    return Write(verb, kind, entity.id, MARKER, entity, frozenset(changed), **known | more)


def update(entity: Entity, *changed: str, **more: Any) -> Write:
    return write(Verb.UPDATE, entity, *changed, **more)


def good(result: object) -> Record:
    """The record of a write that went well."""
    assert isinstance(result, Record), result
    return result
