"""Settling: what is known of a write's outcome, in one transaction with everything it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from contracts.entities import Totals
from libs.connector import calls, events, lanes, leases, parts, rows
from libs.connector import merge as rules
from libs.connector.agreed import Put, dump_state, load_state
from libs.connector.agreed import Write as Change
from libs.connector.calls import Intent
from libs.connector.errors import Held, SyncError
from libs.connector.flat import State
from libs.connector.interface import Record, Verb
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.work import Work, new_generation, start_over
from libs.service.database import Connection

UNREADABLE = (SyncError, ValueError, LookupError, TypeError, ArithmeticError)

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
        return Meant(
            intent.verb,
            intent.seq,
            Put(put["revision"], load_state(put["state"]), put["applied"]),
            load_state(plan["merged"]),
            load_state(plan["meant"]),
            load_state(plan["delta"]),
            tuple(plan["won"]),
            plan["ends"],
            Totals.model_validate(plan["totals"]) if plan["totals"] else None,
            plan.get("partial", False),
            plan.get("makes", False),
        )

    def intent(self, lane: str) -> Intent:
        put = {
            "revision": self.put.revision,
            "state": dump_state(self.put.state),
            "applied": self.put.applied,
        }
        plan: Mapping[str, Any] = {
            "merged": dump_state(self.merged),
            "meant": dump_state(self.meant),
            "delta": dump_state(self.delta),
            "won": list(self.won),
            "ends": self.ends,
            "totals": self.totals.model_dump(mode="json") if self.totals else None,
            "partial": self.partial,
            "makes": self.makes,
        }
        return Intent(lane, self.verb, self.seq, self.put.revision, put, plan)


async def settle(
    db: Connection, desk: Desk, lane: Lane, call: UUID, meant: Meant, record: Record, *, full: bool
) -> None:
    """The write happened and `record` is what the ledger shows now.

    `full`: it is the write's own answer. Raises LeaseLost where the lane is no longer ours, and
    Held where the record belongs to another lane; then the call stays open.
    """
    async with lanes.change(db, lane):
        if not await parts.bind(db, lane, lane.type, record.id):
            raise Held(
                f"The ledger answered with {lane.type} {record.id}; another of our records has it.",
                reason="uncertain",
                action="Look at both in the ledger; then ledgerbridge retry.",
            )
        await lanes.end_call(db, lane, written=True)
        await _agree(db, desk, lane, meant, record, full=full)
        await lanes.save(db, lane)
        await events.journal(db, lane)
        await calls.close(db, call, "done")
    await leases.wake_waiters(db, lane.key)


async def _agree(
    db: Connection, desk: Desk, lane: Lane, meant: Meant, record: Record, *, full: bool
) -> None:
    if meant.ends:
        new_generation(lane)
        lane.agreed = start_over(lane.agreed)
        return
    lane.state = "bound"
    if meant.verb is Verb.DELETE or record.state != "live":
        lane.state = "void"
    shown = await _shown(db, desk, lane, meant, record)
    lane.doubt = False
    if meant.partial:
        lane.agreed, publications = rules.on_step(
            lane.agreed, shown, meant.merged, meant.meant, full=full
        )
        desk.teller.publish(lane, publications, shown)
        return
    lane.agreed, publications = rules.on_settled(
        lane.agreed, meant.put, meant.merged, meant.won, shown, meant.meant, full=full
    )
    lane.dead, lane.alone, lane.skipped = False, False, False
    desk.teller.publish(lane, publications, shown)
    desk.teller.settled(lane)
    if meant.seq is not None:
        await rows.done(db, [meant.seq])


async def _shown(db: Connection, desk: Desk, lane: Lane, meant: Meant, record: Record) -> State:
    """What the ledger shows; an answer with an id is bound, whatever else is wrong with it."""
    if meant.verb is Verb.DELETE:
        return {}
    if not record.raw:
        # It is stored, but the answer does not show it.
        await rows.notice(db, lane.connection, lane.type, {record.id: None})
        return meant.meant
    former = replace(lane)
    try:
        async with db.transaction():
            shown = await desk.shown(db, lane, record, meant.meant)
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
