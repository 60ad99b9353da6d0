"""A call is committed before its request leaves: whoever is killed in between can be followed."""

from dataclasses import dataclass, field
from typing import Any

from contracts.values import EntityType
from libs.connector import rows
from libs.connector.agreed import Agreed
from libs.connector.agreed import Write as Change
from libs.connector.interface import Record, Request, Verb
from libs.connector.lane import Lane
from libs.connector.rows import put_of
from libs.connector.send import Sender
from libs.connector.work import Work, write_of
from libs.service.database import Connection, Pool
from libs.testing.builders import contact
from tests.libs.connector.answered import NAMES, Ledger, Sent, is_settled
from tests.libs.connector.filed import claim, file, put


@dataclass(slots=True)
class Watched(Ledger):
    """Looks, as another worker would, what is known of a call when its request arrives."""

    pool: Any = None
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def send(self, request: Request, key: str, leave_by: float) -> None:
        found = await self.pool.fetch(
            "select l.id, c.key, c.body from lane l join call c on c.id = l.call "
            "join intent i on i.call = c.id and i.lane = l.key order by l.key"
        )
        self.seen += [(row["id"], row["key"], row["body"]) for row in found]
        await Ledger.send(self, request, key, leave_by)


async def test_the_intent_is_committed_when_the_request_leaves(db: Connection, pool: Pool) -> None:
    """With its key and its exact bytes, for every lane that is in it."""
    await file(db, *(put(contact(name)) for name in NAMES))
    claimed = sorted(await claim(db), key=lambda lane: lane.key)
    works = [await _work(db, lane) for lane in claimed]
    ledger = Watched(pool=pool)
    sent = Sent(pool, ledger, [], None)  # type: ignore[arg-type]
    ledger.found = [Record(EntityType.CONTACT, f"r-{n}", {"id": n}) for n in NAMES]
    courier = await sent.courier(db)
    await Sender(courier.desk, pool, sent.failures, courier).send(works)
    [(request, key)] = ledger.sent
    assert ledger.seen == [(name, key, request.body) for name in NAMES]
    assert [await is_settled(db, name) for name in NAMES] == [True] * 3


async def _work(db: Connection, lane: Lane) -> Work:
    [row] = (await rows.pending(db, [lane.key]))[lane.key]
    event = row.event()
    wanted = put_of(event, lane.connection)
    state = wanted.state
    change = Change(Agreed(), (), "create", state, state, state, (), recreates=False)
    write = write_of(lane, Verb.CREATE, contact(lane.id), state)
    return Work(lane, row, event, wanted, change=change, write=write)
