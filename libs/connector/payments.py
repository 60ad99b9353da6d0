"""Old payments of documents that were in the ledger already: most likely they are there too."""

import json
from collections.abc import Mapping, Sequence

from contracts.entities import Entity, Payment
from contracts.messages import EntityPut
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector.ids import settled
from libs.connector.interface import Record
from libs.connector.kernel import Desk
from libs.connector.work import Work
from libs.service.database import Connection

Core = tuple[object, ...]


async def find(db: Connection, desk: Desk, works: Sequence[Work]) -> Mapping[str, str]:
    """Lane -> the only unbound payment there of the same documents, day and amounts."""
    ours = {work.lane.key: _ours(work) for work in works}
    beside = await _beside(db, desk, [payment for payment in ours.values() if payment])
    if not beside:
        return {}
    session = await desk.kernel.sessions.session(desk.account)
    kind = EntityType.PAYMENT
    found = await desk.kernel.connector.read(session, kind, dict.fromkeys(beside, ()))
    there: dict[Core, list[str]] = {}
    for record in found.values():
        if record.state == "live":
            there.setdefault(await _core_of(db, desk, record), []).append(record.id)
    desk.ids.unseen()
    wanted: dict[Core, list[str]] = {}
    for key, payment in ours.items():
        if payment:
            wanted.setdefault(_core(payment), []).append(key)
    # Equal ones are interchangeable, as long as there are as many.
    return {
        key: record
        for core, keys in wanted.items()
        for key, record in zip(sorted(keys), sorted(there.get(core, ())), strict=False)
    }


async def _beside(db: Connection, desk: Desk, payments: Sequence[Payment]) -> list[str]:
    """The unbound payments that the records of their documents show."""
    shares = [share for payment in payments for share in payment.allocations]
    keys = {lane_key(desk.account.id, EntityType(s.document_type), s.document) for s in shares}
    rows = await db.fetch("select facts from lane where key = any($1)", sorted(keys))
    related = {name for row in rows for name in json.loads(row["facts"]).get("related", ())}
    named = [name.partition("/")[2] for name in sorted(related) if name.startswith("payment/")]
    bound = await db.fetch(
        "select external_id from part where connection = $1 and type = 'payment' "
        "and external_id = any($2)",
        desk.account.id,
        named,
    )
    return [name for name in named if name not in {row["external_id"] for row in bound}]


async def _core_of(db: Connection, desk: Desk, record: Record) -> Core:
    entity: Entity = await settled(
        db, desk.ids, lambda: desk.kernel.connector.entity(record, desk.context)
    )
    return _core(entity) if isinstance(entity, Payment) else ()


def _core(payment: Payment) -> Core:
    shares = sorted((s.document_type, s.document, s.amount) for s in payment.allocations)
    return payment.date, payment.amount, payment.direction, *shares


def _ours(work: Work) -> Payment | None:
    entity = work.event.entity if isinstance(work.event, EntityPut) else None
    return entity if isinstance(entity, Payment) else None
