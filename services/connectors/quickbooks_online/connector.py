"""QuickBooks Online, Accounting API v3: https://developer.intuit.com/app/developer/qbo/docs"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector.errors import Rejected, SyncError
from libs.connector.interface import (
    Answer,
    Company,
    Context,
    Notice,
    Record,
    Request,
    Result,
    Session,
    Step,
    Wanted,
    Write,
)
from services.connectors.quickbooks_online import (
    checks,
    company,
    errors,
    finding,
    listing,
    notices,
    reading,
    records,
    requests,
    steps,
    stored,
    writes,
)
from services.connectors.quickbooks_online.faults import Fault


class QuickBooksConnector:
    """What is odd about QuickBooks: sparse updates, lines as a whole, names that are shared."""

    # Writes

    def request(self, writes_: Sequence[Write], context: Context) -> Request:
        """One call for all of them."""
        return requests.request([act for one in writes_ for act in writes.acts(one, context)])

    def results(
        self, writes_: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """One result per write, in order (dossier sections 3 and 10)."""
        del context
        named = [writes.resources(write) for write in writes_]
        found = requests.outcomes([one for some in named for one in some], answer)
        if isinstance(found, Fault):
            return [_whole(writes_, found, answer)]
        left = iter(found)
        parted = [[next(left) for _ in some] for some in named]
        return [_result(write, some) for write, some in zip(writes_, parted, strict=True)]

    def step(self, write: Write, context: Context) -> Step | None:
        """See Steps.step."""
        return steps.step(write, context)

    def judge(self, answer: Answer) -> SyncError | None:
        """See Judges.judge."""
        return errors.judge(answer)

    # Translation

    def entity(self, record: Record, context: Context) -> Entity:
        """See Maps.entity."""
        return records.entity(record, context)

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """See Maps.normalised."""
        return stored.stored(entity, context)

    def check(self, entity: Entity, context: Context) -> None:
        """See Maps.check."""
        checks.check(entity, context)

    # Reads

    async def describe(self, session: Session) -> Company:
        """See Describes.describe."""
        return await company.describe(session)

    async def read(
        self, session: Session, kind: EntityType, ids: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Record]:
        """See Reads.read."""
        return await reading.read(session, kind, ids)

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """See Finds.find."""
        return await finding.find(session, kind, wanted)

    def changes(
        self, session: Session, kind: EntityType, since: datetime | None
    ) -> AsyncIterator[Sequence[Record]]:
        """See Lists.changes."""
        return listing.changes(session, kind, since)

    def changes_together(
        self, session: Session, since: Mapping[EntityType, datetime]
    ) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
        """See ListsTogether.changes_together."""
        return listing.together(session, since)

    async def census(self, session: Session, kind: EntityType) -> Collection[str]:
        """See Lists.census."""
        return await listing.census(session, kind)

    # Notices

    def notices(self, body: bytes, company: str) -> Sequence[Notice]:
        """See Notifies.notices."""
        return notices.notices(body, company)


def _result(write: Write, outcomes: Sequence[requests.Outcome]) -> Result:
    faults = [outcome.fault for outcome in outcomes if outcome.fault]
    if faults:
        return _refused(write, faults[0])
    return writes.answered(write, [one.shown for one in outcomes if one.shown is not None])


def _refused(write: Write, fault: Fault) -> Result:
    """Removed already is removed, whoever did it."""
    error = errors.refused(write, fault)
    if isinstance(error, errors.Missing) and write.verb in writes.REMOVED:
        return Record(write.type, write.record, {}, "deleted")
    return error


def _whole(writes_: Sequence[Write], fault: Fault, answer: Answer) -> Result:
    """An error answer to the call as a whole; of several the kernel finds the one by halves."""
    outside = errors.of_call(fault, answer)
    if outside is not None:
        raise outside
    found = _refused(writes_[0], fault)
    if len(writes_) == 1 and isinstance(found, Record):
        return found
    if not isinstance(found, SyncError):
        found = Rejected("QuickBooks refuses the call as a whole.", reason="refused")
    if len(writes_) > 1:
        raise Rejected(found.sentence, reason=found.reason, action=found.action)
    raise found
