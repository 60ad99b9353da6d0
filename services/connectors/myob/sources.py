"""Which collections show a kind of record, and whose their rows are (dossier section 9)."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.values import EntityType
from libs.connector.interface import Record
from services.connectors.myob import reads
from services.connectors.myob.mapping import sales
from services.connectors.myob.mapping.documents import KINDS
from services.connectors.myob.mapping.payments import PAID, RECEIVED
from services.connectors.myob.mapping.wire import PLACE, moment, spelled
from services.connectors.myob.places import (
    CARDS,
    FLAT,
    INVOICES,
    OTHERS,
    PURCHASE_LAYOUTS,
    SETTLEMENTS,
    Source,
)

Row = Mapping[str, Any]
Recorder = Callable[[Row], Record | None]


def sources(kind: EntityType) -> list[Source]:
    """The collections to be looked at."""
    if kind is EntityType.CONTACT:
        return [Source(path, _placed(kind, role), dated=False) for role, path in CARDS.items()]
    if kind in FLAT:
        return [Source(FLAT[kind], _placed(kind, ""), dated=kind is EntityType.REFUND)]
    if kind is EntityType.PAYMENT:
        listed = [Source(OTHERS[place], _placed(kind, place)) for place in (RECEIVED, PAID)]
        return [*listed, Source(INVOICES, _sale(kind))]
    if kind is EntityType.INVOICE:
        return [Source(INVOICES, _sale(kind), live="Open")]
    if kind is EntityType.CREDIT_NOTE:
        settled = Source(SETTLEMENTS, _placed(kind, sales.SETTLEMENT))
        return [Source(INVOICES, _sale(kind), live="Credit"), settled]
    path = KINDS[kind].path
    return [Source(f"{path}/{at}", _placed(kind, at), live="Open") for at in PURCHASE_LAYOUTS]


def _placed(kind: EntityType, place: str) -> Recorder:
    """Every row of the collection is a record of the kind, at one place."""

    def recorded(raw: Row) -> Record | None:
        row = {**raw, PLACE: place}
        if place == sales.SETTLEMENT:
            changed = moment(raw.get("LastModified"))
            return Record(kind, spelled(place, raw["UID"]), row, updated_at=changed)
        if kind is EntityType.BILL and not reads.is_kind(kind, row):
            return None
        return reads.record(kind, row)

    return recorded


def _sale(kind: EntityType) -> Recorder:
    """Rows of all layouts, which they name; without lines."""

    def recorded(raw: Row) -> Record | None:
        if sales.kind_of(raw) is not kind:
            return None
        overpaid = kind is EntityType.PAYMENT
        place = sales.OVERPAID if overpaid else str(raw.get("InvoiceType") or "")
        return reads.record(kind, {**raw, PLACE: place})

    return recorded
