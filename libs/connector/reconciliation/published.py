"""The product's side: the newest that it has published of each document, and what that comes to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from contracts.entities import (
    Allocation,
    Contact,
    CreditNote,
    Document,
    Entity,
    Payment,
    Refund,
)
from contracts.messages import BatchClosed, EntityDeleted, EntityPut, Scope
from contracts.topics import INVOICING_EVENTS
from contracts.values import EntityType
from libs.connector import gate
from libs.connector.connections import Account
from libs.connector.filing import events_of
from libs.connector.reconciliation.compare import Entry
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.service.database import Connection

KINDS = (
    EntityType.INVOICE,
    EntityType.CREDIT_NOTE,
    EntityType.PAYMENT,
    EntityType.REFUND,
    EntityType.BILL,
)
"""What has an amount that a ledger books."""
MANY = 500
Share = tuple[str, Decimal]
"""Of a payment or credit: `type/id` of what it settles, and how much."""


@dataclass(frozen=True, slots=True)
class Said:
    """The newest of one document; without an entry it is void or deleted.

    `turned`: why the connection takes no such document; `place`: partition and offset in the log,
    None where it is no longer there.
    """

    key: str
    revision: int
    entry: Entry | None = None
    shares: tuple[Share, ...] = ()
    turned: gate.Skip | gate.Ask | None = None
    place: tuple[int, int] | None = None
    at: int = 0


@dataclass(slots=True)
class Published:
    """All that one tenant's product has published, as far as one connection is concerned."""

    account: Account
    others: Sequence[Scope]
    said: dict[str, Said] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    batches: list[BatchClosed] = field(default_factory=list)

    def take(self, event: EntityPut | EntityDeleted | BatchClosed, record: Record | None) -> None:
        """Keep what is newer than what is known."""
        if isinstance(event, BatchClosed):
            self.batches.append(event)
        elif isinstance(event, EntityPut) and isinstance(event.entity, Contact):
            self.names[event.entity.id] = event.entity.name
        elif (event.entity.type if isinstance(event, EntityPut) else event.type) in KINDS:
            said = self._said(event, record)
            known = self.said.get(said.key)
            if known is None or known.revision < said.revision:
                self.said[said.key] = said

    def entries(self) -> list[Entry]:
        """Every living document that is for this connection, with what is paid of it."""
        mine = [self._mine(said) for said in self.said.values() if said.entry]
        living = [said for said in mine if said and not _is_elsewhere(said)]
        settled = _settled(living)
        return [_paid(said, settled) for said in living]

    def _said(self, event: EntityPut | EntityDeleted, record: Record | None) -> Said:
        place = (record.partition, record.offset) if record else None
        at = record.timestamp if record else 0
        if isinstance(event, EntityDeleted):
            return Said(f"{event.type}/{event.id}", event.revision, place=place, at=at)
        entity = event.entity
        head = Said(f"{entity.type}/{entity.id}", event.revision, place=place, at=at)
        if getattr(entity, "status", "") == "void":
            return head
        turned = gate.turned_away(self.account, self.others, event)
        return replace(head, entry=entry_of(entity), shares=shares_of(entity), turned=turned)

    def _mine(self, said: Said) -> Said | None:
        """Of a payment over several connections' documents, this one's share."""
        entry = said.entry
        if entry is None or entry.type is not EntityType.PAYMENT or self.account.scope == Scope():
            return said
        ours = tuple(s for s in said.shares if not self._is_others(s[0]))
        if len(ours) == len(said.shares):
            return said
        left = sum((amount for key, amount in said.shares if self._is_others(key)), Decimal(0))
        share = replace(entry, gross=entry.gross - left, settles=tuple(key for key, _ in ours))
        return replace(said, entry=share, shares=ours) if ours else None

    def _is_others(self, key: str) -> bool:
        known = self.said.get(key)
        return known is not None and _is_elsewhere(known)


