"""What changed: the vendor's change log for 30 days, queries for more, ids for the census."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from contracts.values import EntityType
from libs.connector.interface import Record, Session
from services.connectors.quickbooks_online import query, records

LOOK_BACK = timedelta(days=29)
MOST = 1000
"""Objects in one answer of the change log; whether more were left out it does not say."""


async def together(
    session: Session, since: Mapping[EntityType, datetime]
) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
    """See ListsTogether.changes_together: one metered call for all kinds (sections 1 and 9)."""
    at = min(since.values())
    if at > datetime.now(UTC) - LOOK_BACK:
        logged = await _log(session, list(since), at)
        if logged.whole:
            for kind in since:
                if found := [record for record in logged.found if record.type is kind]:
                    yield kind, found
            return
    for kind, start in since.items():
        async for page in changes(session, kind, start):
            yield kind, page


async def changes(
    session: Session, kind: EntityType, since: datetime | None
) -> AsyncIterator[Sequence[Record]]:
    """Pages of what changed, oldest first (dossier section 9)."""
    deleted: Sequence[Record] = []
    if since is not None and since > datetime.now(UTC) - LOOK_BACK:
        logged = await _log(session, [kind], since)
        if logged.whole:
            if logged.found:
                yield logged.found
            return
        # The window is too wide: a query pages what lives, deletes are taken from here.
        deleted = [record for record in logged.found if record.state == "deleted"]
    if deleted:
        yield deleted
    for resource in records.RESOURCES[kind]:
        async for page in query.everything(session, resource, since):
            yield [
                replace(records.record(kind, resource, raw), as_of=page.as_of)
                for raw in page.found
                if records.is_ours(resource, raw)
            ]


async def census(session: Session, kind: EntityType) -> list[str]:
    """The ids of all live records."""
    return [
        records.external(kind, resource, identity)
        for resource in records.RESOURCES[kind]
        for identity in await query.identities(session, resource)
    ]


@dataclass(frozen=True, slots=True)
class Logged:
    """What the change log shows, oldest first; `whole`: surely nothing was left out."""

    found: Sequence[Record]
    whole: bool


async def _log(session: Session, kinds: Sequence[EntityType], since: datetime) -> Logged:
    resources = [resource for kind in kinds for resource in records.RESOURCES[kind]]
    asked = {"entities": ",".join(resources), "changedSince": query.literal(since)}
    body = await query.body_of(session, "/cdc", asked)
    as_of = query.answered(body)
    listed = [
        (resource, raw)
        for answer in body.get("CDCResponse") or ()
        for shown in answer.get("QueryResponse") or ()
        for resource in resources
        for raw in shown.get(resource) or ()
    ]
    found = [
        replace(records.record(records.KINDS[resource], resource, raw), as_of=as_of)
        for resource, raw in listed
        if records.is_ours(resource, raw)
    ]
    return Logged(_oldest_first(found), len(listed) < MOST)


def _oldest_first(found: Iterable[Record]) -> list[Record]:
    start = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda record: record.updated_at or start)
