"""Filing: events of the invoicing product become rows of lanes. It parses and files, no more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from contracts.entities import ON_DEMAND, Entity
from contracts.messages import BatchClosed, BatchRef, EntityDeleted, EntityPut, Included
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import baseline, batches, connections
from libs.connector.lane import marker_of
from libs.messaging.cloudevents import BadEnvelope, Envelope
from libs.messaging.deadletters import explain
from libs.messaging.record import Record
from libs.service.database import Connection

Event = EntityPut | EntityDeleted | BatchClosed
EVENTS: Mapping[str, type[Event]] = {e.EVENT: e for e in (EntityPut, EntityDeleted, BatchClosed)}


@dataclass(frozen=True, slots=True)
class Burial:
    """A record that cannot be taken in: why, and what to do."""

    record: Record
    reason: str
    sentence: str
    action: str


@dataclass(frozen=True, slots=True)
class Filing:
    """One row to file; `made_at` is the moment that decides about the connection's start."""

    connection: str
    type: EntityType
    id: str
    revision: int
    kind: str
    body: bytes
    made_at: datetime | None = None
    origin: str | None = None
    batch: str | None = None

    @property
    def lane(self) -> str:
        return lane_key(self.connection, self.type, self.id)


async def file(
    db: Connection,
    records: Sequence[Record],
    *,
    only: Collection[str] | None = None,
    reread: bool = False,
) -> list[Burial]:
    """File what connections of this provider want of these records; what cannot be read comes
    back to be buried. `only`: for these connections alone. Call in a transaction."""
    burials: list[Burial] = []
    envelopes = [(record, _envelope(record, burials)) for record in records]
    tenants = {envelope.tenant for _, envelope in envelopes if envelope}
    wanted = await connections.of_tenants(db, sorted(tenants))
    filings: list[Filing] = []
    for record, envelope in envelopes:
        takers = wanted.get(envelope.tenant, []) if envelope else []
        takers = [taker for taker in takers if only is None or taker in only]
        event = _parsed(record, envelope, burials) if envelope and takers else None
        if isinstance(event, BatchClosed):
            await batches.closed(db, takers, event)
        elif event is not None:
            filings += [f for taker in takers for f in _filings(taker, event, record)]
    await _join_batches(db, filings, [e for e in (f.batch for f in filings) if e])
    await _file_rows(db, newest(filings), reread=reread)
    if reread:
        await baseline.doubt(db, filings)
        await baseline.keep_settled(db, filings)
    return burials


def events_of(records: Iterable[Record], tenant: str) -> Iterator[tuple[Record, Event]]:
    """All events of a tenant, the puts included in others too; what cannot be read is left out."""
    for record in records:
        envelope = _envelope(record, [])
        if envelope is None or envelope.tenant != tenant:
            continue
        event = _parsed(record, envelope, [])
        if isinstance(event, EntityPut):
            yield from ((record, _put_of(event, part)) for part in event.included)
        if event is not None:
            yield record, event


def puts_of(records: Iterable[Record], tenant: str) -> Iterator[EntityPut]:
    """All puts of a tenant, those included in others too; what cannot be read is left out."""
    return (put for _, put in events_of(records, tenant) if isinstance(put, EntityPut))


def newest(filings: Iterable[Filing]) -> list[Filing]:
    """The newest revision of each lane, in lane order; puts carry whole state."""
    best: dict[str, Filing] = {}
    for filing in filings:
        known = best.get(filing.lane)
        if known is None or filing.revision > known.revision:
            best[filing.lane] = filing
    return [best[lane] for lane in sorted(best)]


def _envelope(record: Record, burials: list[Burial]) -> Envelope | None:
    try:
        envelope = Envelope.of(record.headers)
        if not envelope.tenant:
            raise BadEnvelope("The header ce_tenant is missing: whose event it is cannot be told.")
    except BadEnvelope as error:
        burials.append(Burial(record, "envelope", str(error), "Publish it again with the header."))
        return None
    return envelope


