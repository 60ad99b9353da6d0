"""Work: a claimed lane with its put, and the writes that come of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from contracts.entities import Entity
from contracts.messages import EntityDeleted, EntityPut
from libs.connector.agreed import Agreed, Plan, Put, Settled
from libs.connector.agreed import Write as Change
from libs.connector.errors import Held, SyncError
from libs.connector.flat import State
from libs.connector.interface import Step, Verb, Write
from libs.connector.lane import Lane, marker_of
from libs.connector.merge import acknowledge
from libs.connector.numbers import outward
from libs.connector.rows import Row
from libs.connector.threeway import plus, touched


class Pause(SyncError):
    """Not now: the lane is due again in a while."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("It waits for something under way.")
        self.after = after


@dataclass(slots=True)
class Work:
    """A claimed lane with its put; `change` is what is to be written."""

    lane: Lane
    row: Row
    event: EntityPut | EntityDeleted
    put: Put
    normal: State = field(default_factory=dict)
    """The put as the ledger will show it."""
    former: State = field(default_factory=dict)
    """What was settled last, as the ledger made it."""
    plan: Plan | None = None
    """What the merge makes of it, by what is known of the record now."""
    change: Change | None = None
    write: Write | None = None
    step: Step | None = None
    """What of it the next call does, where it takes several."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The record as it was read for this put."""


def write_of(lane: Lane, verb: Verb, entity: Entity, delta: Collection[str]) -> Write:
    """The write as a connector sees it."""
    return Write(
        verb=verb,
        type=lane.type,
        id=lane.id,
        marker=lane.marker,
        entity=outward(lane, entity),
        changed=frozenset(delta),
        record="" if verb is Verb.CREATE else lane.record,
        parts=lane.sides,
        version=lane.version,
        lines={ours: theirs for theirs, ours in lane.lines.items()},
        before=lane.agreed.theirs,
        collided=lane.collided,
    )


def new_generation(lane: Lane) -> None:
    """The record's life has ended; what is created next is another one."""
    lane.generation += 1
    lane.state, lane.version, lane.lines = "absent", "", {}
    lane.marker = marker_of(lane.connection, lane.type, lane.id, lane.generation)


def start_over(agreed: Agreed) -> Agreed:
    """Nothing is agreed on any more but what was said: the next put is written whole."""
    return replace(agreed, ours={}, theirs={}, owed={}, settled=0, held=None, decision=None)


def verb_of(change: Change, update: str, lane: Lane) -> Verb:
    if change.kind == "create":
        assert not lane.record, f"{lane.key} has a record and would be created again"
        return Verb.CREATE
    if change.kind == "delete":
        return Verb.DELETE
    if change.delta.get("status") == "void":
        return Verb.VOID
    if update == "none":
        raise Held(
            "The ledger does not let this kind of record be changed.",
            reason="cannot-change",
            action=f"Change {lane.type} {lane.id} in the ledger by hand.",
        )
    return Verb.DELETE if update == "replace" else Verb.UPDATE


def step_of(change: Change, theirs: State, wanted: State, state: State, shown: State) -> Change:
    """What one call of a write that takes several changes.

    `wanted` is the state the whole write is for, `state` the one this call brings about and
    `shown` that as the ledger will show it. Raises AssertionError where it would change nothing.
    """
    paths = [*change.delta, *(path for path in touched(wanted, state) if path not in change.delta)]
    delta = {path: state.get(path) for path in paths if shown.get(path) != theirs.get(path)}
    assert delta, "a step that changes nothing would be taken for ever"
    meant = plus(theirs, {path: shown.get(path) for path in delta})
    kind: Literal["create", "update"] = "update" if theirs else "create"
    return replace(change, kind=kind, delta=delta, merged=state, meant=meant)


def with_implied(plan: Settled | Change, agreed: Agreed, put: Put, implied: State) -> Plan:
    """What the ledger would derive anew from the put is written, too: the account of a line whose
    kind has changed, say. Alone it is reason enough for a call."""
    theirs = agreed.theirs
    if isinstance(plan, Change):
        meant = plus(plan.meant, implied) if plan.meant else {}
        return replace(plan, delta={**implied, **plan.delta}, meant=meant)
    if not (theirs and put.state):
        return plan
    known = replace(acknowledge(agreed, put), said=put.state, seen=put.revision)
    merged, meant = plan.agreed.owed, plus(theirs, implied)
    return Change(known, (), "update", implied, merged, meant, (), recreates=False)
