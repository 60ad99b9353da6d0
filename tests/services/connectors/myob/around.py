"""A company file, ids and words as the translation sees them; writes and rows offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from contracts.entities import Entity, Line
from contracts.values import EntityType
from libs.connector.companies import LedgerAccount, LedgerTax, LedgerTracking
from libs.connector.errors import Unavailable
from libs.connector.interface import Answer, Company, Context, Verb, Write
from libs.connector.mappings import Mapped
from libs.connector.wire import encode
from services.connectors.myob.connector import MyobConnector
from services.connectors.myob.mapping import currencies

MYOB = MyobConnector()
MARKER = "lb-abcdefgh234567ab"
TAXES = (("GST", "10"), ("N-T", "0"), ("ODD", "8.875"))
WORDS = {
    **{("line_kind", kind): "4-1000" for kind in ("part", "labour", "fee", "other")},
    **{("line_kind", f"purchase_{kind}"): "5-1000" for kind in ("part", "labour", "fee", "other")},
    ("payment_method", ""): "1-1110",
    ("payment_method", "till"): "UndepositedFunds",
    ("tracking", "north"): "NTH",
    ("tracking", "fair/spring"): "Job/110",
    ("tracking", "shop"): "Location/Shop",
}


@dataclass(slots=True)
class PlainIds:
    """Every reference has a record: `c1` is `Customer/c1`, `i1` is `Item/i1`."""

    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    layout: str = "Item"

    def external(self, kind: EntityType, local: str) -> str:
        if kind is EntityType.CONTACT:
            return f"{'Supplier' if local == 'c2' else 'Customer'}/{local}"
        if kind is EntityType.PAYMENT:
            return f"CustomerPayment/{local}"
        return local if kind is EntityType.ITEM else f"{self.layout}/{local}"

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        del kind
        return self.beside.get(local, ())

    def number(self, kind: EntityType, local: str) -> str:
        del kind
        return local

    def local(self, kind: EntityType, external: str) -> str:
        del kind
        return external.rpartition("/")[2]

    def numbered(self, kind: EntityType, number: str) -> str | None:
        del kind
        return number

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        del kind, local
        return None

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        del order, besides
        return ()


def company(**more: Any) -> Company:
    chart = (
        ("4-1000", "Sales", "income"),
        ("4-2000", "Labour", "income"),
        ("5-1000", "Purchases", "expense"),
        ("1-1110", "Bank", "bank"),
    )
    accounts = tuple(
        LedgerAccount(
            id=f"a-{code}", code=code, name=name, kind=kind, takes_payments=kind == "bank"
        )
        for code, name, kind in chart
    )
    tracked = (("category", "NTH"), ("job", "110"), ("location", "Shop"))
    default: dict[str, Any] = {
        "id": "70784a63-d24b-46a9-a4db-0e70a274b056",
        "name": "Wattle Print",
        "currency": "AUD",
        "country": "AU",
        "currencies": ("AUD", "USD"),
        "accounts": accounts,
        "tax_codes": tuple(
            LedgerTax(id=f"t-{code}", name=code, rate=Decimal(rate)) for code, rate in TAXES
        ),
        "trackings": tuple(
            LedgerTracking(id=kind, name=kind.title(), options={f"{kind}-1": name})
            for kind, name in tracked
        ),
        "features": frozenset({currencies.feature("USD", "cur-usd")}),
    }
    return Company.model_validate(default | more)


def context(
    words: Mapping[tuple[str, str], str] | None = None, ids: PlainIds | None = None, **more: Any
) -> Context:
    known = company(**more)
    chosen = WORDS | dict(words or {})
    return Context(known, ids or PlainIds(), Mapped("tenant-1", "connection-1", known, chosen))


def create(entity: Entity, **more: Any) -> Write:
    return Write(Verb.CREATE, EntityType(entity.type), entity.id, MARKER, entity, **more)


def update(entity: Entity, raw: Mapping[str, Any], *changed: str, **more: Any) -> Write:
    kind = EntityType(entity.type)
    known: dict[str, Any] = {"record": f"{raw['~place']}/{raw['UID']}", "raw": raw}
    verb = more.pop("verb", Verb.UPDATE)
    return Write(verb, kind, entity.id, MARKER, entity, frozenset(changed), **known | more)


@dataclass(slots=True)
class Shelf:
    """Answers by path, and by filter where one is named; implements `interface.Session`."""

    rows: Mapping[str, Any]
    refused: tuple[str, ...] = ()
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    company: str = "company"

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        del headers
        self.asked.append((path, dict(params or {})))
        if any(word in str(params) for word in self.refused):
            raise Unavailable(f"MYOB answered 400 to a read of {path}.")
        if path not in self.rows:
            return Answer(404, {}, b"")
        return Answer(200, {}, encode(self.rows[path]))
