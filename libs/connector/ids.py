"""References both ways: what a translation asks for is collected and looked up at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from contracts.entities import Entity, Line
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import shown
from libs.connector.errors import NotReady, SyncError
from libs.connector.states import local_id
from libs.service.database import Connection

T = TypeVar("T")
E = TypeVar("E", bound=Exception)
Ref = tuple[EntityType, str]


@dataclass(frozen=True, slots=True)
class Outward:
    """What an entity is called in the ledger."""

    record: str
    number: str
    sides: tuple[str, ...] = ()


UNKNOWN = Outward("?", "?")


@dataclass(slots=True)
class LaneIds:
    """The ids of one connection; implements `interface.Ids`."""

    connection: str
    outward: dict[Ref, Outward | None] = field(default_factory=dict)
    inward: dict[Ref, str] = field(default_factory=dict)
    by_number: dict[Ref, str | None] = field(default_factory=dict)
    seen: dict[Ref, Entity | None] = field(default_factory=dict)
    by_order: dict[str, Mapping[str, Sequence[Line]]] = field(default_factory=dict)
    unbound: dict[EntityType, set[str]] = field(default_factory=dict)
    asked: set[tuple[str, EntityType, str]] = field(default_factory=set)

    def external(self, kind: EntityType, local: str) -> str:
        """See Ids.external."""
        return self._outward(kind, local).record

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        """See Ids.sides."""
        return self._outward(kind, local).sides

    def number(self, kind: EntityType, local: str) -> str:
        """See Ids.number."""
        return self._outward(kind, local).number

    def local(self, kind: EntityType, external: str) -> str:
        """See Ids.local."""
        if (kind, external) not in self.inward:
            self.asked.add(("in", kind, external))
        return self.inward.get((kind, external)) or local_id(self.connection, kind, external)

    def numbered(self, kind: EntityType, number: str) -> str | None:
        """See Ids.numbered."""
        if (kind, number) not in self.by_number:
            self.asked.add(("number", kind, number))
        return self.by_number.get((kind, number))

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        """See Ids.shown."""
        if (kind, local) not in self.seen:
            self.asked.add(("shown", kind, local))
        return self.seen.get((kind, local))

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        """See Ids.delivered."""
        if order not in self.by_order:
            self.asked.add(("bills", EntityType.BILL, order))
        bills = self.by_order.get(order, {})
        return [line for bill, lines in bills.items() if bill != besides for line in lines]

    def _outward(self, kind: EntityType, local: str) -> Outward:
        if (kind, local) not in self.outward:
            self.asked.add(("out", kind, local))
            return UNKNOWN
        found = self.outward[kind, local]
        if found is None:
            raise NotReady(((kind, local),))
        return found

    def unseen(self) -> dict[EntityType, set[str]]:
        """Records that were referred to and belong to no lane yet; told once."""
        found, self.unbound = self.unbound, {}
        return found

    async def look_up(self, db: Connection) -> None:
        """Answer all that was asked since the last time."""
        asked, self.asked = self.asked, set()
        out = [(kind, value) for way, kind, value in asked if way == "out"]
        into = [(kind, value) for way, kind, value in asked if way == "in"]
        numbers = [(kind, value) for way, kind, value in asked if way == "number"]
        if out:
            await self._look_outward(db, out)
        if into:
            await self._look_inward(db, into)
        if numbers:
            await self._look_numbers(db, numbers)
        seen = [(kind, value) for way, kind, value in asked if way == "shown"]
        self.seen |= await shown.entities(db, self.connection, seen)
        for way, _, value in asked:
            if way == "bills":
                self.by_order[value] = await shown.bills(db, self.connection, value)

    async def _look_outward(self, db: Connection, refs: list[Ref]) -> None:
        keys = {lane_key(self.connection, kind, entity): (kind, entity) for kind, entity in refs}
        rows = await db.fetch(
            """
            select l.key, p.external_id, l.ledger_number, array(
                select s.external_id from part s
                where s.lane = l.key and s.generation = l.generation and not s.main
                order by s.external_id) as sides
            from lane l join part p on p.lane = l.key and p.generation = l.generation and p.main
            where l.key = any($1) and l.state = 'bound'
            """,
            list(keys),
        )
        self.outward |= dict.fromkeys(refs)
        self.outward |= {
            keys[r["key"]]: Outward(r["external_id"], r["ledger_number"], tuple(r["sides"]))
            for r in rows
        }

    async def _look_inward(self, db: Connection, refs: list[Ref]) -> None:
        rows = await db.fetch(
            """
            select l.type, p.external_id, l.id from part p join lane l on l.key = p.lane
            where p.connection = $1 and p.external_id = any($2)
            """,
            self.connection,
            [external for _, external in refs],
        )
        found = {(EntityType(r["type"]), r["external_id"]): r["id"] for r in rows}
        for kind, external in refs:
            known = found.get((kind, external))
            if known is None:
                self.unbound.setdefault(kind, set()).add(external)
            self.inward[kind, external] = known or local_id(self.connection, kind, external)

    async def _look_numbers(self, db: Connection, refs: list[Ref]) -> None:
        rows = await db.fetch(
            """
            select type, ledger_number, id from lane
            where connection = $1 and ledger_number = any($2) and state = 'bound'
            """,
            self.connection,
            [number for _, number in refs],
        )
        self.by_number |= dict.fromkeys(refs)
        self.by_number |= {(EntityType(r["type"]), r["ledger_number"]): r["id"] for r in rows}


async def settled(db: Connection, ids: LaneIds, translate: Callable[[], T]) -> T:
    """Run a pure translation until it asks for nothing new.

    Raises what the last run raised: NotReady where a reference has no record yet.
    """
    [result] = await settled_all(db, ids, [translate], (SyncError,))
    if isinstance(result, SyncError):
        raise result
    return result


async def settled_all(
    db: Connection,
    ids: LaneIds,
    translations: Sequence[Callable[[], T]],
    failures: tuple[type[E], ...],
) -> list[T | E]:
    """Run pure translations until none asks for anything new; what all ask for is looked up at
    once. What one of them raises of `failures` in its last run takes its place."""
    results: dict[int, T | E] = {}
    left = list(range(len(translations)))
    while left:
        unanswered, asked = [], set[tuple[str, EntityType, str]]()
        for place in left:
            ids.asked = set()
            try:
                results[place] = translations[place]()
            except failures as error:
                results[place] = error
            if ids.asked:
                unanswered.append(place)
                asked |= ids.asked
        left, ids.asked = unanswered, asked
        if left:
            await ids.look_up(db)
    return [results[place] for place in range(len(translations))]
