"""The workers of the simulation: open calls first, then notices, then puts."""

from __future__ import annotations

from libs.connector import outcome
from libs.connector.outcome import Adopt, Doubtful, Found, Gone, Target, Traits
from tests.libs.connector.once_kernel import Writer
from tests.libs.connector.once_world import (
    Call,
    Claim,
    Lane,
    Op,
    Record,
    Row,
    Steps,
    moment,
    seconds,
    traits,
)


class Kernel(Writer):
    """What runs in the connector; the decisions are asked of `outcome` each time."""

    def worker(self) -> Steps:
        while True:
            claims = self.claim()
            if not claims:
                yield self.rng.uniform(2, 12)
                continue
            yield
            yield from self.handle(claims)
            for c in claims:
                if c.lane.token == c.token:
                    c.lane.leased = 0.0
            yield

    def handle(self, claims: list[Claim]) -> Steps:
        first = claims[0]
        if first.lane.call and not (yield from self.resolve(first)):
            return
        if first.row.ext:
            yield from self.back(first)
            return
        jobs = [(c, op) for c in claims if self.mine(c) and (op := self.plan(c))]
        doubted = [(c, op) for c, op in jobs if c.lane.doubt]
        for c, op in doubted:
            c.lane.call, c.lane.doubt = self.intend(c, (op,), doubt=True), False
        if doubted:
            yield
            if doubted[0][0] is first:
                yield from self.resolve(first)
        elif jobs:
            call = self.intend(jobs[0][0], tuple(op for _, op in jobs))
            for c, _ in jobs:
                c.lane.call = call
            yield from self.send(call, jobs)

    # An open call of unknown outcome

    def resolve(self, c: Claim) -> Steps:
        lane, call = c.lane, c.lane.call
        if not call or not self.mine(c):
            return False
        if len(call.ops) > 1:
            call = self.dissolve(lane, call)
        op = next(op for op in call.ops if op.lane == lane.id)
        way = traits(self.ledger.how[lane.kind], self.ledger.key_life)
        until = outcome.quiet_until(call.opened(), way)
        if moment(self.world.now) < until:
            c.row.due = seconds(until)
            return False
        if op.verb == "update":
            return (yield from self.compare(c, call, op))
        return (yield from self.search(c, call, op, way))

    def search(self, c: Claim, call: Call, op: Op, way: Traits) -> Steps:
        """A create is found, or sent again."""
        lane = c.lane
        found = self.ledger.find(lane, op, call.first) if self.ledger.how[lane.kind] else []
        yield
        if not self.mine(c) or lane.call is not call:
            return False
        seen = [self.found(lane, op, record) for record in found]
        verdict = outcome.resolve_create(lane.id, call.opened(), seen, way, moment(self.world.now))
        self.world.say("resolved %s: %s", call.key, verdict)
        if isinstance(verdict, Adopt | Gone | Doubtful):
            return self.judge(lane, verdict, found)
        if op.status == "void":
            lane.call = None
            return True
        if verdict.fresh:
            call.key, call.errors = self.new_key(), 0
        call.sent, call.left, call.deadline = self.world.now, None, c.until
        yield from self.send(call, [(c, op)])
        return False

    def compare(self, c: Claim, call: Call, op: Op) -> Steps:
        """An update is read."""
        record = self.ledger.read(op.ext)
        yield
        if not self.mine(c) or c.lane.call is not call:
            return False
        c.lane.call = None
        if record is None:
            self.gone(c.lane)
        else:
            c.lane.version, c.lane.theirs = record.version, (record.rev, record.status)
        return True

    def dissolve(self, lane: Lane, call: Call) -> Call:
        """Each lane of an unknown bulk call finds alone."""
        for op in call.ops:
            other = self.db.lane(op.lane)
            if other.call is call:
                other.call = Call(
                    self.new_key(), (op,), call.first, call.sent, call.deadline, call.left
                )
        assert lane.call
        return lane.call

    def found(self, lane: Lane, op: Op, record: Record) -> Found:
        ours = record.marker == (lane.id, lane.generation)
        equal = (record.writer, record.rev) == (lane.id, op.rev)
        return Found(record.ext, ours, equal, record.deleted, self.db.owned(record.ext))

    def judge(self, lane: Lane, verdict: Adopt | Gone | Doubtful, found: list[Record]) -> bool:
        if isinstance(verdict, Doubtful):
            lane.hold = "uncertain"
            return False
        record = next(record for record in found if record.ext == verdict.id)
        lane.call = None
        if isinstance(verdict, Gone):
            lane.ext = record.ext
            self.db.parts[lane.ext] = lane.id
            self.gone(lane)
        else:
            self.bind(lane, record.ext, record.version, (record.rev, record.status))
        return True

    # Back

    def back(self, c: Claim) -> Steps:
        row, db = c.row, self.db
        record = self.ledger.read(row.ext)
        yield
        if not self.mine(c):
            return
        lane = db.lane(db.owner(row.ext))
        if lane is not c.lane or lane.call:
            row.due = self.world.now + 5
            return
        if row.ext not in db.parts and record and self.unknown(record, row):
            return
        db.notices.pop(row.ext, None)
        if lane.ext != row.ext or lane.state != "bound":
            return
        if record is None:
            self.gone(lane)
        elif record.version != lane.version:
            lane.version, lane.theirs = record.version, (record.rev, record.status)
            self.publish(lane, "changed")

    def is_open(self, lane: Lane) -> bool:
        return bool(lane.call or (lane.doubt and lane.state == "absent"))

    def unknown(self, record: Record, row: Row) -> bool:
        """Adopts, binds as new, or says that the record must wait."""
        db, now = self.db, self.world.now
        if row.waits is None:
            row.waits = {
                x.id for x in db.lanes.values() if x.kind == record.kind and self.is_open(x)
            }
        target = db.lanes.get(record.marker[0]) if record.marker else None
        if target and record.marker != (target.id, target.generation):
            target = None
        verdict = outcome.unknown_record(
            creates_open=any(self.is_open(db.lane(x)) for x in row.waits),
            target=self.target(target) if target else None,
        )
        if verdict == "wait":
            row.due = now + 15
            return True
        if verdict == "ask":
            assert target
            target.hold = "uncertain"
            return True
        lane = target if verdict == "adopt" and target else db.lane("~" + record.ext)
        self.bind(lane, record.ext, record.version, (record.rev, record.status))
        return False

    def target(self, lane: Lane) -> Target:
        bearers = self.ledger.find(lane, Op("create", lane.id, 0, ""), 0)
        busy = bool(lane.call) or lane.leased > self.world.now
        return Target(lane.state, busy, len(bearers))
