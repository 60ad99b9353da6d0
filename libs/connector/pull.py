"""The way back: a hint is looked up, merged, and what the product did not know is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.values import EntityType
from libs.connector import creates, events, families, lanes, leases, parts, rows
from libs.connector.errors import Held, SyncError
from libs.connector.imports import leave, unwanted
from libs.connector.interface import Notice, Record, Wanted
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.names import whole_name
from libs.connector.outcome import Target, unknown_record
from libs.connector.rows import Row
from libs.connector.takein import take_in
from libs.service.database import Connection

WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Puller:
    """Works on the notices of claimed lanes; what fails is kept by lane in `failures`."""

    desk: Desk
    failures: dict[str, SyncError | timedelta]

    async def pull(self, db: Connection, noticed: Sequence[tuple[Lane, Row]]) -> None:
        """Read the records of the notices, in bulk, and take them in."""
        if not noticed:
            return
        kernel, kind = self.desk.kernel, noticed[0][0].type
        opened = await creates.under_way(db, self.desk.account.id, kind)
        known = [row for lane, row in noticed if _is_known(lane, row)]
        if known:
            await rows.noticed(db, *known)
        wanted = [
            (lane, row)
            for lane, row in noticed
            if row not in known and await self._is_worth_reading(db, lane, row, opened)
        ]
        session = await kernel.sessions.session(self.desk.account)
        size = kernel.facts(kind).read_bulk
        for some in (wanted[i : i + size] for i in range(0, len(wanted), size)):
            # What has been read is taken in before the limit may end the reading.
            ids = {lane.main_of(row.record): lane.sides for lane, row in some}
            found = await kernel.connector.read(session, kind, ids)
            for lane, row in some:
                await self._guarded(db, lane, row, found.get(lane.main_of(row.record)), opened)

    async def _guarded(
        self, db: Connection, lane: Lane, row: Row, record: Record | None, opened: Sequence[str]
    ) -> None:
        try:
            await self._one(db, lane, row, record, opened)
        except SyncError as error:
            self.failures[lane.key] = error

    async def _is_worth_reading(
        self, db: Connection, lane: Lane, row: Row, opened: Sequence[str]
    ) -> bool:
        """Not what another lane has, or what may be our own answer."""
        owner = await _owner(db, lane, row.record)
        if owner not in (None, lane.key):
            await self._pass_on(db, lane, row, lane.type, row.record)
        elif owner is None and row.waits is None and opened:
            # A create is on its way: most likely this is the record it makes.
            await rows.wait_for_calls(db, row.seq, opened)
            self.failures[lane.key] = WAIT
        elif owner is None and row.waits and await creates.any_open(db, list(map(str, row.waits))):
            self.failures[lane.key] = WAIT
        else:
            return True
        return False

    async def _one(
        self, db: Connection, lane: Lane, row: Row, record: Record | None, opened: Sequence[str]
    ) -> None:
        if not lane.has(row.record):
            await self._unknown(db, lane, row, record, opened)
        else:
            name = whole_name(lane)
            if not lane.has_ended(row.record):
                await take_in(db, self.desk, lane, record)
            await self._finish(db, lane, row)
            await families.follow(db, self.desk, lane, name)

    async def _pass_on(
        self, db: Connection, lane: Lane, row: Row, kind: EntityType, record: str
    ) -> None:
        """It is the news of a record that another lane has; this one was only made for the hint."""
        async with db.transaction():
            await rows.noticed(db, row)
            await rows.notice(db, lane.connection, kind, {record: row.hinted_at})
            await lanes.discard(db, lane)

    async def _beside(self, db: Connection, lane: Lane, row: Row, main: Notice) -> None:
        """A side record is news of the record it stands beside."""
        async with db.transaction():
            await self._pass_on(db, lane, row, main.type, main.record)
            await parts.beside(db, lane.connection, main, Notice(lane.type, row.record))

    async def _finish(self, db: Connection, lane: Lane, row: Row) -> None:
        async with lanes.change(db, lane):
            await lanes.save(db, lane)
            await events.journal(db, lane)
            await rows.noticed(db, row)
            await self._hint_unknown(db)
        if lane.state == "bound":
            await leases.wake_waiters(db, lane.key)

    async def _hint_unknown(self, db: Connection) -> None:
        """What a record refers to and nobody has seen yet is looked up too."""
        for kind, records in self.desk.ids.unseen().items():
            await rows.notice(db, self.desk.account.id, kind, dict.fromkeys(records))

    # A record we do not know

    async def _unknown(
        self, db: Connection, lane: Lane, row: Row, record: Record | None, opened: Sequence[str]
    ) -> None:
        if record is None or record.state == "deleted":
            await rows.noticed(db, row)
            await lanes.discard(db, lane)
            return
        if record.belongs_to:
            await self._beside(db, lane, row, record.belongs_to)
            return
        waits = list(opened) if row.waits is None else [str(call) for call in row.waits]
        if row.waits is None and waits:
            await rows.wait_for_calls(db, row.seq, waits)
        target = await self._target(db, record)
        opened_still = await creates.any_open(db, waits) or await creates.in_doubt(
            db, self.desk, lane.type
        )
        verdict = unknown_record(creates_open=opened_still, target=target[1] if target else None)
        if verdict == "wait":
            self.failures[lane.key] = WAIT
        elif verdict == "new":
            await self._new(db, lane, row, record)
        elif target and verdict == "adopt":
            await self._adopt(db, lane, target[0], row, record)
        elif target:
            raise Held(
                "Several records of the ledger carry the mark of one of ours.",
                reason="uncertain",
                action=f"Delete the copies of {lane.type} {target[0].id} in the ledger.",
            )

    async def _target(self, db: Connection, record: Record) -> tuple[Lane, Target] | None:
        """The lane whose marker of this generation the record carries."""
        if not record.marker:
            return None
        named = await db.fetchrow(
            """
            select key, call is not null or leased_until > now() as busy from lane
            where connection = $1 and marker = $2
            """,
            self.desk.account.id,
            record.marker,
        )
        if named is None:
            return None
        lane = (await lanes.load(db, [named["key"]]))[named["key"]]
        bearers = await self._bearers(lane, record) if lane.state == "absent" else 1
        return lane, Target(lane.state, named["busy"], bearers)

    async def _bearers(self, lane: Lane, record: Record) -> int:
        """How many records carry the marker, deleted ones too: one of them may be a copy."""
        kernel = self.desk.kernel
        session = await kernel.sessions.session(self.desk.account)
        wanted = Wanted(lane.type, lane.id, lane.marker, record.number)
        found = await kernel.connector.find(session, lane.type, [wanted])
        return len({r.id for r in found if r.marker == lane.marker} | {record.id})

    async def _adopt(
        self, db: Connection, claimed: Lane, target: Lane, row: Row, record: Record
    ) -> None:
        """Our own record, whose answer never came: the lane goes on with it."""
        for lane in await lanes.lease(db, [target.key], self.desk.kernel.lease):
            if lane.state == "absent" and not lane.call and lane.marker == record.marker:
                await parts.move_sides(db, claimed, lane)
                await self._bind(db, lane, row, record)
            await leases.release(db, lane, timedelta())
        self.failures[claimed.key] = WAIT

    async def _new(self, db: Connection, lane: Lane, row: Row, record: Record) -> None:
        """It is taken in, unless the policy leaves it in the ledger; that is said once."""
        why = await unwanted(db, self.desk, record)
        if why is None:
            await self._bind(db, lane, row, record)
            return
        async with lanes.change(db, lane):
            await leave(db, self.desk, lane, record, why)
            await self._finish(db, lane, row)

    async def _bind(self, db: Connection, lane: Lane, row: Row, record: Record) -> None:
        async with lanes.change(db, lane):
            if await parts.bind(db, lane, lane.type, record.id):
                lane.state = "bound"
                await take_in(db, self.desk, lane, record)
                await self._finish(db, lane, row)


def _is_known(lane: Lane, row: Row) -> bool:
    """Whether we know the record to be as it was when the hint was given."""
    seen = row.hinted_at is not None and lane.facts.seen_at(row.hinted_at)
    return seen and lane.has(row.record)


async def _owner(db: Connection, lane: Lane, record: str) -> str | None:
    if lane.has(record):
        return lane.key
    owner: str | None = await db.fetchval(
        """
        select lane from part where connection = $1 and type = $2 and external_id = $3
        """,
        lane.connection,
        str(lane.type),
        record,
    )
    return owner
