"""Settling: what is known of a write's outcome, in one transaction with everything it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from contracts.entities import Entity, Totals
from libs.connector import (
    applied,
    calls,
    differing,
    events,
    families,
    lanes,
    leases,
    parts,
    reapply,
    rows,
)
from libs.connector import merge as rules
from libs.connector.agreed import Put, dump_like, dump_state, load_like, load_state
from libs.connector.agreed import Write as Change
from libs.connector.calls import Intent
from libs.connector.errors import Held, SyncError
from libs.connector.flat import State
from libs.connector.ids import settled_all
from libs.connector.interface import Record, Verb
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.names import whole_name
from libs.connector.work import Work, new_generation, start_over
from libs.service.database import Connection

UNREADABLE = (SyncError, ValueError, LookupError, TypeError, ArithmeticError)
Shown = Entity | Exception
"""A record in our ids, or why it cannot be read."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Meant:
    """What a call meant for a lane, as it is kept with the call."""

    verb: Verb
    seq: int | None
    put: Put
    merged: State
    meant: State
    delta: State
    won: tuple[str, ...]
    ends: bool
    """The record was removed only so that another can take its place."""
    totals: Totals | None
    partial: bool = False
    """One of several calls of a write: the put is not settled by it."""
    makes: bool = False
    """It makes a side record, which is searched where its outcome is unknown."""

    @staticmethod
    def of(work: Work, verb: Verb, change: Change) -> "Meant":
        ends = verb is Verb.DELETE and change.kind == "update"
        return Meant(
            verb,
            work.row.seq,
            work.put,
            change.merged,
            change.meant,
            change.delta,
            change.won,
            ends,
            getattr(work.write.entity, "totals", None) if work.write else None,
            partial=work.step is not None,
            makes=work.step is not None and work.step.makes,
        )

    @staticmethod
    def load(intent: Intent) -> "Meant":
        put, plan = intent.put, intent.plan
        said = load_state(put["state"])
        return Meant(
            intent.verb,
            intent.seq,
            Put(put["revision"], said, put["applied"]),
            load_like(plan["merged"], said),
            load_like(plan["meant"], said),
            load_like(plan["delta"], said),
            tuple(plan["won"]),
            plan["ends"],
            Totals.model_validate(plan["totals"]) if plan["totals"] else None,
            plan.get("partial", False),
            plan.get("makes", False),
        )

    def intent(self, lane: str) -> Intent:
        said = dump_state(self.put.state)
        put = {"revision": self.put.revision, "state": said, "applied": self.put.applied}
        plan: Mapping[str, Any] = {
            "merged": dump_like(self.merged, said),
            "meant": dump_like(self.meant, said),
            "delta": dump_like(self.delta, said),
            "won": list(self.won),
            "ends": self.ends,
            "totals": self.totals.model_dump(mode="json") if self.totals else None,
            "partial": self.partial,
            "makes": self.makes,
        }
        return Intent(lane, self.verb, self.seq, self.put.revision, put, plan)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call meant for a lane happened, and `record` is what the ledger shows now."""

    lane: Lane
    meant: Meant
    record: Record


async def settle(db: Connection, desk: Desk, call: UUID, *outcomes: Outcome, full: bool) -> None:
    """The writes of a call happened: all these are kept, or none.

    `full`: it is the call's own answer. Raises LeaseLost where a lane is no longer ours, and Held
    where a record belongs to another lane; then the call stays open.
    """
    changed = [outcome.lane for outcome in outcomes]
    before = [(lane.agreed.theirs, whole_name(lane)) for lane in changed]
    async with lanes.change(db, *changed):
        await _bind(db, outcomes)
        await lanes.end_call(db, *changed, written=True)
        entities = await _translated(db, desk, outcomes)
        done = [o for o in outcomes if await _agree(db, desk, o, entities, full=full)]
        await reapply.over(db, *(outcome.lane for outcome in done))
        await rows.done(db, [o.meant.seq for o in done if o.meant.seq is not None])
        await lanes.save_all(db, changed)
        await events.journal(db, *changed)
        await calls.close(db, call, "done")
    await leases.wake_waiters(db, *(lane.key for lane in changed))
    for lane, (theirs, name) in zip(changed, before, strict=True):
        await applied.hint(db, lane, theirs)
        await families.follow(db, desk, lane, name)


async def _bind(db: Connection, outcomes: Sequence[Outcome]) -> None:
    records = [(outcome.lane, outcome.record.id) for outcome in outcomes]
    for lane, record in await parts.bind_all(db, outcomes[0].lane.type, records):
        raise Held(
            f"The ledger answered with {lane.type} {record}; another of our records has it.",
            reason="uncertain",
            action="Look at both in the ledger; then ledgerbridge retry.",
        )


async def _translated(
    db: Connection, desk: Desk, outcomes: Sequence[Outcome]
) -> Mapping[str, Shown]:
    """What the records show, by lane; what they refer to is looked up at once."""
    connector, context = desk.kernel.connector, desk.context
    plain = [o for o in outcomes if o.record.raw and o.meant.verb is not Verb.DELETE]
    wanted = [partial(connector.entity, outcome.record, context) for outcome in plain]
    found = await settled_all(db, desk.ids, wanted, UNREADABLE)
    return {outcome.lane.key: shown for outcome, shown in zip(plain, found, strict=True)}


async def _agree(
    db: Connection, desk: Desk, outcome: Outcome, entities: Mapping[str, Shown], *, full: bool
) -> bool:
    """Take it into the working copy; whether its put is finished by it."""
    lane, meant, record = outcome.lane, outcome.meant, outcome.record
    if meant.ends:
        new_generation(lane)
        lane.agreed = start_over(lane.agreed)
        return False
    lane.state = "bound"
    if meant.verb is Verb.DELETE or record.state != "live":
        lane.state = "void"
    shown = await _shown(db, desk, outcome, entities.get(lane.key))
    lane.doubt = False
    if meant.partial:
        lane.agreed, publications = rules.on_step(
            lane.agreed, shown, meant.merged, meant.meant, full=full
        )
        desk.teller.publish(lane, publications, shown)
        return False
    lane.agreed, publications = rules.on_settled(
        lane.agreed, meant.put, meant.merged, meant.won, shown, meant.meant, full=full
    )
    removed = meant.verb is Verb.DELETE or lane.state == "void"
    lane.facts = differing.noted(lane.facts, None if removed else meant.totals, record.totals)
    lane.dead, lane.alone, lane.skipped = False, False, False
    desk.teller.publish(lane, publications, shown)
    desk.teller.settled(lane)
    return True


async def _shown(db: Connection, desk: Desk, outcome: Outcome, entity: Shown | None) -> State:
    """What the ledger shows; an answer with an id is bound, whatever else is wrong with it."""
    lane, meant, record = outcome.lane, outcome.meant, outcome.record
    if meant.verb is Verb.DELETE:
        return {}
    if entity is None:
        # It is stored, but the answer does not show it.
        await rows.notice(db, lane.connection, lane.type, {record.id: None})
        return meant.meant
    former = replace(lane)
    try:
        if isinstance(entity, Exception):
            raise entity
        shown = desk.seen(lane, record, entity, meant.meant)
        if record.parts or lane.sides:
            async with db.transaction():
                await parts.bind_sides(db, lane, record.parts)
        return shown
    except UNREADABLE as error:
        log.error("answer.unreadable", lane=lane.key, record=record.id, error=repr(error))
        lane.lines, lane.facts, lane.version = former.lines, former.facts, former.version
        await rows.notice(db, lane.connection, lane.type, {record.id: None})
        return meant.meant


async def not_done(db: Connection, lane: Lane, call: UUID, outcome: str) -> None:
    """The write did not happen: its call is closed, the lane goes on as it was."""
    async with lanes.change(db, lane):
        await lanes.end_call(db, lane, written=False)
        await lanes.save(db, lane)
        await events.journal(db, lane)
        await calls.close(db, call, outcome)
