"""What a start would bring, reckoned from the log and the ledger; nothing is filed or written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.entities import DOCUMENTS
from contracts.messages import EntityPut, PreviewRow
from contracts.topics import INVOICING_EVENTS, lane_key
from contracts.values import EntityType
from libs.connector import collisions, gate, roster
from libs.connector.connections import Account
from libs.connector.filing import puts_of
from libs.connector.interface import Wanted
from libs.connector.kernel import Desk
from libs.connector.lane import RANK, marker_of
from libs.connector.matching import Known, Matched, match, words_of
from libs.connector.numbers import number
from libs.connector.reread import EARLIER
from libs.connector.states import local_id
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.service.database import Connection

SHOWN = 10

Puts = dict[tuple[EntityType, str], EntityPut]


@dataclass(slots=True)
class Preview:
    """One preview under way; `customers`: what the ledger's unbound contacts would be here."""

    desk: Desk
    customers: dict[str, str] = field(default_factory=dict)

    async def row(
        self, db: Connection, kind: EntityType, puts: Mapping[str, EntityPut]
    ) -> PreviewRow:
        """What would become of these puts of one kind."""
        bound = await _bound(db, self.desk.account.id, kind, list(puts))
        free = {entity: put for entity, put in puts.items() if entity not in bound}
        if kind in roster.LISTS:
            found = await self._lists(db, kind, free)
        elif kind in DOCUMENTS and self.desk.kernel.facts(kind).find != "none":
            found = await self._documents(db, free)
        else:
            found = Matched(new=list(free))
        asked = [
            f"{kind} {entity} may be {'; '.join(map(str, known[:3]))}."
            for entity, known in list(found.unclear.items())[:SHOWN]
        ]
        return PreviewRow(
            type=kind,
            new=len(found.new),
            there=len(bound) + len(found.pairs),
            ambiguous=len(found.unclear),
            only_there=len(found.only_there),
            questions=tuple(asked),
        )

    async def _lists(
        self, db: Connection, kind: EntityType, free: Mapping[str, EntityPut]
    ) -> Matched:
        waiting = {one.id: one for one in await roster.ours(db, self.desk.account.id, kind)}
        ours = waiting | {entity: Known(entity, words_of(p.entity)) for entity, p in free.items()}
        found = match(
            list(ours.values()), await roster.theirs(db, self.desk.account.id, kind, None)
        )
        if kind is EntityType.CONTACT:
            pairs = found.pairs.items()
            self.customers = {local_id(self.desk.account.id, kind, e): i for i, e in pairs}
        return found

    async def _documents(self, db: Connection, free: Mapping[str, EntityPut]) -> Matched:
        wanted = [_wanted(self.desk.account, put) for put in free.values()]
        taken = await collisions.search(db, self.desk, [one for one in wanted if one.number])
        found = Matched()
        for entity, put in free.items():
            same = [one for one in taken if one.record.number == number(put.entity) != ""]
            alike = [
                one
                for one in same
                if not one.owner
                and await collisions.is_same(db, self.desk, put.entity, one.record, self.customers)
            ]
            if not same:
                found.new.append(entity)
            elif len(same) == len(alike) == 1:
                found.pairs[entity] = same[0].record.id
            else:
                found.unclear[entity] = tuple(
                    Known(t.record.id, {"number": t.record.number}) for t in same
                )
        return found


async def preview(
    db: Connection, desk: Desk, reader: LogReader, start: datetime | None
) -> tuple[PreviewRow, ...]:
    """A row per kind of record; raises an error of the tree where the ledger cannot be asked."""
    account = replace(desk.account, starts_at=start or desk.account.starts_at)
    puts = await _read(reader, account)
    view = Preview(desk)
    rows = []
    for kind in [k for k in RANK if k in desk.kernel.provider.entities]:
        mine = {e: p for (k, e), p in puts.items() if k is kind and gate.would_take(account, p)}
        if mine or kind in roster.LISTS:
            rows.append(await view.row(db, kind, mine))
    return tuple(rows)


async def _read(reader: LogReader, account: Account) -> Puts:
    """The newest put of each entity of the tenant since then."""
    found: Puts = {}

    async def keep(records: Sequence[Record]) -> None:
        for put in puts_of(records, account.tenant):
            key = put.entity.type, put.entity.id
            if key not in found or found[key].revision < put.revision:
                found[key] = put

    spans = await reader.bounds(INVOICING_EVENTS.name, account.starts_at - EARLIER)
    await reader.read(INVOICING_EVENTS.name, spans, keep)
    return found


def _wanted(account: Account, put: EntityPut) -> Wanted:
    entity = put.entity
    marker = marker_of(account.id, entity.type, entity.id, 0)
    return Wanted(entity.type, entity.id, marker, number(entity), entity=entity)


async def _bound(
    db: Connection, connection: str, kind: EntityType, entities: Collection[str]
) -> set[str]:
    rows = await db.fetch(
        "select id from lane where key = any($1) and state <> 'absent'",
        [lane_key(connection, kind, entity) for entity in entities],
    )
    return {row["id"] for row in rows}
