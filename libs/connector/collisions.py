"""A number or code that is used in the ledger already: held, linked, or sent with a prefix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.entities import DOCUMENTS, Entity, Totals
from contracts.messages import EntityPut
from libs.connector import lanes
from libs.connector.adopting import adopt
from libs.connector.errors import Held
from libs.connector.ids import settled
from libs.connector.interface import Record, Wanted
from libs.connector.kernel import Desk
from libs.connector.numbers import DUPLICATE, number, outward
from libs.connector.spelling import stored
from libs.connector.work import Work
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Taken:
    """A record of the ledger with our number; `owner`: the record of ours it is, "" if none."""

    record: Record
    owner: str


async def find(db: Connection, desk: Desk, works: Sequence[Work]) -> Mapping[str, Sequence[Taken]]:
    """Lane -> the live records that have its number; raises an error of the tree."""
    named = {work.lane.key: number(_sent(work)) for work in works}
    wanted = [_wanted(work) for work in works if named[work.lane.key]]
    taken = await search(db, desk, wanted)
    return {
        key: [one for one in taken if one.record.number == name]
        for key, name in named.items()
        if name
    }


async def search(db: Connection, desk: Desk, wanted: Sequence[Wanted]) -> Sequence[Taken]:
    """The live records with one of the numbers; none where the ledger cannot be asked so."""
    if not wanted or desk.kernel.facts(wanted[0].type).find == "none":
        return ()
    kind, size = wanted[0].type, desk.kernel.facts(wanted[0].type).find_bulk
    session = await desk.kernel.sessions.session(desk.account)
    found: dict[str, Record] = {}
    for some in (wanted[i : i + size] for i in range(0, len(wanted), size)):
        records = await desk.kernel.connector.find(session, kind, some)
        found |= {r.id: r for r in records if r.state != "deleted"}
    owners = await _owners(db, desk, kind, list(found))
    return [Taken(record, owners.get(record.id, "")) for record in found.values()]


async def decide(db: Connection, desk: Desk, work: Work, taken: Sequence[Taken]) -> None:
    """By the policy; raises Held where a person is asked. Nothing taken: it may be sent."""
    policy, lane = desk.account.policy, work.lane
    free = [one.record for one in taken if not one.owner]
    if not taken:
        return
    # Whoever it is for must be known there before the two can be compared; raises NotReady.
    await stored(db, desk, lane, work.put.state, getattr(_sent(work), "totals", None))
    if len(taken) == len(free) == 1 and (
        policy.collisions == "link" or await is_same(db, desk, _sent(work), free[0], {})
    ):
        await adopt(db, desk, work, free[0].id, strict=True)
    elif policy.collisions == "prefix" and not lane.prefix and lane.type in DOCUMENTS:
        async with lanes.change(db, lane):
            lane.prefix, lane.collided = policy.prefix, False
            await lanes.save(db, lane)
    else:
        raise _question(desk, work, taken)


async def is_same(
    db: Connection, desk: Desk, ours: Entity, record: Record, known: Mapping[str, str]
) -> bool:
    """Whether it is plainly the same document: contact, day, currency and total agree.

    `known`: contacts of the ledger that are not bound yet -> which of ours they would be.
    """
    if record.type not in DOCUMENTS:
        return False
    theirs = await settled(db, desk.ids, lambda: desk.kernel.connector.entity(record, desk.context))
    desk.ids.unseen()
    there = _core(theirs, record.totals)
    return (known.get(there[0], there[0]), *there[1:]) == _core(ours, None)


def _core(entity: Entity, totals: Totals | None) -> tuple[str, ...]:
    totals = totals or getattr(entity, "totals", None)
    contact = getattr(entity, "customer", None) or getattr(entity, "supplier", None)
    gross = f"{totals.gross.normalize():f}" if totals else ""
    names = ("issue_date", "currency")
    return str(contact), gross, *(str(getattr(entity, name, None)) for name in names)


def _question(desk: Desk, work: Work, taken: Sequence[Taken]) -> Held:
    account, lane = desk.account, work.lane
    where = f"--tenant {account.tenant} --connection {account.id}"
    described = "; ".join(_described(one) for one in taken[:5])
    return Held(
        f"The number {number(_sent(work))} is used in {account.company_name} already: {described}.",
        reason=DUPLICATE,
        action=f"ledgerbridge link {lane.type} {lane.id} {taken[0].record.id} {where} if it is the "
        f"same document; ledgerbridge policy --collisions prefix {where} sends it with a prefix; "
        "or change one of the two numbers, then ledgerbridge retry.",
    )


def _described(one: Taken) -> str:
    record = one.record
    total = f", total {record.totals.gross}" if record.totals else ""
    status = f", {record.status}" if record.status else ""
    return f"{record.id}{total}{status}" + (f", which is our {one.owner}" if one.owner else "")


def _sent(work: Work) -> Entity:
    assert isinstance(work.event, EntityPut)
    return outward(work.lane, work.event.entity)


def _wanted(work: Work) -> Wanted:
    lane, entity = work.lane, _sent(work)
    return Wanted(lane.type, lane.id, lane.marker, number(entity), entity=entity)


async def _owners(
    db: Connection, desk: Desk, kind: str, records: Sequence[str]
) -> Mapping[str, str]:
    rows = await db.fetch(
        """
        select p.external_id, l.type || ' ' || l.id as owner from part p
        join lane l on l.key = p.lane
        where p.connection = $1 and p.type = $2 and p.external_id = any($3)
        """,
        desk.account.id,
        str(kind),
        list(records),
    )
    return {row["external_id"]: row["owner"] for row in rows}