def _parsed(record: Record, envelope: Envelope, burials: list[Burial]) -> Event | None:
    kind = EVENTS.get(envelope.type)
    if kind is None:
        sentence = f"{envelope.type!r} is no event of the invoicing product."
        known = ", ".join(EVENTS)
        burials.append(Burial(record, "unknown-event", sentence, f"Use one of {known}."))
        return None
    try:
        event = kind.model_validate_json(record.value or b"")
    except ValidationError as error:
        burials.append(Burial(record, "invalid", *explain(error)))
        return None
    if event.tenant != envelope.tenant:
        sentence = "The header ce_tenant and the body's tenant differ."
        burials.append(Burial(record, "tenant", sentence, "Make them the same and publish again."))
        return None
    return event


def _filings(connection: str, event: EntityPut | EntityDeleted, record: Record) -> Iterator[Filing]:
    body = record.value or b""
    if isinstance(event, EntityDeleted):
        yield Filing(
            connection, event.type, event.id, event.revision, "deleted", body, origin=event.origin
        )
        return
    for part in event.included:
        yield _filing(connection, part, _put_of(event, part).model_dump_json().encode(), None)
    yield _filing(connection, event, body, event.batch)


def _put_of(event: EntityPut, part: Included) -> EntityPut:
    return EntityPut(
        tenant=event.tenant,
        revision=part.revision,
        made_at=part.made_at,
        entity=part.entity,
        origin=part.origin,
    )


def _filing(
    connection: str, put: EntityPut | Included, body: bytes, batch: BatchRef | None
) -> Filing:
    entity: Entity = put.entity
    made = batch.made_at if batch else put.made_at
    return Filing(
        connection, entity.type, entity.id, put.revision, "put", body, made, put.origin,
        batch.id if batch else None,
    )  # fmt: skip


async def _join_batches(db: Connection, filings: Sequence[Filing], named: Sequence[str]) -> None:
    if named:
        members = [(f.connection, f.batch, f.lane, f.made_at) for f in filings if f.batch]
        await batches.join(db, members)


async def _file_rows(db: Connection, filings: Sequence[Filing], *, reread: bool) -> None:
    if not filings:
        return
    lanes = [f.lane for f in filings]
    accepted = await db.fetch(
        """
        with new as (
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                $6::bigint[], $7::text[], $8::timestamptz[], $9::bool[])
                as t (key, connection, type, id, marker, revision, origin, made_at, on_demand)
        ), filed as (
            select new.*, new.on_demand and new.made_at < c.starts_at as old
            from new join connection c on c.id = new.connection order by key
        )
        insert into lane as l
            (key, connection, type, id, marker, revision, origin, due_at)
        select key, connection, type, id, marker, revision, origin,
            case when not old or exists (select from wait w where w.needs = key) then now() end
        from filed
        on conflict (key) do update set revision = excluded.revision, dead = false,
            origin = coalesce(excluded.origin, l.origin),
            attempts = 0,
            hold = case when l.hold = 'uncertain' then l.hold else '' end,
            due_at = case when l.hold = 'uncertain' then null
                when l.state = 'absent' then coalesce(excluded.due_at, l.due_at) else now() end
        where l.revision < excluded.revision
        returning key
        """,
        lanes,
        [f.connection for f in filings],
        [str(f.type) for f in filings],
        [f.id for f in filings],
        [marker_of(f.connection, f.type, f.id, 0) for f in filings],
        [f.revision for f in filings],
        [f.origin for f in filings],
        [f.made_at for f in filings],
        [f.type in ON_DEMAND for f in filings],
    )
    await _insert(db, filings, {row["key"] for row in accepted}, reread=reread)


async def _insert(
    db: Connection, filings: Sequence[Filing], accepted: set[str], *, reread: bool
) -> None:
    rows = [f for f in filings if f.lane in accepted]
    await db.execute(
        """
        update inbox set state = 'superseded'
        where lane = any($1) and state = 'pending' and kind <> 'notice'
        """,
        [f.lane for f in rows],
    )
    await db.execute(
        """
        insert into inbox (connection, lane, kind, revision, body, reread)
        select *, $6::bool
        from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
        """,
        [f.connection for f in rows],
        [f.lane for f in rows],
        [f.kind for f in rows],
        [f.revision for f in rows],
        [f.body for f in rows],
        reread,
    )
    if rows:
        await db.execute("select pg_notify('lane', '')")
