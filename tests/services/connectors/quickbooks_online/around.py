"""A company, its ids and words as the translation sees them; writes as the kernel makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.entities import Entity, Invoice, Line, TaxComponent
from contracts.values import EntityType
from libs.connector.interface import (
    Company,
    Context,
    LedgerAccount,
    LedgerTax,
    LedgerTracking,
    Verb,
    Write,
)
from libs.connector.mappings import Mapped
from libs.connector.money import totals_of
from libs.testing import builders
from services.connectors.quickbooks_online.connector import QuickBooksConnector
from tests.services.connectors.xero import bought

QBO = QuickBooksConnector()
MARKER = "lb-abcdefgh234567ab"
US = frozenset({"item:79:11", "payable:33", "us"})
AUTOMATED = US | {"automated-sales-tax"}
ABROAD = frozenset({"item:79:11", "payable:33", "multicurrency"})
WORDS = {
    ("line_kind", "part"): "4000",
    ("line_kind", "labour"): "4000",
    ("line_kind", "fee"): "4000",
    ("line_kind", "other"): "4000",
    ("line_kind", "purchase_part"): "60",
    ("payment_method", ""): "35",
    ("payment_method", "card"): "41",
    ("item", "refund"): "12",
    ("tracking", "north"): "Department/3",
    ("tracking", "trade/design"): "Class/5",
    ("tracking", "south"): "Class/South",
}
CLASSES = {"Class/5": "Design", "Class/6": "South"}
TAXES = (("5", "MA", "6.25"), ("6", "CA", "9.25"), ("NON", "Non-taxable", "0"))
CODES = (("2", "Standard", "20"), ("3", "Zero", "0"), ("4", "Odd", "8.875"))


@dataclass(slots=True)
class PlainIds:
    """Every reference has a record: `c1` is `Customer/c1` with the vendor `Vendor/c1` beside it."""

    alone: set[str] = field(default_factory=set)
    ordered: Sequence[Line] = field(
        default_factory=lambda: (
            builders.line("1", item="p2"),
            builders.line("2", description="Brass hinge l2"),
        )
    )

    def external(self, kind: EntityType, local: str) -> str:
        if kind is EntityType.PAYMENT:
            return f"Payment/{local}"
        return f"Customer/{local}" if kind is EntityType.CONTACT else local

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        lone = kind is not EntityType.CONTACT or local in self.alone
        return () if lone else (f"Vendor/{local}",)

    def number(self, kind: EntityType, local: str) -> str:
        del kind
        return f"NO-{local}"

    def local(self, kind: EntityType, external: str) -> str:
        del kind
        return external.rpartition("/")[2]

    def numbered(self, kind: EntityType, number: str) -> str | None:
        del kind
        return number.removeprefix("NO-") if number.startswith("NO-") else None

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        del local
        order = bought.order(self.ordered)
        return order if kind is EntityType.PURCHASE_ORDER else None

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        del order, besides
        return ()


def company(features: frozenset[str] = US, **more: Any) -> Company:
    abroad = "us" not in features
    accounts = (
        LedgerAccount(id="79", code="4000", name="Sales", kind="income"),
        LedgerAccount(id="80", code="4100", name="Other", kind="income without an item"),
        LedgerAccount(id="60", code="", name="Materials", kind="expense"),
        LedgerAccount(id="35", code="", name="Checking", kind="bank", takes_payments=True),
        LedgerAccount(id="41", code="", name="Visa", kind="credit card"),
    )
    taxes = tuple(
        LedgerTax(
            id=code,
            name=name,
            rate=Decimal(rate),
            components=(TaxComponent(name=name, rate=Decimal(rate)),),
        )
        for code, name, rate in (CODES if abroad else TAXES)
    )
    default: dict[str, Any] = {
        "id": "9130001112223334",
        "name": "Salem Works",
        "currency": "GBP" if abroad else "USD",
        "currencies": ("GBP", "EUR") if abroad else ("USD",),
        "country": "GB" if abroad else "US",
        "accounts": accounts,
        "tax_codes": taxes,
        "trackings": (
            LedgerTracking(id="Class", name="Class", options=CLASSES),
            LedgerTracking(id="Department", name="Department", options={"Department/3": "North"}),
        ),
        "features": features,
    }
    return Company.model_validate(default | more)


def context(
    features: frozenset[str] = US,
    words: Mapping[tuple[str, str], str] = WORDS,
    alone: tuple[str, ...] = (),
    **more: Any,
) -> Context:
    known = company(features, **more)
    return Context(known, PlainIds(set(alone)), Mapped("tenant-1", "connection-1", known, words))


def line(entity: str = "l1", **fields: Any) -> Line:
    return builders.line(entity, **{"tax_rate": Decimal("6.25")} | fields)


def invoice(lines: tuple[Line, ...] | None = None, **fields: Any) -> Invoice:
    chosen = lines if lines is not None else (line("l1", item="p1"), line("l2"))
    mode = fields.get("tax_mode", "exclusive")
    default: dict[str, Any] = {
        "currency": "USD",
        "issue_date": date(2026, 3, 1),
        "due_date": date(2026, 3, 31),
        "totals": totals_of(chosen, mode),
    }
    return builders.invoice("i1", chosen, **default | fields)


def create(entity: Entity, **more: Any) -> Write:
    return Write(Verb.CREATE, EntityType(entity.type), entity.id, MARKER, entity, **more)


def update(entity: Entity, *changed: str, verb: Verb = Verb.UPDATE, **more: Any) -> Write:
    kind = EntityType(entity.type)
    known: dict[str, Any] = {"record": "58", "version": "3", "changed": frozenset(changed)}
    return Write(verb, kind, entity.id, MARKER, entity, **known | more)
