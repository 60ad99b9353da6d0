"""The provider of the simulation: commits requests now, late or never, and may not say which."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import copy
from typing import Any, Protocol

from tests.libs.connector.once_world import (
    SETTLES,
    TIMEOUT,
    Call,
    Lane,
    Op,
    Record,
    Violation,
    kind_of,
)

Reply = Callable[[Any], None]


class World(Protocol):
    """What the ledger needs of the run."""

    rng: random.Random
    now: float

    def fault(self, weights: dict[str, int], fine: int) -> str: ...
    def at(self, when: float, do: Callable[..., Any], *args: Any) -> None: ...
    def say(self, text: str, *parts: Any) -> None: ...
    def webhook(self, ext: str) -> None: ...
    def check_create(self, op: Op) -> None: ...


class Ledger:
    """Its traits (version token, life of a key, bulk, ways to find) change with the seed."""

    def __init__(self, world: World) -> None:
        rng = self.rng = world.rng
        self.world = world
        self.records: dict[str, Record] = {}
        self.keys: dict[str, tuple[tuple[Op, ...], list[Any], float]] = {}
        self.version = rng.random() < 0.5
        self.key_life = rng.choice((0.0, 0.0, 45.0, 400.0, 1e9))
        self.bulk = rng.random() < 0.5
        self.tombstones = rng.random() < 0.5
        self.stores_5xx = rng.random() < 0.5
        self.how = {
            "c": rng.choice(("marker", "natural", "")),
            "p": rng.choice(("marker", "content", "")),
        }
        self.how["i"] = rng.choice(("marker", self.how["c"]))
        self.busy: list[tuple[str, float]] = []

    def __str__(self) -> str:
        return (
            f"version={self.version} key_life={self.key_life:g} bulk={self.bulk} "
            f"tombstones={self.tombstones} stores_5xx={self.stores_5xx} find={self.how}"
        )

    def take(self, call: Call, reply: Reply) -> None:
        """A request arrives, or does not."""
        world, now = self.world, self.world.now
        self._check_overlap(call, now)
        fate = world.fault(
            {
                "lost request": 7,
                "lost answer": 8,
                "5xx before commit": 5,
                "slow": 5,
                "5xx after commit": 6,
                "late commit": 9,
                "refused": 6,
            },
            54,
        )
        at = now + self.rng.uniform(0.1, 3)
        if fate in ("late commit", "slow"):
            late = self.rng.uniform(TIMEOUT, SETTLES - 1)
            at = now + (late if fate == "late commit" else 25)
        world.say("sent %s %s: %s", call.key, call.ops, fate or "ok")
        if fate not in ("lost request", "5xx before commit"):
            self.busy += [(op.lane, at) for op in call.ops]
            world.at(at, self.commit, call, call.key, fate, reply)
        if fate in ("lost request", "lost answer", "late commit"):
            world.at(now + TIMEOUT, reply, None)
        if fate == "5xx before commit":
            failed = ["5xx"] * len(call.ops)
            world.at(at, reply, failed)
            if self.stores_5xx:
                self.keys.setdefault(call.key, (call.ops, failed, now))

    def _check_overlap(self, call: Call, now: float) -> None:
        self.busy = [(lane, end) for lane, end in self.busy if end > now]
        for op in call.ops:
            if any(lane == op.lane for lane, _ in self.busy):
                raise Violation(f"calls overlap on lane {op.lane}")

    def commit(self, call: Call, key: str, fate: str, reply: Reply) -> None:
        body, stored, now = call.ops, self.keys.get(key), self.world.now
        if stored and now - stored[2] <= self.key_life:
            answer = stored[1] if stored[0] == body else ["4xx"] * len(body)
        else:
            answer = self._apply_all(body, fate)
            failed = ["5xx"] * len(body)
            kept = failed if fate[:3] == "5xx" and self.stores_5xx else answer
            self.keys[key] = (body, kept, now)
            answer = failed if fate[:3] == "5xx" else answer
        self.world.say("commit %s -> %s", key, answer)
        if fate not in ("lost answer", "late commit"):
            self.world.at(now + 0.1, reply, answer)

    def _apply_all(self, body: tuple[Op, ...], fate: str) -> list[Any]:
        """A bulk call that fails half way has done its first elements."""
        whole = fate == "refused" and self.rng.random() < 0.5
        through = fate in ("", "slow", "refused")
        part = len(body) if through else self.rng.randint(1, len(body))
        return [
            "4xx" if whole or n >= part or (fate == "refused" and not n) else self.apply(op)
            for n, op in enumerate(body)
        ]

    def apply(self, op: Op) -> Any:
        kind = kind_of(op.lane)
        if op.verb == "create":
            self.world.check_create(op)
            marker = (op.lane, op.gen) if self.how[kind] == "marker" else None
            return self.add(kind, op.rev, op.status, op.lane, op.gen, op.lane, marker)
        record = self.records[op.ext]
        if record.deleted:
            return "404"
        if self.version and op.version != record.version:
            return "409"
        if op.rev < record.rev and record.writer == op.lane:
            raise Violation(f"revision {op.rev} of {op.lane} written over {record.rev}")
        record.rev, record.status, record.version = op.rev, op.status, record.version + 1
        record.writer = op.lane
        self.world.webhook(record.ext)
        return record.ext, record.version

    def add(
        self,
        kind: str,
        rev: int,
        status: str,
        author: str = "",
        gen: int = 0,
        natural: str = "",
        marker: tuple[str, int] | None = None,
    ) -> tuple[str, int]:
        """A new record; payments have no number of their own."""
        ext = f"{kind}-{len(self.records) + 1}"
        made = self.world.now
        number = "" if kind == "p" else natural
        self.records[ext] = Record(
            ext, kind, rev, status, made, author, gen, number, marker, writer=author
        )
        self.world.webhook(ext)
        return ext, 1

    def read(self, ext: str) -> Record | None:
        record = self.records[ext]
        return None if record.deleted else copy(record)

    def find(self, lane: Lane, op: Op, since: float) -> list[Record]:
        """By marker, by our number, else what has the same content."""
        how = self.how[lane.kind]
        seen = [
            copy(r)
            for r in self.records.values()
            if r.kind == lane.kind and r.ext != lane.past and (self.tombstones or not r.deleted)
        ]
        if how == "marker":
            return [r for r in seen if r.marker == (lane.id, lane.generation)]
        if how == "natural":
            return [r for r in seen if r.natural == lane.id and r.made >= since]
        return [r for r in seen if r.rev == op.rev and r.made >= since]
