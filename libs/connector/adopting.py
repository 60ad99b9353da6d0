"""Binding a put to a record that is in the ledger already: two sides that have met, and merge."""

from dataclasses import replace

from contracts.entities import DOCUMENTS
from contracts.messages import EntityPut
from libs.connector import lanes, leases, parts
from libs.connector.errors import Held
from libs.connector.flat import State, elements
from libs.connector.interface import Record
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.lines import renamed
from libs.connector.matching import words_of
from libs.connector.spelling import stored
from libs.connector.states import entity_of
from libs.connector.work import Work
from libs.service.database import Connection


async def adopt(db: Connection, desk: Desk, work: Work, external: str, *, strict: bool) -> None:
    """The record is the put's: what both say alike is agreed, the rest is for the merge.

    `strict`: raises Held where there is no such record; else there is none, and it is created.
    Raises Held where the record is another one's, or has other lines.
    """
    lane, kernel = work.lane, desk.kernel
    session = await kernel.sessions.session(desk.account)
    record = (await kernel.connector.read(session, lane.type, {external: ()})).get(external)
    if record is None or record.state != "live":
        if strict:
            raise _held("no-such-record", f"There is no {lane.type} {external} in the ledger.")
        await _forget(db, lane, external)
        return
    owner = await _owner(db, lane, external)
    if owner:
        raise _held("linked-elsewhere", f"{lane.type} {external} there is {owner} already.")
    put = work.put.state
    event = work.event
    totals = getattr(event.entity, "totals", None) if isinstance(event, EntityPut) else None
    normal = await stored(db, desk, lane, put, totals)
    async with lanes.change(db, lane):
        await _bind(db, desk, lane, record, put, normal)
    await leases.wake_waiters(db, lane.key)


async def _bind(
    db: Connection, desk: Desk, lane: Lane, record: Record, put: State, normal: State
) -> None:
    if not await parts.bind(db, lane, lane.type, record.id):
        raise _held("linked-elsewhere", f"{lane.type} {record.id} there is another one's already.")
    lane.state, lane.linked, lane.collided, lane.skipped = "bound", "", False, False
    shown = _paired(lane, await desk.shown(db, lane, record, normal), normal)
    await parts.bind_sides(db, lane, record.parts)
    lane.agreed = replace(lane.agreed, theirs=shown, owed=_owed(lane, put, normal, shown))
    await lanes.save(db, lane)


def _owed(lane: Lane, put: State, normal: State, shown: State) -> State:
    """What the ledger says otherwise than the put as it would store it."""
    ours = words_of(entity_of(put, lane.type, lane.id))
    theirs = words_of(entity_of(shown, lane.type, lane.id))
    alike = {word for word, _ in ours.items() & theirs.items()}
    owed = {}
    for path, value in shown.items():
        agreed = normal.get(path) == value or path in alike
        if (said := put.get(path) if agreed else value) is not None:
            owed[path] = said
    return owed


def _paired(lane: Lane, shown: State, normal: State) -> State:
    """Lines that are not alike are the same by their place: the sum of both would be wrong."""
    if lane.type not in DOCUMENTS:
        return shown
    theirs, ours = _lines(shown), _lines(normal)
    if len(theirs) != len(ours):
        raise _held(
            "linked-differs",
            f"It has {len(ours)} lines here, {len(theirs)} in the ledger ({lane.ledger_number}).",
        )
    pairs = dict(
        zip(
            [line for line in theirs if line not in ours],
            [line for line in ours if line not in theirs],
            strict=True,
        )
    )
    lane.lines = {there: pairs.get(line, line) for there, line in lane.lines.items()}
    return renamed(shown, pairs)


def _lines(state: State) -> list[str]:
    """The line ids, in their order."""
    found = elements({p: v for p, v in state.items() if p.startswith("lines.")}) - {""}
    ids = {name.split(".")[1] for name in found}
    order = [path.split(".")[1] for path in state if path.startswith("lines.")]
    return [line for line in dict.fromkeys(order) if line in ids]


async def _owner(db: Connection, lane: Lane, external: str) -> str:
    owner = await db.fetchrow(
        """
        select l.type, l.id from part p join lane l on l.key = p.lane
        where p.connection = $1 and p.type = $2 and p.external_id = $3 and p.lane <> $4
        """,
        lane.connection,
        str(lane.type),
        external,
        lane.key,
    )
    return f"{owner['type']} {owner['id']}" if owner else ""


async def _forget(db: Connection, lane: Lane, external: str) -> None:
    """It was there at the start, and is no more."""
    await db.execute(
        "delete from roster where connection = $1 and type = $2 and external_id = $3",
        lane.connection,
        str(lane.type),
        external,
    )


def _held(reason: str, sentence: str) -> Held:
    return Held(
        sentence,
        reason=reason,
        action="ledgerbridge link names another record; ledgerbridge retry goes on without.",
    )
