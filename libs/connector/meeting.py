"""First meetings: before a record is created it is looked for in the ledger, where it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.entities import DOCUMENTS, Entity
from contracts.messages import EntityPut
from contracts.values import EntityType
from libs.connector import collisions, lanes, payments, roster
from libs.connector.adopting import adopt
from libs.connector.errors import Held
from libs.connector.kernel import Desk
from libs.connector.matching import Known, match, words_of
from libs.connector.states import is_void
from libs.connector.work import Work
from libs.service.database import Connection

NEW = "new"
"""What a person links it to who says that it is none of those in the ledger."""


@dataclass(slots=True)
class Meeting:
    """One claim's newcomers, and whom they may be there."""

    desk: Desk
    pairs: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, tuple[Known, ...]] = field(default_factory=dict)
    taken: Mapping[str, Sequence[collisions.Taken]] = field(default_factory=dict)

    async def prepare(self, db: Connection, works: Sequence[Work]) -> None:
        """Look for all of them at once; raises an error of the tree."""
        new = [work for work in works if _is_new(work) and not work.lane.linked]
        if not new:
            return
        if new[0].lane.type in roster.LISTS:
            await self._match(db, new[0].lane.type, new)
        opened: datetime = await db.fetchval(
            "select opened_at from connection where id = $1", self.desk.account.id
        )
        numbered = [work for work in new if self._may_be_there(work, opened)]
        self.taken = await collisions.find(db, self.desk, numbered)
        if new[0].lane.type is EntityType.PAYMENT:
            old = [work for work in new if _made(work) < opened]
            self.pairs = await payments.find(db, self.desk, old)

    async def meet(self, db: Connection, work: Work) -> bool:
        """Bind it to the record that it is; raises Held where only a person can say."""
        lane = work.lane
        if not _is_new(work):
            return True
        if lane.linked not in ("", NEW):
            await self._link(db, work)
        elif lane.key in self.pairs:
            await adopt(db, self.desk, work, self.pairs[lane.key], strict=False)
        elif lane.key in self.unclear:
            raise self._question(work, self.unclear[lane.key])
        elif self.taken.get(lane.key) or lane.collided:
            await collisions.decide(db, self.desk, work, self.taken.get(lane.key, ()))
        return True

    async def _match(self, db: Connection, kind: EntityType, new: Sequence[Work]) -> None:
        words = {p for work in new for p in words_of(_entity(work)).items()}
        there = await roster.theirs(db, self.desk.account.id, kind, words)
        if not there:
            return
        found = match(await roster.ours(db, self.desk.account.id, kind), there)
        keys = {work.lane.id: work.lane.key for work in new}
        self.pairs = {keys[i]: external for i, external in found.pairs.items() if i in keys}
        self.unclear = {keys[i]: known for i, known in found.unclear.items() if i in keys}

    def _may_be_there(self, work: Work, opened: datetime) -> bool:
        """Where the ledger has said so, the policy asks for it, or it was made before us."""
        if work.lane.collided or self.desk.account.policy.collisions != "hold":
            return work.lane.key not in self.pairs
        return _made(work) < opened and work.lane.type in DOCUMENTS

    async def _link(self, db: Connection, work: Work) -> None:
        """As a person has said; what cannot be is said back, and the word is spent."""
        external = work.lane.linked
        try:
            await adopt(db, self.desk, work, external, strict=True)
        except Held:
            work.lane.linked = ""
            await lanes.save(db, work.lane)
            raise

    def _question(self, work: Work, known: Sequence[Known]) -> Held:
        kind, account = work.lane.type, self.desk.account
        listed = "; ".join(map(str, known[:5]))
        where = f"--tenant {account.tenant} --connection {account.id}"
        return Held(
            f"{account.company_name} has what may be this {kind}, and it is not clear which: "
            f"{listed}.",
            reason="ambiguous",
            action=f"ledgerbridge link {kind} {work.lane.id} <id> {where} says which; "
            f"`{NEW}` for the id creates another one.",
        )


def _is_new(work: Work) -> bool:
    lane = work.lane
    begins = lane.state == "absent" and not (lane.generation or lane.doubt)
    return begins and isinstance(work.event, EntityPut) and not is_void(work.put.state)


def _made(work: Work) -> datetime:
    assert isinstance(work.event, EntityPut)
    return work.event.batch.made_at if work.event.batch else work.event.made_at


def _entity(work: Work) -> Entity:
    assert isinstance(work.event, EntityPut)
    return work.event.entity
