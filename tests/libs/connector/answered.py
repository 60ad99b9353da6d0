"""A bulk call under way for three contacts, and a ledger that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from contracts.entities import Entity
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector import calls, kernel, lanes, rows
from libs.connector.deliver import Courier, Job
from libs.connector.errors import SyncError
from libs.connector.interface import Record, Request, Result, Verb, Write
from libs.connector.kernel import Kernel
from libs.connector.lane import Lane
from libs.connector.rows import put_of
from libs.connector.settle import Meant
from libs.connector.work import write_of
from libs.service.database import Connection, Pool
from libs.testing.builders import contact
from tests.libs.connector.filed import claim, file, lane, put

NAMES = ("c1", "c2", "c3")
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Ledger:
    """A connector that understands answers: what became of each write, what a record shows."""

    found: list[Result] = field(default_factory=list)
    unreadable: str = ""
    there: list[Record] = field(default_factory=list)
    """What a search shows."""
    sent: list[tuple[Request, str]] = field(default_factory=list)
    """The requests that left, with their keys."""

    def request(self, writes: Sequence[Write], _: object) -> Request:
        return Request("PUT", "/Contacts", body=" ".join(write.id for write in writes).encode())

    async def find(self, *_: object) -> Sequence[Record]:
        return self.there

    async def send(self, request: Request, key: str, _: float) -> None:
        self.sent.append((request, key))

    async def reserve(self, _: Request) -> None:
        return

    def results(self, *_: object) -> Sequence[Result]:
        return self.found

    def entity(self, record: Record, _: object) -> Entity:
        if record.id == self.unreadable:
            raise ValueError("It shows what nobody has seen before.")
        return contact(str(record.raw["id"]))


@dataclass(slots=True)
class Sent:
    """A bulk call whose answer is there."""

    pool: Pool
    ledger: Ledger
    jobs: list[Job]
    call: calls.Call
    failures: dict[str, SyncError | timedelta] = field(default_factory=dict)

    async def courier(self, db: Connection) -> Courier:
        async def session(_: object) -> object:
            return self.ledger

        sessions: Any = SimpleNamespace(session=session)
        connector: Any = self.ledger
        running = Kernel(provider("xero"), connector, self.pool, sessions, SECOND, SECOND)
        desk = await kernel.desk(running, db, "x1")
        return Courier(desk, self.pool, self.failures, 0.0)

    async def deliver(self, db: Connection) -> None:
        assert await (await self.courier(db)).deliver(self.call, self.jobs)


async def bulk(db: Connection, pool: Pool) -> Sent:
    """Three contacts are created by one call, which answers with r-c1, r-c2 and r-c3."""
    await file(db, *(put(contact(name)) for name in NAMES))
    claimed = sorted(await claim(db), key=lambda lane: lane.key)
    jobs = [await _job(db, one) for one in claimed]
    async with lanes.change(db, *claimed):
        call = await calls.begin(
            db,
            "x1",
            EntityType.CONTACT,
            Verb.CREATE,
            Request("PUT", "/Contacts"),
            [job.meant.intent(job.lane.key) for job in jobs],
            claimed[0].leased_until,
        )
    for one in claimed:
        one.call = call.id
    records: list[Result] = [Record(EntityType.CONTACT, f"r-{n}", {"id": n}) for n in NAMES]
    return Sent(pool, Ledger(records), jobs, call)


async def _job(db: Connection, claimed: Lane) -> Job:
    [row] = (await rows.pending(db, [claimed.key]))[claimed.key]
    wanted = put_of(row.event(), "x1")
    state = wanted.state
    meant = Meant(Verb.CREATE, row.seq, wanted, state, state, state, (), False, None)
    return Job(claimed, meant, write_of(claimed, Verb.CREATE, contact(claimed.id), state))


async def told(db: Connection) -> list[tuple[str, str]]:
    """Key and type of what is in the journal."""
    found = await db.fetch("select key, headers ->> 'ce_type' as type from journal order by key")
    return [(row["key"], row["type"]) for row in found]


async def is_settled(db: Connection, name: str) -> bool:
    """Bound to its record, its put done, its call over, all that told once."""
    row = await lane(db, f"x1/contact/{name}")
    owner = await db.fetchval("select lane from part where external_id = $1", f"r-{name}")
    waiting = await db.fetchval(
        "select count(*) from inbox where lane = $1 and state = 'pending' and kind = 'put'",
        row["key"],
    )
    once = (await told(db)).count((row["key"], "entity.settled")) == 1
    bound = row["state"] == "bound" and owner == row["key"]
    return bound and once and not (row["call"] or waiting)
