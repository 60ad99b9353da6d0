"""Those around the connector: the invoicing product, Kafka, a bookkeeper, people who decide."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.libs.connector.once_ledger import Ledger
from tests.libs.connector.once_worker import Kernel
from tests.libs.connector.once_world import FAULTS_END, Lane, Put, Row, Schema


class Around:
    """What happens to the connector from outside; all of it may come late, twice, or never."""

    rng: random.Random
    now: float
    db: Schema
    ledger: Ledger
    kernel: Kernel

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.log: list[Put] = []
        self.topic: list[tuple[Any, ...]] = []
        self.wanted: dict[str, Put] = {}
        self.known: set[str] = set()
        self.commands: list[tuple[str, int]] = []
        self.orders: set[tuple[str, int]] = set()
        self.offset = self.reread_to = 0

    def say(self, text: str, *parts: Any) -> None:
        raise NotImplementedError

    def soon(self, low: float, high: float, do: Callable[..., Any], *args: Any) -> None:
        raise NotImplementedError

    def fault(self, weights: dict[str, int], fine: int) -> str:
        raise NotImplementedError

    # The product and Kafka

    def put(self, put: Put, again: bool = True) -> None:
        put = Put(put.lane, put.rev, put.status, put.ref, put.origin, self.now)
        self.log.append(put)
        self.say("put %s", put)
        if put.lane not in self.wanted or put.rev > self.wanted[put.lane].rev:
            self.wanted[put.lane] = put
        if again and self.fault({"late repeat of a revision": 15}, 85):
            self.soon(1, 200, self.put, put, False)

    def open(self) -> None:
        """The connection row commits, then the end offset is taken and the log is read to it."""
        self.db.connected = True
        self.reread_to = self.db.ends = len(self.log)
        self.say("connected, reading the log up to %s", self.reread_to)
        self.read_log(self.db, 0)

    def read_log(self, db: Schema, position: int) -> None:
        if db is self.db and position < self.reread_to:
            step = min(self.reread_to - position, self.rng.randint(1, 4))
            restoring = db.restored is not None and db.reread < db.ends
            self.kernel.file(self.log[position : position + step], restoring)
            db.reread = max(db.reread, position + step)
            self.soon(0.1, self.rng.choice((5, 60)), self.read_log, db, position + step)

    def replay(self) -> None:
        if self.db.connected:
            self.faults["replay"] += 1
            self.reread_to = len(self.log)
            self.read_log(self.db, 0)

    def live(self) -> None:
        batch = self.log[self.offset : self.offset + self.rng.randint(1, 5)]
        crash = batch and self.fault({"subscriber dies after the first commit": 6}, 94)
        self.kernel.file(batch)
        self.offset += 0 if crash else len(batch)
        self.soon(0.5, 8, self.live)

    def relay(self) -> None:
        for event in self.db.journal[self.db.published :]:
            self.topic.append(event)
            self.known.add(event[4])
            self.hear(*event)
        if not self.fault({"relay dies before it marks": 8}, 92):
            self.db.published = len(self.db.journal)
        self.soon(0.5, 12, self.relay)

    def hear(self, lane: str, number: int, what: str, state: str, ext: str, gen: int) -> None:
        """What the product and its people do with an outgoing event."""
        own = "T" + ext
        takes = what == "bound" and lane == "~" + ext and own not in self.wanted
        if takes and self.rng.random() < 0.6:
            for rev in range(1, self.rng.choice((2, 3))):
                self.soon(1, 100, self.put, Put(own, rev, "live", "", lane))
            self.wanted[own] = Put(own, 0, "live")
        if what == "gone" and not lane.startswith("~") and self.rng.random() < 0.5:
            self.orders.add((lane, gen))
            for latest in self.rng.choice(((100,), (100, 400))):
                self.soon(5, latest, self.recreate, lane, gen)

    def recreate(self, key: str, gen: int, restoring: bool = False) -> None:
        """A person's command; it names the generation it ends."""
        lane = self.db.lanes.get(key)
        self.commands.append((key, gen))
        if not lane or lane.state != "gone" or not (lane.last or restoring):
            return
        if lane.leased > self.now or gen != lane.generation:
            return
        self.say("a person creates %s again", key)
        lane.generation, lane.state = lane.generation + 1, "absent"
        lane.past, lane.ext, lane.hold = lane.ext, "", ""
        if not restoring:
            lane.puts = lane.puts or [Row(lane.last)]
        lane.doubt = restoring
        self.kernel.publish(lane, "again")
        if self.rng.random() < 0.4:
            self.soon(10, 150, self.regret, lane)

    # The ledger's side

    def webhook(self, ext: str) -> None:
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            self.soon(0.1, 60, lambda: self.kernel.notice(ext))

    def sweep(self) -> None:
        for record in self.ledger.records.values():
            owner = self.db.parts.get(record.ext, "")
            lane = self.db.lanes.get(owner)
            moved = lane and (record.deleted or record.version != lane.version)
            unseen = not owner and not record.deleted and record.ext not in self.db.notices
            if unseen or (lane and lane.state == "bound" and moved):
                self.kernel.notice(record.ext)
        self.soon(60, 150, self.sweep)

    def bookkeeper(self) -> None:
        records = [r for r in self.ledger.records.values() if not r.deleted]
        deed = self.rng.choice(
            ("delete", "delete", "touch", "copy", "add", "add payment", "same number")
        )
        self.faults[f"bookkeeper: {deed}"] += 1
        record = self.rng.choice(records) if records else None
        if deed == "add":
            self.ledger.add("c", 0, "live")
        elif deed == "add payment":
            self.ledger.add("p", 1, "live")
        elif deed == "same number":
            self.ledger.add("i", 0, "live", natural="i1")
        elif record:
            self.touch(record.ext, deed)
        self.say("bookkeeper: %s %s", deed, record.ext if record else "")

    def touch(self, ext: str, deed: str) -> None:
        record = self.ledger.records[ext]
        if deed == "copy":
            made, _ = self.ledger.add(
                record.kind, record.rev, record.status, "", 0, record.natural, record.marker
            )
            self.ledger.records[made].writer = record.writer
            return
        record.deleted = deed == "delete"
        record.version += deed == "touch"
        self.webhook(ext)

    def regret(self, lane: Lane) -> None:
        if lane.state == "bound" and self.now < FAULTS_END:
            self.touch(lane.ext, "delete")
