"""What every part of a running connector needs: facts, connector, database, sessions."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.entities import Entity
from contracts.provider import EntityFacts, Provider
from contracts.values import EntityType
from libs.connector import connections, differing, mappings
from libs.connector.connections import Account
from libs.connector.errors import Held
from libs.connector.events import Teller
from libs.connector.flat import State
from libs.connector.ids import LaneIds, settled
from libs.connector.interface import Connector, Context, Record
from libs.connector.lane import Facts, Lane
from libs.connector.lines import match_lines, renamed
from libs.connector.names import called
from libs.connector.numbers import inward
from libs.connector.outcome import Traits
from libs.connector.session import Sessions
from libs.connector.states import local_id, state_of
from libs.service.database import Connection, Pool


@dataclass(frozen=True, slots=True)
class Kernel:
    """One connector service. `lease` covers a read, a write and their limits; `settles` is the
    provider's, or shorter in tests; `slack` is what a lease lasts beyond three calls."""

    provider: Provider
    connector: Connector
    pool: Pool
    sessions: Sessions
    settles: timedelta
    timeout: timedelta
    slack: timedelta = timedelta(seconds=30)

    @property
    def lease(self) -> timedelta:
        return 3 * self.timeout + self.slack

    def facts(self, kind: EntityType) -> EntityFacts:
        """How the provider keeps this kind of entity; Held where it does not."""
        facts = self.provider.entities.get(kind)
        if facts is None:
            raise Held(
                f"{self.provider.name} keeps no {kind.replace('_', ' ')} of its own here.",
                reason="not-offered",
            )
        return facts

    def traits(self, kind: EntityType) -> Traits:
        """What decides about calls of unknown outcome."""
        calls = self.provider.calls
        return Traits(self.facts(kind).find, self.settles, calls.key_lives, self.timeout)


@dataclass(frozen=True, slots=True)
class Desk:
    """One claim's view of its connection: who, with what names, telling what."""

    kernel: Kernel
    account: Account
    context: Context
    ids: LaneIds
    teller: Teller

    async def shown(self, db: Connection, lane: Lane, record: Record, expected: State) -> State:
        """The record as a state in our line ids; also takes its facts into the lane."""
        connector, context = self.kernel.connector, self.context
        entity = await settled(db, self.ids, lambda: connector.entity(record, context))
        return self.seen(lane, record, entity, expected)

    def seen(self, lane: Lane, record: Record, entity: Entity, expected: State) -> State:
        """See `shown`; `entity` is the record in our ids."""
        raw = state_of(inward(lane, called(lane, entity, expected)))
        known = lane.lines if self.kernel.facts(lane.type).line_ids else {}
        ids = match_lines(raw, expected, known, name_new=self._line_name(lane))
        lane.lines = ids
        lane.ledger_number = record.number or lane.ledger_number
        lane.version = record.version
        seen = record.updated_at.isoformat() if record.updated_at else ""
        as_of = record.as_of.isoformat() if record.as_of else ""
        related = tuple(sorted(f"{notice.type}/{notice.record}" for notice in record.related))
        off = differing.still(lane.facts, record.totals)
        lane.facts = Facts(record.balance, record.status, record.totals, seen, as_of, related, off)
        return renamed(raw, ids)

    def _line_name(self, lane: Lane) -> "LineName":
        return LineName(lane.key, lane.type)


@dataclass(frozen=True, slots=True)
class LineName:
    """Names a line first seen in the ledger: the same each time, different for two companies."""

    lane: str
    kind: EntityType

    def __call__(self, line: str) -> str:
        return local_id(self.lane, self.kind, line)


async def desk(kernel: Kernel, db: Connection, connection: str) -> Desk:
    """The view of one connection as it stands; Held where its company is not described yet."""
    account = await connections.account(db, connection)
    if account.company is None:
        raise Held("The company has not been read yet.", reason="not-described")
    ids = LaneIds(connection)
    names = await mappings.mapped(db, account.tenant, connection, account.company)
    context = Context(account.company, ids, names)
    return Desk(kernel, account, context, ids, Teller(kernel.provider, account))
