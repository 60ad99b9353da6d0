"""The ledger's side: every document it lists, with its own figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.entities import Document, Entity, Refund, Totals
from contracts.values import EntityType
from libs.connector.errors import SyncError
from libs.connector.ids import settled
from libs.connector.interface import Record, Session
from libs.connector.kernel import Desk
from libs.connector.reconciliation.compare import Entry
from libs.connector.reconciliation.published import entry_of
from libs.connector.states import local_id
from libs.connector.sweep import Patient
from libs.service.database import Connection

MONEY = (EntityType.PAYMENT, EntityType.REFUND)
INCOMPLETE = "incomplete"
"""Why a draft cannot be read that its bookkeeper has not finished: nothing is booked by it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that cannot be read as a document, and why."""

    type: EntityType
    id: str
    external: str
    number: str
    reason: str
    sentence: str
    action: str

    @property
    def key(self) -> str:
        return f"{self.type}/{self.id}"


@dataclass(slots=True)
class Shown:
    """What the ledger shows; `records`: without their wire form, by the key of the entity."""

    entries: list[Entry] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Names:
    """Which entity a record is of: the bound one, else the one it would be bound to."""

    connection: str
    bound: Mapping[tuple[str, str], str]
    sides: Mapping[tuple[str, str], tuple[str, ...]]

    @classmethod
    async def read(cls, db: Connection, connection: str) -> "Names":
        rows = await db.fetch(
            """
            select l.type, l.id, p.external_id, p.main from part p
            join lane l on l.key = p.lane and p.generation = l.generation
            where p.connection = $1
            """,
            connection,
        )
        bound = {(r["type"], r["external_id"]): r["id"] for r in rows if r["main"]}
        beside: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in rows:
            if not row["main"]:
                key = (row["type"], row["id"])
                beside[key] = (*beside.get(key, ()), row["external_id"])
        return cls(connection, bound, beside)

    def of(self, record: Record) -> str:
        """The local id."""
        known = self.bound.get((record.type, record.id))
        return known or local_id(self.connection, record.type, record.id)

    def is_bound(self, kind: EntityType, external: str) -> bool:
        return (kind, external) in self.bound

    def beside(self, kind: EntityType) -> set[str]:
        """The external ids of all side records of a kind."""
        return {one for (k, _), some in self.sides.items() if k == kind for one in some}


async def read(db: Connection, desk: Desk, kinds: Iterable[EntityType]) -> tuple[Shown, Names]:
    """All that the ledger lists of these kinds; raises an error of the tree."""
    names = await Names.read(db, desk.account.id)
    session = Patient(await desk.kernel.sessions.session(desk.account))
    shown = Shown()
    for kind in kinds:
        listed: dict[str, Entry | Unread] = {}
        beside = names.beside(kind)
        async for page in desk.kernel.connector.changes(session, kind, None):
            some = [r for r in page if not r.belongs_to and r.id not in beside]
            for record in some:
                shown.records[f"{kind}/{names.of(record)}"] = replace(record, raw={})
            found = await _entries(db, desk, names, some)
            # One that changed while the pages were read is listed again, as it is now.
            listed |= {r.id: one for r, one in zip(some, found, strict=True) if one}
            for gone in (r.id for r, one in zip(some, found, strict=True) if one is None):
                listed.pop(gone, None)
        shown.entries += [one for one in listed.values() if isinstance(one, Entry)]
        shown.unread += [one for one in listed.values() if isinstance(one, Unread)]
    return shown, names


async def again(
    db: Connection, desk: Desk, names: Names, shown: Shown, doubted: Iterable[Entry | Unread]
) -> None:
    """Read these whole, one by one: a list may show only a part of a record."""
    session: Session = Patient(await desk.kernel.sessions.session(desk.account))
    by_kind: dict[EntityType, dict[str, Sequence[str]]] = {}
    for one in doubted:
        by_kind.setdefault(one.type, {})[one.external] = names.sides.get((one.type, one.id), ())
    fresh: dict[tuple[EntityType, str], Entry | Unread | None] = {}
    for kind, ids in by_kind.items():
        for chunk in _chunks(ids, desk.kernel.facts(kind).read_bulk):
            found = list((await desk.kernel.connector.read(session, kind, chunk)).values())
            fresh |= dict.fromkeys((kind, external) for external in chunk)
            read_ = await _entries(db, desk, names, found)
            fresh |= {(kind, r.id): one for r, one in zip(found, read_, strict=True)}
    shown.entries = [e for e in shown.entries if (e.type, e.external) not in fresh]
    shown.entries += [one for one in fresh.values() if isinstance(one, Entry)]
    shown.unread = [u for u in shown.unread if (u.type, u.external) not in fresh]
    shown.unread += [one for one in fresh.values() if isinstance(one, Unread)]


def _chunks(ids: Mapping[str, Sequence[str]], size: int) -> Iterable[Mapping[str, Sequence[str]]]:
    pairs = list(ids.items())
    return (dict(pairs[n : n + size]) for n in range(0, len(pairs), size))


async def _entries(
    db: Connection, desk: Desk, names: Names, records: Sequence[Record]
) -> list[Entry | Unread | None]:
    """In order; None: not living."""
    found = await settled(db, desk.ids, lambda: [_entry(desk, names, r) for r in records])
    desk.ids.unseen()
    return found


def _entry(desk: Desk, names: Names, record: Record) -> Entry | Unread | None:
    if record.state != "live":
        return None
    try:
        entity = desk.kernel.connector.entity(record, desk.context)
    except SyncError as error:
        return _unread(names, record, error.reason, error.sentence, error.action)
    except (ValueError, LookupError) as error:
        return _unread(names, record, "unreadable", f"It cannot be read: {error}"[:1000], "")
    if getattr(entity, "status", "") == "void":
        return None
    return _with_figures(entity, names, record)


def _with_figures(entity: Entity, names: Names, record: Record) -> Entry:
    plain = replace(entry_of(entity), id=names.of(record), external=record.id)
    if not isinstance(entity, Document):
        # Not every ledger shows what a refund is of.
        hidden = isinstance(entity, Refund) and not entity.allocations
        return replace(plain, paid=None, balance=None) if hidden else plain
    totals: Totals = record.totals or entity.totals
    balance = record.balance
    return replace(
        plain,
        gross=totals.gross,
        net=totals.net,
        tax=totals.tax,
        paid=None if balance is None else totals.gross - balance,
        balance=balance,
        number=record.number or plain.number,
    )


def _unread(names: Names, record: Record, reason: str, sentence: str, action: str) -> Unread:
    return Unread(record.type, names.of(record), record.id, record.number, reason, sentence, action)
