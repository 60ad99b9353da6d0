"""One seeded schedule of everything that goes wrong between Kafka, the connector and a ledger.

Lost requests and answers, 5xx before and after the commit, commits after we gave up, stored errors,
killed and paused workers, late and repeated puts, a lost schema; a bookkeeper who deletes, copies
and adds. Not in it: merging, a pause between the last check and the wire, writes of several steps.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tests.libs.connector.once_judge import Judge
from tests.libs.connector.once_ledger import Ledger
from tests.libs.connector.once_worker import Kernel
from tests.libs.connector.once_world import (
    END,
    FAULTS_END,
    SETTLES,
    Call,
    Put,
    Schema,
    Steps,
    Violation,
)


class Run(Judge):
    """Its world is a heap of what happens next."""

    schema: type[Schema] = Schema

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = random.Random(seed)
        self.now, self.order = 0.0, 0
        self.agenda: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self.history: list[tuple[float, str, tuple[Any, ...]]] = []
        self.workers: list[Steps | None] = [None, None]
        self.db = self.schema()
        self.ledger = Ledger(self)
        self.kernel = Kernel(self)

    def say(self, text: str, *parts: Any) -> None:
        self.history.append((self.now, text, tuple(map(str, parts))))

    def at(self, when: float, do: Callable[..., Any], *args: Any) -> None:
        self.order += 1
        heapq.heappush(self.agenda, (when, self.order, do, args))

    def soon(self, low: float, high: float, do: Callable[..., Any], *args: Any) -> None:
        self.at(self.now + self.rng.uniform(low, high), do, *args)

    def fault(self, weights: dict[str, int], fine: int) -> str:
        """One of the faults, or "" (always "" once the faults have stopped)."""
        if self.now >= FAULTS_END:
            return ""
        name = self.rng.choices(["", *weights], [fine, *weights.values()])[0]
        self.faults[name] += bool(name)
        return name

    def run(self) -> None:
        """Raises Violation."""
        self.begin()
        while self.agenda and self.now < END:
            self.now, _, do, args = heapq.heappop(self.agenda)
            do(*args)
            if do == self.poll and self.now > FAULTS_END + 350 and self.drained():
                break
        self.check()

    def begin(self) -> None:
        rng = self.rng
        self.say("traits %s", self.ledger)
        lanes = (("c1", ""), ("i1", "c1"), ("p1", "i1"), ("p2", "i1"))
        for lane, ref in lanes[: rng.choice((1, 2, 4, 4))]:
            self.publish_puts(lane, ref)
        for _ in range(rng.choice((0, 1, 2, 4))):
            self.at(rng.uniform(30, FAULTS_END), self.bookkeeper)
        self.at(rng.choice((0.0, rng.uniform(0, 150))), self.open)
        for do in (self.lose, self.replay):
            if rng.random() < 0.3:
                self.at(rng.uniform(150, 650), do)
        for do in (self.live, self.relay, self.sweep, self.poll):
            self.at(rng.uniform(0, 5), do)
        for n in (0, 1):
            self.start(n)

    def publish_puts(self, lane: str, ref: str) -> None:
        rng = self.rng
        at, puts = rng.uniform(0, 400), rng.choice((1, 1, 2, 3))
        for rev in range(1, puts + 1):
            void = rev == puts > 1 and lane[0] == "p" and rng.random() < 0.5
            self.at(at, self.put, Put(lane, rev, "void" if void else "live", ref))
            at += rng.choice((rng.uniform(0, 3), rng.uniform(0, 200)))

    def poll(self) -> None:
        self.soon(60, 60, self.poll)

    # Workers and the loss of a schema

    def start(self, n: int) -> None:
        steps = self.workers[n] = self.kernel.worker()
        self.step(n, steps, None)

    def step(self, n: int, steps: Steps, value: Any) -> None:
        """Up to the worker's next wait, call or end of a transaction; there it may die."""
        if self.workers[n] is not steps:
            return
        wanted = steps.send(value)
        if isinstance(wanted, Call):
            self.ledger.take(wanted, partial(self.step, n, steps))
        if isinstance(wanted, float):
            self.at(self.now + wanted, self.step, n, steps, None)
            return
        fault = self.fault({"worker killed": 3, "worker paused": 4}, 93)
        if fault:
            self.say("%s (%s)", fault, n)
        if fault == "worker killed":
            self.workers[n] = None
            self.soon(1, 30, self.start, n)
        elif wanted is None:
            pause = self.rng.uniform(20, 180) if fault else self.rng.uniform(0.01, 1)
            self.at(self.now + pause, self.step, n, steps, None)

    def lose(self) -> None:
        """The schema is lost, both workers die; what they sent may still be at work."""
        self.faults["schema lost"] += 1
        self.say("schema lost")
        self.workers = [None, None]
        self.known = {event[4] for event in self.topic}
        self.db = self.schema()
        self.soon(1, 20, self.restore)

    def restore(self) -> None:
        db = self.db
        db.restored = self.now
        for key, number, _, state, ext, gen in self.topic:
            lane = db.lane(key)
            if number > lane.number:
                lane.number, lane.state, lane.ext, lane.generation = number, state, ext, gen
        self.restore_parts(db)
        self.say("restored")
        for key, gen in list(self.commands):
            self.recreate(key, gen, restoring=True)
        db.held_until = self.now + SETTLES
        self.open()
        for n in (0, 1):
            self.start(n)

    def restore_parts(self, db: Schema) -> None:
        """An external id on two lanes belongs to the one that is not made of it."""
        for lane in sorted(db.lanes.values(), key=lambda x: x.id, reverse=True):
            if lane.state == "absent":
                lane.ext, lane.past = "", lane.ext
            if lane.ext and db.parts.setdefault(lane.ext, lane.id) not in (
                lane.id,
                "~" + lane.ext,
            ):
                lane.state, lane.ext = "absent", ""
            elif lane.ext:
                db.parts[lane.ext] = lane.id


def attempt(seed: int, run: type[Run] = Run) -> str | None:
    """What went wrong with a seed, None if nothing did."""
    try:
        run(seed).run()
    except Violation as why:
        return str(why)
    return None


def campaign(seeds: Iterable[int], run: type[Run] = Run) -> tuple[int, str] | None:
    """The first seed that goes wrong, and why."""
    return next(((seed, why) for seed in seeds if (why := attempt(seed, run))), None)


def timeline(seed: int, run: type[Run] = Run) -> str:
    """The story of a seed."""
    told = run(seed)
    try:
        told.run()
    except Violation as why:
        told.say("VIOLATION %s", why)
    return "\n".join(f"{at:8.1f}  {text % parts}" for at, text, parts in told.history)