async def read(
    reader: LogReader, db: Connection, account: Account, others: Sequence[Scope]
) -> Published:
    """All that is in the log, and of what has left it the newest that was filed."""
    found = Published(account, others)

    async def keep(records: Sequence[Record]) -> None:
        for record, event in events_of(records, account.tenant):
            found.take(event, record)

    await reader.read(INVOICING_EVENTS.name, await reader.bounds(INVOICING_EVENTS.name), keep)
    await _older(db, found)
    return found


async def _older(db: Connection, found: Published) -> None:
    """What the log no longer holds stands in the inbox."""
    rows = await db.fetch(
        "select key, type, id, revision from lane where connection = $1 and type = any($2) "
        "and revision > 0",
        found.account.id,
        [str(kind) for kind in (*KINDS, EntityType.CONTACT)],
    )
    missing = [row["key"] for row in rows if _is_missing(found, row)]
    for some in range(0, len(missing), MANY):
        bodies = await db.fetch(
            """
            select i.kind, i.body from lane l
            join inbox i on i.lane = l.key and i.revision = l.revision and i.kind <> 'notice'
            where l.key = any($1) and i.body is not null
            """,
            missing[some : some + MANY],
        )
        for row in bodies:
            kind = EntityPut if row["kind"] == "put" else EntityDeleted
            found.take(kind.model_validate_json(row["body"]), None)


def _is_missing(found: Published, row: Any) -> bool:
    if row["type"] == EntityType.CONTACT:
        return row["id"] not in found.names
    known = found.said.get(f"{row['type']}/{row['id']}")
    return known is None or known.revision < row["revision"]


def entry_of(entity: Entity) -> Entry:
    """A document or money of either side; what is paid of a document is not known from itself."""
    if isinstance(entity, Payment | Refund):
        return _money(entity)
    assert isinstance(entity, Document)
    totals = entity.totals
    return Entry(
        EntityType(entity.type),
        entity.id,
        entity.issue_date.isoformat(),
        str(getattr(entity, "customer", "") or getattr(entity, "supplier", "")),
        entity.currency,
        totals.gross,
        totals.net,
        totals.tax,
        number=entity.number,
        settles=tuple(key for key, _ in shares_of(entity)),
        lines=len(entity.lines),
    )


def _money(entity: Payment | Refund) -> Entry:
    used = sum((share.amount for share in entity.allocations), Decimal(0))
    return Entry(
        EntityType(entity.type),
        entity.id,
        entity.date.isoformat(),
        entity.contact,
        entity.currency,
        entity.amount,
        paid=used,
        balance=entity.amount - used,
        number=entity.reference,
        settles=tuple(key for key, _ in shares_of(entity)),
    )


def shares_of(entity: Entity) -> tuple[Share, ...]:
    """What a payment, refund or credit note settles."""
    if not isinstance(entity, Payment | Refund | CreditNote):
        return ()
    shares: Collection[Allocation] = entity.allocations
    return tuple((f"{one.document_type}/{one.document}", one.amount) for one in shares)


def _is_elsewhere(said: Said) -> bool:
    return isinstance(said.turned, gate.Skip) and said.turned.reason == "other-connection"


def _settled(living: Iterable[Said]) -> dict[str, Decimal]:
    """What has been settled of each document: paid, credited, refunded; a credit note's own use."""
    found: dict[str, Decimal] = {}
    for said in living:
        for key, amount in said.shares:
            found[key] = found.get(key, Decimal(0)) + amount
            if said.key.startswith(f"{EntityType.CREDIT_NOTE}/"):
                found[said.key] = found.get(said.key, Decimal(0)) + amount
    return found


def _paid(said: Said, settled: dict[str, Decimal]) -> Entry:
    entry = said.entry
    assert entry is not None
    if entry.net is None:
        used = sum((amount for _, amount in said.shares), Decimal(0))
    else:
        used = settled.get(said.key, Decimal(0))
    return replace(entry, paid=used, balance=entry.gross - used)
