"""Where MYOB keeps what: paths, layouts and the rows of its collections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from contracts.values import EntityType
from libs.connector.interface import Record
from services.connectors.myob.mapping.documents import KINDS
from services.connectors.myob.mapping.payments import PAID, PATHS, RECEIVED
from services.connectors.myob.mapping.refunds import PATH as REFUNDS
from services.connectors.myob.mapping.sales import OVERPAID, SETTLEMENT
from services.connectors.myob.mapping.wire import place_of, uid_of

WRITTEN = ("Item", "Service")
READ_ONLY = ("Professional", "Miscellaneous")
SALES_LAYOUTS = (*WRITTEN, *READ_ONLY, "TimeBilling")
PURCHASE_LAYOUTS = (*WRITTEN, *READ_ONLY)
INVOICES = "/Sale/Invoice"
CARDS: Mapping[str, str] = MappingProxyType(
    {"Customer": "/Contact/Customer", "Supplier": "/Contact/Supplier"}
)
ITEMS = "/Inventory/Item"
SETTLEMENTS = "/Sale/CreditSettlement"
OTHERS: Mapping[str, str] = MappingProxyType(
    {
        **CARDS,
        RECEIVED: PATHS[RECEIVED],
        PAID: PATHS[PAID],
        SETTLEMENT: SETTLEMENTS,
        OVERPAID: f"{INVOICES}/Service",
    }
)
FLAT: Mapping[EntityType, str] = MappingProxyType(
    {EntityType.ITEM: ITEMS, EntityType.REFUND: REFUNDS}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A collection and what its rows are to us; `dated`: its filters know the date; `live`: the
    status of those that may still change, however old."""

    path: str
    record: Callable[[Mapping[str, Any]], Record | None]
    dated: bool = True
    live: str = ""


def path_of(kind: EntityType, external: str) -> str | None:
    """Where a record is read, changed and deleted; None for an id without a known place."""
    place, uid = place_of(external), uid_of(external)
    if kind in FLAT:
        return f"{FLAT[kind]}/{uid}"
    if place in OTHERS:
        return f"{OTHERS[place]}/{uid}"
    if kind in KINDS and place in layouts(KINDS[kind].path):
        return f"{KINDS[kind].path}/{place}/{uid}"
    return None


def layouts(path: str) -> tuple[str, ...]:
    """The layouts of a kind of document."""
    return SALES_LAYOUTS if path.startswith("/Sale") else PURCHASE_LAYOUTS
