"""Searching what a lost answer may have made (dossier section 8).

Notes cannot be searched there, so what was changed since the call left is read and compared.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from contracts.values import EntityType
from libs.connector.interface import Record, Session, Wanted
from services.connectors.quickbooks_online import query, reading, records
from services.connectors.quickbooks_online.mapping import notes, settlements
from services.connectors.quickbooks_online.mapping.wire import Raw

CLOCKS = timedelta(minutes=10)
"""How far the vendor's clock and ours may differ."""


async def find(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    """See Finds.find."""
    sides = [one for one in wanted if one.record]
    lost = [one for one in wanted if not one.record]
    return [
        *(await _lost(session, kind, lost) if lost else ()),
        *(await _with_sides(session, kind, sides) if sides else ()),
    ]


async def _lost(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    markers = {one.marker for one in wanted}
    numbers = {one.number for one in wanted if one.number}
    found: dict[str, Record] = {}
    for resource in records.RESOURCES[kind]:
        if resource in records.NEVER_MADE:
            continue
        async for page in query.everything(session, resource, _since(wanted)):
            for raw in page.found:
                record = records.record(kind, resource, raw)
                if record.marker in markers or record.number in numbers:
                    found[record.id] = record
    if kind is EntityType.CREDIT_NOTE and found:
        return list((await reading.read(session, kind, dict.fromkeys(found, ()))).values())
    return list(found.values())


async def _with_sides(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    """The main records of those whose new side record is there."""
    made: dict[str, list[str]] = {one.record: [] for one in wanted}
    for resource in _side_resources(kind):
        async for page in query.everything(session, resource, _since(wanted)):
            for one in wanted:
                made[one.record].extend(_new(one, resource, page.found))
    ids = {one.record: (*one.parts, *made[one.record]) for one in wanted if made[one.record]}
    return list((await reading.read(session, kind, ids)).values()) if ids else []


def _side_resources(kind: EntityType) -> tuple[str, ...]:
    if kind is EntityType.CREDIT_NOTE:
        return (settlements.PAYMENT,)
    return records.RESOURCES[kind]


def _new(wanted: Wanted, resource: str, found: Iterable[Raw]) -> list[str]:
    field = "PrivateNote" if resource == settlements.PAYMENT else "Notes"
    mine = (raw for raw in found if notes.parsed(raw.get(field)).side == wanted.marker)
    named = (f"{resource}/{raw['Id']}" for raw in mine)
    return [external for external in named if external not in wanted.parts]


def _since(wanted: Sequence[Wanted]) -> datetime | None:
    moments = [one.since for one in wanted]
    known = [moment for moment in moments if moment is not None]
    return min(known) - CLOCKS if known and len(known) == len(moments) else None
