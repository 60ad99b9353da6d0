"""What must hold while a schedule runs, and once the faults have stopped and all is drained."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.libs.connector.once_product import Around
from tests.libs.connector.once_world import Lane, Op, Put, Record, Violation


class Judge(Around):
    """Raises Violation."""

    def check_create(self, op: Op) -> None:
        """As the ledger commits a create: is this the second one?"""
        if op.gen and (op.lane, op.gen - 1) not in self.orders:
            raise Violation(f"{op.lane} created again without being told")
        if op.lane.startswith("T") and not op.gen:
            raise Violation(f"{op.lane} is the ledger's own record and was created again")
        for r in self.ledger.records.values():
            if (r.author, r.gen) == (op.lane, op.gen):
                seen = self.ledger.tombstones and self.ledger.how[r.kind] in ("marker", "natural")
                if not r.deleted:
                    raise Violation(f"a second record for {op.lane}")
                if r.ext in self.known or seen:
                    raise Violation(f"{op.lane} created again after a human deleted {r.ext}")

    def waiting(self, lane: Lane) -> bool:
        """A put waits for what it refers to, and that has its own reason."""
        put = lane.puts[0].put if lane.puts else None
        other = self.db.lanes.get(put.ref) if put else None
        if not other or other.state == "bound":
            return False
        return bool(other.hold or other.state == "gone" or self.waiting(other))

    def drained(self) -> bool:
        busy = any(
            (x.puts or x.call) and not x.hold and not self.waiting(x)
            for x in self.db.lanes.values()
        )
        return not busy and all(self.excused(ext) for ext in self.db.notices)

    def excused(self, ext: str) -> bool:
        """A notice may wait for a lane that waits for a person."""
        lanes = self.db.lanes.values()
        return any(x.kind == ext[0] and (x.hold or self.waiting(x)) for x in lanes)

    def check(self) -> None:
        for ext in self.db.notices:
            if not self.excused(ext):
                raise Violation(f"the notice of {ext} is stuck")
        for key, put in self.wanted.items():
            if put.rev:
                self.check_lane(self.db.lane(key), put)
        for record in self.ledger.records.values():
            self.check_record(record)
        self.check_numbers()

    def check_record(self, record: Record) -> None:
        owner = self.db.parts.get(record.ext, "")
        noticed = record.ext in self.db.notices
        if not record.deleted and not owner and not record.author and not noticed:
            raise Violation(f"{record.ext} of the ledger was never seen")
        if owner.startswith("~") and record.author:
            raise Violation(f"our own {record.ext} was taken for a record of the ledger")

    def check_lane(self, lane: Lane, put: Put) -> None:
        live = [r for r in self.ledger.records.values() if r.author == lane.id and not r.deleted]
        if len(live) > 1:
            raise Violation(f"{len(live)} live records for {lane.id}")
        if lane.ext and lane.state == "bound":
            self.check_owner(lane, self.ledger.records[lane.ext])
        if lane.hold:
            self.check_hold(lane)
        elif lane.puts and not self.waiting(lane):
            raise Violation(f"{lane.id} is stuck without a reason")
        elif lane.rev < put.rev:
            raise Violation(f"revision {put.rev} of {lane.id} was never filed")
        elif lane.state == "absent" and not lane.puts and put.status != "void":
            raise Violation(f"{lane.id} has no record")
        elif lane.state == "bound" and not lane.puts and put.rev:
            self.check_equal(lane, put)

    def check_hold(self, lane: Lane) -> None:
        copied = self.faults["bookkeeper: copy"]
        if lane.hold == "uncertain" and self.ledger.how[lane.kind] == "marker" and not copied:
            raise Violation(f"{lane.id} is held without need")
        if lane.hold == "bound elsewhere":
            raise Violation(f"the answer of {lane.id} is bound elsewhere")

    def check_equal(self, lane: Lane, put: Put) -> None:
        record = self.ledger.records[lane.ext]
        if record.deleted or (record.rev, record.status) != (put.rev, put.status):
            raise Violation(f"{lane.id} wants {put}, the ledger has {record}")

    def check_owner(self, lane: Lane, record: Record) -> None:
        took = lane.id in ("~" + record.ext, "T" + record.ext)
        lost = (
            (record.marker or record.natural)
            and not self.ledger.tombstones
            and any(r.author == lane.id and r.deleted for r in self.ledger.records.values())
        )
        if record.author != lane.id and not (took and not record.author) and not lost:
            raise Violation(f"{lane.id} adopted {record}")

    def check_numbers(self) -> None:
        last: Counter[str] = Counter()
        seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for event in self.topic:
            if seen.setdefault(event[:2], event) != event:
                raise Violation(f"two events under one number: {seen[event[:2]]} {event}")
            if event[1] > last[event[0]] + 1:
                raise Violation(f"gap before {event}")
            last[event[0]] = max(event[1], last[event[0]])
