"""What a connector offers the kernel, and what the kernel hands it: the seam of every provider.

A connector implements as many of the protocols below as its provider allows. Everything that
translates is pure (no I/O, no clock); whatever reads uses the session it is given; a write is
only ever *described* here - the kernel commits it, sends it and finds out what became of it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from contracts.entities import Entity, Line
from contracts.values import EntityType
from libs.connector.companies import Company, LedgerAccount, LedgerTax, LedgerTracking
from libs.connector.errors import SyncError
from libs.connector.shapes import Answer, Notice, Record, Request, Step, Verb, Wanted, Write


class Ids(Protocol):
    """Translates references; a miss is collected and looked up, then the mapping runs again."""

    def external(self, kind: EntityType, local: str) -> str:
        """The provider's id of an entity; the kernel raises NotReady for those without one."""

    def sides(self, kind: EntityType, local: str) -> tuple[str, ...]:
        """The external ids of an entity's side records; raises as `external` does."""

    def number(self, kind: EntityType, local: str) -> str:
        """The number or code of an entity's record, for providers that refer by it."""

    def local(self, kind: EntityType, external: str) -> str:
        """Our id of a provider's record; one never seen gets the id it will be bound to."""

    def numbered(self, kind: EntityType, number: str) -> str | None:
        """Our id of the record with that number or code; None where none is known."""

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        """An entity as the ledger last showed it, with the ledger's own line ids; None where it
        has none."""

    def delivered(self, order: str, besides: str) -> Sequence[Line]:
        """The lines of all bills there for a purchase order, but those of the bill `besides`."""


class Mappings(Protocol):
    """What words of the product are called in the ledger: account, tax_code, payment_method, ..."""

    def external(self, kind: str, local: str) -> str:
        """Raises Held, with the command that mends it, where nothing is mapped."""

    def local(self, kind: str, external: str) -> str | None:
        """The product's word, None where nothing is mapped to it."""

    def tax(self, local: str | None, rate: Decimal | None, *, sales: bool) -> str:
        """The ledger's tax code: as mapped, else the only active one of that rate.

        Raises Held, with the command that mends it, where that is not one."""

    def account(self, local: str | None, line_kind: str) -> str:
        """The ledger's account code of a line: by its account, else by its kind. Raises Held."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a translation may know besides the entity or record itself."""

    company: Company
    ids: Ids
    mappings: Mappings


class Session(Protocol):
    """Reads of one company, within its limits, with its token; raises errors of the tree."""

    @property
    def company(self) -> str:
        """The provider's id of the company, as it was connected."""

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The 2xx or 404 answer to a GET below the TOML's base_url."""


Result = Record | SyncError


@runtime_checkable
class Maps(Protocol):
    """Pure translation; every connector has it."""

    def entity(self, record: Record, context: Context) -> Entity:
        """The record as an entity: `id` may be anything, lines keep the ledger's own line ids,
        references go through `context.ids`. What the ledger has no field for keeps its default."""

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """What `entity()` would show after the ledger stored this: rounded, cut, defaulted."""

    def check(self, entity: Entity, context: Context) -> None:
        """Raises Held or Rejected before any call: closed period, totals the ledger's own
        rounding cannot match to the cent, a length that cannot be cut."""


@runtime_checkable
class Describes(Protocol):
    """Reads the company."""

    async def describe(self, session: Session) -> Company: ...


@runtime_checkable
class Pushes(Protocol):
    """Describes writes and understands their answers.

    All writes of one request have one type and one verb; there are never more than the TOML's
    `bulk` of them.
    """

    def request(self, writes: Sequence[Write], context: Context) -> Request: ...

    def results(
        self, writes: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """One result per write, in order. Raises an error of the tree for the call as a whole;
        Uncertain where the answer does not tell what was stored."""


@runtime_checkable
class Reads(Protocol):
    """Reads records by external id, in bulk."""

    async def read(
        self, session: Session, kind: EntityType, ids: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Record]:
        """Those that exist; deleted ones with state `deleted` where the provider shows them.

        `ids`: external id of a record -> those of its side records, as far as they are known."""


@runtime_checkable
class Finds(Protocol):
    """Searches what an unknown outcome may have made."""

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """All records that carry one of the markers or numbers, deleted ones where shown."""


@runtime_checkable
class Lists(Protocol):
    """Lists what changed."""

    def changes(
        self, session: Session, kind: EntityType, since: datetime | None
    ) -> AsyncIterator[Sequence[Record]]:
        """Pages of records changed at or after `since` (UTC), oldest first, deletes included
        where shown; None: all there are."""

    async def census(self, session: Session, kind: EntityType) -> Collection[str]:
        """The ids of all live records, for entities whose deletes no list shows."""


@runtime_checkable
class ListsTogether(Protocol):
    """Lists what changed of several kinds in one call."""

    def changes_together(
        self, session: Session, since: Mapping[EntityType, datetime]
    ) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
        """As Lists.changes, a kind with each page; all kinds are shown up to the same moment."""


@runtime_checkable
class Notifies(Protocol):
    """Reads webhook bodies."""

    def notices(self, body: bytes, company: str) -> Sequence[Notice]:
        """The hints for one company; Rejected where the body cannot be understood."""


@runtime_checkable
class Steps(Protocol):
    """Needs several calls for some writes; each is committed before the next."""

    def step(self, write: Write, context: Context) -> Step | None:
        """The next call of a write that takes several; None: one call does it all."""


@runtime_checkable
class Sorts(Protocol):
    """Sends some writes of one kind to another place than others."""

    def together(self, write: Write, context: Context) -> str:
        """Only writes with the same answer travel in one call; it raises nothing."""


@runtime_checkable
class Judges(Protocol):
    """Knows answers whose status misleads."""

    def judge(self, answer: Answer) -> SyncError | None:
        """What an answer other than 2xx means; None: what its status says."""


class Connector(Maps, Describes, Pushes, Reads, Finds, Lists, Protocol):
    """What every REST connector is."""


__all__ = [
    "Answer",
    "Company",
    "Connector",
    "Context",
    "Describes",
    "Finds",
    "Ids",
    "Judges",
    "LedgerAccount",
    "LedgerTax",
    "LedgerTracking",
    "Lists",
    "ListsTogether",
    "Mappings",
    "Maps",
    "Notice",
    "Notifies",
    "Pushes",
    "Reads",
    "Record",
    "Request",
    "Result",
    "Session",
    "Sorts",
    "Step",
    "Steps",
    "Verb",
    "Wanted",
    "Write",
]
