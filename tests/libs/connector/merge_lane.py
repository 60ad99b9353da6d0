"""The kernel around the merge as the schedule needs it: lanes, open calls, notices, decisions."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Protocol

from libs.connector import disputes, lines, merge, threeway
from libs.connector.agreed import (
    Agreed,
    Changed,
    Held,
    Policy,
    Publication,
    Put,
    Settled,
    Side,
    Write,
    dump,
    load,
)
from libs.connector.flat import State
from tests.libs.connector.merge_sides import (
    Call,
    Event,
    Lane,
    Ledger,
    Sent,
    Stage,
    lines_in,
    show,
    unescaped,
)


class World(Stage, Protocol):
    misjudged: bool

    def fault(self) -> str: ...
    def normal(self, path: str, value: Any) -> Any: ...
    def judge_event(self, connector: Connector, event: Event) -> None: ...
    def judge_call(self, lane: Lane, plan: Write) -> None: ...
    def judge_create(self, connector: Connector, rid: str) -> None: ...


class Connector:
    """`file`, `hint` and `command` only file; `work` does one step of a lane."""

    def __init__(self, world: World, name: str, policy: Policy, ledger: Ledger) -> None:
        self.world, self.name, self.policy, self.ledger = world, name, policy, ledger
        self.lanes: dict[str, Lane] = {}
        self.parts: dict[str, str] = {}
        self.journal: list[Event] = []
        self.notices: list[str] = []
        self.commands: list[tuple[str, int, Side]] = []
        self.recreated: Counter[str] = Counter()
        self.calls = self.writes = self.puts_read = self.events_read = 0

    def file(self, put: Sent) -> None:
        lane = self.lanes.setdefault(put.rid, Lane(put.rid))
        if put.revision > lane.revision:
            lane.revision, lane.put, lane.dead, lane.wake = put.revision, put, None, True

    def hint(self, ext: str) -> None:
        if ext not in self.parts:
            record = self.ledger.records.get(ext)
            creating = (c.call and c.call.plan.kind == "create" for c in self.lanes.values())
            if any(creating):  # an unknown record waits for the creates that are open
                return self.notices.append(ext)
            if not record or record.marker in self.lanes:
                return None
            self.parts[ext] = ext
            self.lanes[ext] = Lane(ext, ext)
        self.lanes[self.parts[ext]].notice = True
        return None

    def command(self, rid: str, number: int, side: Side) -> None:
        lane = self.lanes[rid]
        lane.agreed, lane.wake = disputes.on_decision(lane.agreed, number, side), True

    def busy(self, lane: Lane) -> bool:
        return bool(lane.call or lane.notice or self.pushable(lane))

    def pushable(self, lane: Lane) -> bool:
        return bool(lane.put and (not lane.agreed.held or lane.wake))

    def work(self, lane: Lane) -> None:
        if lane.call:
            (self.resolve if lane.call.sent else self.send)(lane, lane.call)
        elif lane.notice:
            lane.notice = False
            self.pull(lane, self.read(lane))
        elif self.pushable(lane):
            self.push(lane)
        if self.world.durable:
            lane.agreed = load(json.loads(json.dumps(dump(lane.agreed))))

    def keep(self, lane: Lane, agreed: Agreed, publications: tuple[Publication, ...]) -> None:
        lane.agreed = agreed
        for said in publications:
            if isinstance(said, Changed):
                event = Event(lane.rid, said.number, said.revision, said.before, said.after)
            else:
                ours = agreed.ours
                event = Event(
                    lane.rid, said.number, said.revision, ours, ours, said.conflicts, said.winner
                )
            self.journal.append(event)
            what = f"conflict {event.conflicts} winner {event.winner}"
            if not event.conflicts:
                what = show(threeway.touched(event.before, event.after))
            self.world.say(f"{self.name}         publishes {lane.rid} #{event.number}: {what}")
            self.world.judge_event(self, event)

    # back

    def read(self, lane: Lane) -> State:
        raw, lane.version = self.ledger.read(lane.ext)
        return self.incoming(lane, raw, lane.agreed.theirs)

    def incoming(self, lane: Lane, raw: State, expected: State) -> State:
        """The ledger's record with our line ids, derived fields left out."""
        raw = {path: value for path, value in raw.items() if path != "total"}
        lane.lines = lines.match_lines(raw, expected, lane.lines)
        return lines.renamed(raw, lane.lines)

    def pull(self, lane: Lane, shown: State) -> None:
        agreed, said = merge.on_pull(lane.agreed, shown)
        if agreed is lane.agreed:
            return
        self.world.say(f"{self.name}         pulls {lane.rid}: {show(shown) if shown else 'gone'}")
        lane.gone, lane.wake = not shown, True
        lane.put, lane.dead = lane.put or lane.dead, None
        self.keep(lane, agreed, said)

    # out

    def put_of(self, put: Sent) -> Put:
        applied = None if put.applied is None else put.applied.get(self.name, 0)
        return Put(put.revision, put.state, applied)

    def push(self, lane: Lane) -> None:
        sent = lane.put
        assert sent
        put = self.put_of(sent)
        lane.agreed = merge.acknowledge(lane.agreed, put)
        if lane.agreed.theirs and not self.ledger.versions:
            self.pull(lane, self.read(lane))
        lane.wake = False
        plan = merge.plan_push(lane.agreed, put, self.world.normal, self.policy, gone=lane.gone)
        if isinstance(plan, Write):
            self.recreated[lane.rid] += plan.recreates
            lane.call = Call(sent, plan, lane.version)
        self.keep(lane, plan.agreed, plan.publications)
        if isinstance(plan, Settled):
            lane.put = None
        assert not isinstance(plan, Held) or lane.agreed.held

    def send(self, lane: Lane, call: Call) -> None:
        self.calls += 1
        self.world.judge_call(lane, call.plan)
        fault = self.world.fault()
        call.sent, call.lost = True, bool(fault)
        if fault != "before":
            call.outcome, call.answer = self.write(lane, call)
            self.writes += call.outcome == "done"
        self.world.say(
            f"{self.name}         {call.plan.kind}s {lane.rid} {show(call.plan.delta)}: "
            f"{call.outcome}{', answer lost' * call.lost}"
        )

    def write(self, lane: Lane, call: Call) -> tuple[str, tuple[str | None, State, int]]:
        plan, ext, nothing = call.plan, lane.ext, (lane.ext, dict[str, Any](), 0)
        known = {own: there for there, own in lane.lines.items() if plan.kind != "create"}
        ids = {own: known.get(own, "+" + own) for own in lines_named(plan.delta)}
        changes = lines.renamed(plan.delta, ids)
        if plan.kind != "create" and ext not in self.ledger.records:
            return "missing", nothing
        if self.ledger.refuses(plan.delta):
            return "refused", nothing
        if plan.kind == "create":
            ext = self.ledger.create(lane.rid, changes)
            self.world.judge_create(self, lane.rid)
        elif self.ledger.versions and self.ledger.records[ext or ""].version != call.version:
            return "stale", nothing
        elif plan.kind == "delete":
            self.ledger.remove(ext or "")
        else:
            self.ledger.store(ext or "", changes, api=True)
        return "done", (ext, *self.ledger.read(ext))

    def look(self, lane: Lane, call: Call) -> tuple[str | None, State, int]:
        """The answer; without one, or where it does not show the record, what is there now."""
        ext, raw, version = call.answer
        if call.lost:
            ext = lane.ext
            if call.plan.kind == "create":
                records = self.ledger.records.items()
                ext = next((e for e, r in records if r.marker == lane.rid), None)
        if call.lost or (call.outcome == "done" and not self.ledger.full):
            raw, version = self.ledger.read(ext)
        return ext, raw, version

    def happened(self, lane: Lane, call: Call, ext: str | None, shown: State) -> bool:
        plan = call.plan
        if not call.lost:
            return call.outcome == "done"
        if plan.kind == "create":
            return bool(ext)
        if plan.kind == "delete":
            return not shown
        return threeway.update_happened(plan.delta, lane.agreed.theirs, plan.meant, shown)

    def resolve(self, lane: Lane, call: Call) -> None:
        plan, ids, put = call.plan, dict(lane.lines), self.put_of(call.sent_put)
        ext, raw, version = self.look(lane, call)
        shown = self.incoming(lane, raw, plan.meant)
        lane.call = None
        if call.outcome == "refused" and not call.lost:
            lane.lines = ids
            if lane.put is call.sent_put:
                lane.put, lane.dead = None, call.sent_put
            return self.keep(lane, *merge.on_refused(lane.agreed, put, plan.merged))
        if not self.happened(lane, call, ext, shown):
            self.world.misjudged |= call.outcome == "done"
            lane.lines, lane.wake = ids, True
            return self.pull(lane, self.read(lane)) if lane.ext and not lane.gone else None
        lane.ext, lane.version = ext, version
        self.parts[str(ext)] = lane.rid
        lane.put = None if lane.put is call.sent_put else lane.put
        agreed, said = merge.on_settled(
            lane.agreed,
            put,
            plan.merged,
            plan.won,
            shown,
            plan.meant,
            full=self.ledger.full and not call.lost,
        )
        lane.gone = not agreed.theirs
        return self.keep(lane, agreed, said)


def lines_named(state: State) -> list[str]:
    return [unescaped(line) for line in lines_in(state)]
