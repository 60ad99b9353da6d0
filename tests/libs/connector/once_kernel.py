"""The connector of the simulation: its decisions are those of `libs.connector`."""

from __future__ import annotations

import random
from typing import Any, Protocol, cast

from libs.connector import gate
from libs.connector.lane import Lane as KernelLane
from tests.libs.connector.once_ledger import Ledger
from tests.libs.connector.once_world import (
    ACCOUNT,
    LEASE,
    LONG_AGO,
    TIMEOUT,
    Call,
    Claim,
    Lane,
    Op,
    Put,
    Row,
    Schema,
    Steps,
    event_of,
    traits,
)


class World(Protocol):
    """What the connector needs of the run."""

    rng: random.Random
    now: float
    db: Schema
    ledger: Ledger

    def say(self, text: str, *parts: Any) -> None: ...


class Writer:
    """The way out; a transaction is what happens between two `yield`s."""

    def __init__(self, world: World) -> None:
        self.world, self.rng, self.keys = world, world.rng, 0

    @property
    def db(self) -> Schema:
        return self.world.db

    @property
    def ledger(self) -> Ledger:
        return self.world.ledger

    def new_key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    # File

    def file(self, puts: list[Put], restoring: bool = False) -> None:
        for put in puts if self.db.connected else ():
            lane = self.db.lane(put.lane)
            lane.doubt |= restoring and lane.state == "absent"
            if put.rev <= lane.rev:
                continue
            lane.rev, lane.last = put.rev, put
            working = lane.puts[:1] if lane.leased > self.world.now else []
            lane.puts = [*working, Row(put)]

    def notice(self, ext: str) -> None:
        if self.db.connected:
            self.db.notices[ext] = Row(None, ext, due=self.world.now)

    # Claim

    def heads(self) -> list[tuple[Lane, Row]]:
        now, db = self.world.now, self.db
        notices = {db.owner(ext): row for ext, row in db.notices.items() if row.due <= now}
        found = [(db.lane(key), row) for key, row in notices.items()]
        found += [
            (lane, lane.puts[0])
            for lane in db.lanes.values()
            if lane.puts and lane.puts[0].due <= now and lane.id not in notices
        ]
        return [(lane, row) for lane, row in found if not lane.hold and lane.leased <= now]

    def claim(self) -> list[Claim]:
        db, now = self.db, self.world.now
        if not db.connected or now < db.held_until or (db.restored and db.reread < db.ends):
            return []
        heads = self.heads()
        if not heads:
            return []
        lane, row = self.rng.choice(heads)
        chosen = [(lane, row)]
        if self.ledger.bulk and self.can_find(lane) and self.joins(lane, row):
            chosen += [
                (other, r)
                for other, r in heads
                if self.joins(other, r) and other is not lane and other.kind == lane.kind
            ][:3]
        return [self.lease(lane, row) for lane, row in chosen]

    def can_find(self, lane: Lane) -> bool:
        return traits(self.ledger.how[lane.kind], 0).find != "none"

    def joins(self, lane: Lane, row: Row) -> bool:
        return bool(row.put and not row.alone and not lane.call)

    def lease(self, lane: Lane, row: Row) -> Claim:
        row.attempts += 1
        lane.token += 1
        lane.leased = self.world.now + LEASE
        return Claim(lane, row, row.attempts, lane.leased, lane.token)

    def mine(self, c: Claim) -> bool:
        """The fence."""
        waiting = self.db.notices.get(c.row.ext) is c.row if c.row.ext else c.row in c.lane.puts
        return waiting and c.row.attempts == c.attempt

    # What is there to write?

    def plan(self, c: Claim) -> Op | None:
        lane, row, put = c.lane, c.row, c.row.put
        assert put
        if self.waits(lane, put):
            row.due = self.world.now + 20
            return None
        if lane.state == "bound" and (lane.version is None or not self.ledger.version):
            self.look(lane)
        if lane.state == "gone" and put.status != "void":
            self.publish(lane, "conflict")
            lane.hold = "gone"
            return None
        if self.is_done(lane, put):
            self.done(lane, row)
            return None
        verb = "update" if lane.state == "bound" else "create"
        return Op(verb, lane.id, put.rev, put.status, lane.generation, lane.ext, lane.version)

    def waits(self, lane: Lane, put: Put) -> bool:
        """For the record it takes over, or for what it refers to."""
        if lane.state != "absent":
            return False
        if put.origin and not lane.generation and not self.rebind(lane, put.origin):
            return True
        needs = put.ref if put.status != "void" else ""
        return bool(needs) and self.db.lane(needs).state != "bound"

    def is_done(self, lane: Lane, put: Put) -> bool:
        if lane.state != "bound":
            verdict = gate.verdict(ACCOUNT, (), cast("KernelLane", lane), event_of(put))
            return lane.state == "gone" or verdict == "nothing"
        return lane.theirs == (put.rev, put.status)

    def look(self, lane: Lane) -> None:
        record = self.ledger.read(lane.ext)
        if record is None:
            self.gone(lane)
        else:
            lane.version, lane.theirs = record.version, (record.rev, record.status)

    def rebind(self, lane: Lane, origin: str) -> bool:
        old = self.db.lane(origin)
        if old.call or old.leased > self.world.now or old.state == "absent":
            return False
        lane.state, lane.ext, lane.theirs = old.state, old.ext, old.theirs
        lane.version = old.version
        self.db.parts[old.ext] = lane.id
        old.state, old.ext = "absent", ""
        self.publish(lane, "rebound")
        return True

    # The intent, then the request

    def intend(self, c: Claim, ops: tuple[Op, ...], doubt: bool = False) -> Call:
        now = self.world.now
        if doubt:
            return Call(self.new_key(), ops, LONG_AGO, LONG_AGO, LONG_AGO, LONG_AGO)
        return Call(self.new_key(), ops, now, now, c.until)

    def send(self, call: Call, jobs: list[tuple[Claim, Op]]) -> Steps:
        """A request leaves only if its whole timeout ends before the lease does."""
        yield
        started = call.sent == call.first
        if self.world.now + TIMEOUT > min(c.until for c, _ in jobs):
            for c, _ in jobs:
                if started and c.lane.call is call and self.mine(c):
                    c.lane.call = None
            return
        left = self.world.now
        answer = yield call
        yield
        for c, op in jobs:
            if c.lane.call is call and self.mine(c):
                result = answer[call.ops.index(op)] if answer else None
                self.settle(c, op, call, left, result)

    def settle(self, c: Claim, op: Op, call: Call, left: float, result: Any) -> None:
        lane, row, now = c.lane, c.row, self.world.now
        if result in (None, "5xx"):
            call.left, call.errors = left, call.errors + (result == "5xx")
            row.due = now + self.rng.uniform(5, 20)
            return
        lane.call = None
        if isinstance(result, tuple):
            if self.bind(lane, result[0], result[1], (op.rev, op.status)) and row.put:
                self.done(lane, row, op)
        elif result == "404":
            self.gone(lane)
        elif result == "409":
            lane.version = None
        else:
            row.due, row.alone = now + self.rng.uniform(5, 30), True

    def bind(self, lane: Lane, ext: str, version: int, theirs: tuple[int, str]) -> bool:
        if not self.db.own(ext, lane.id):
            lane.hold = "bound elsewhere"
            return False
        lane.state, lane.ext, lane.version, lane.theirs = "bound", ext, version, theirs
        lane.doubt = False
        self.publish(lane, "bound")
        return True

    def done(self, lane: Lane, row: Row, op: Op | None = None) -> None:
        lane.doubt = False
        if row in lane.puts and row.put and (op is None or op.rev == row.put.rev):
            lane.puts.remove(row)
            self.publish(lane, "settled")

    def gone(self, lane: Lane) -> None:
        lane.state = "gone"
        self.publish(lane, "gone")

    def publish(self, lane: Lane, what: str) -> None:
        lane.number += 1
        self.world.say(
            "lane %s: %s, %s %s generation %s",
            lane.id, what, lane.state, lane.ext, lane.generation,
        )  # fmt: skip
        self.db.journal.append(
            (lane.id, lane.number, what, lane.state, lane.ext or lane.past, lane.generation)
        )
