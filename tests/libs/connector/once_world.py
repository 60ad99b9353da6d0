"""Exactly once, run on a simulated clock: the values of the run and a connector's schema."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal

from contracts.entities import Entity, MoneyStatus
from contracts.messages import EntityPut, Scope
from libs.connector.connections import Account
from libs.connector.outcome import Open, Traits
from libs.connector.policy import Policy
from libs.testing import builders

TIMEOUT, SETTLES, LEASE = 30.0, 60.0, 100.0
FAULTS_END, END = 700.0, 6000.0
LONG_AGO = -2e9
EPOCH = datetime(2026, 3, 2, tzinfo=UTC)

Steps = Generator[Any, Any, Any]
State = Literal["absent", "bound", "gone", "void"]


class Violation(Exception):
    """What must never happen, happened."""


def moment(seconds: float) -> datetime:
    """A point of the simulated clock."""
    return EPOCH + timedelta(seconds=seconds)


def seconds(at: datetime) -> float:
    """The inverse."""
    return (at - EPOCH).total_seconds()


@dataclass(frozen=True, slots=True)
class Put:
    """A revision of an entity: c… is a contact, i… an invoice of it, p… a payment of that."""

    lane: str
    rev: int
    status: str
    ref: str = ""
    origin: str = ""
    at: float = 0.0


@dataclass(slots=True)
class Record:
    """`author` made it by our hand ("": a bookkeeper), `writer` wrote it last."""

    ext: str
    kind: str
    rev: int
    status: str
    made: float
    author: str = ""
    gen: int = 0
    natural: str = ""
    marker: tuple[str, int] | None = None
    version: int = 1
    deleted: bool = False
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """One element of a call."""

    verb: str
    lane: str
    rev: int
    status: str
    gen: int = 0
    ext: str = ""
    version: int | None = None


@dataclass(slots=True)
class Call:
    """A write, committed before it is sent."""

    key: str
    ops: tuple[Op, ...]
    first: float
    sent: float
    deadline: float
    left: float | None = None
    errors: int = 0

    def opened(self) -> Open:
        """As the decisions see it."""
        left = None if self.left is None else moment(self.left)
        return Open(moment(self.first), moment(self.deadline), left, self.errors)


@dataclass(slots=True)
class Row:
    """An inbox row: a put, or the notice of a record."""

    put: Put | None
    ext: str = ""
    due: float = 0.0
    attempts: int = 0
    alone: bool = False
    waits: set[str] | None = None


@dataclass(slots=True)
class Lane:
    """One entity of the connection; `past` is the record of the generation before."""

    id: str
    rev: int = 0
    state: State = "absent"
    generation: int = 0
    ext: str = ""
    past: str = ""
    theirs: tuple[int, str] | None = None
    version: int | None = None
    number: int = 0
    hold: str = ""
    leased: float = 0.0
    token: int = 0
    call: Call | None = None
    puts: list[Row] = field(default_factory=list)
    last: Put | None = None
    doubt: bool = False

    @property
    def kind(self) -> str:
        return kind_of(self.id)


@dataclass(slots=True)
class Claim:
    """A lane leased by a worker, with the row it works on."""

    lane: Lane
    row: Row
    attempt: int
    until: float
    token: int


@dataclass(slots=True)
class Schema:
    """One connector's tables; `restored` is the moment they were rebuilt, if they were."""

    lanes: dict[str, Lane] = field(default_factory=dict)
    notices: dict[str, Row] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    journal: list[tuple[Any, ...]] = field(default_factory=list)
    published: int = 0
    connected: bool = False
    restored: float | None = None
    held_until: float = 0.0
    reread: int = 0
    ends: int = 0

    def lane(self, key: str) -> Lane:
        return self.lanes.setdefault(key, Lane(key))

    def owner(self, ext: str) -> str:
        """The lane a record belongs to, else the one it would be bound to."""
        return self.parts.get(ext, "~" + ext)

    def owned(self, ext: str) -> str:
        """The lane a record belongs to, "" for none."""
        return self.parts.get(ext, "")

    def own(self, ext: str, lane: str) -> bool:
        """Give the lane a part; False where another one has it."""
        if self.owned(ext) not in ("", lane):
            return False
        self.parts[ext] = lane
        return True


def kind_of(lane: str) -> str:
    """~c-1 is the lane of a record first seen in the ledger, Tc-1 the product's own id for it."""
    return lane.lstrip("~T")[0]


def traits(how: str, key_life: float) -> Traits:
    """How a provider's records are found; equal content is no way to find."""
    finds: dict[str, Literal["marker", "number", "none"]] = {
        "marker": "marker",
        "natural": "number",
    }
    return Traits(
        finds.get(how, "none"),
        timedelta(seconds=SETTLES),
        timedelta(seconds=key_life),
        timedelta(seconds=TIMEOUT),
    )


ACCOUNT = Account("x1", "t1", "company", "Company", "open", EPOCH, Scope(), Policy(), None)


@cache
def event_of(put: Put) -> EntityPut:
    """The put as the product publishes it."""
    of = builders.invoice("i1")
    if put.lane.lstrip("T").startswith("p"):
        status = MoneyStatus.VOID if put.status == "void" else MoneyStatus.ACTIVE
        entity: Entity = builders.payment(of, put.lane, status=status)
    elif put.lane.lstrip("T").startswith("i"):
        entity = builders.invoice(put.lane)
    else:
        entity = builders.contact(put.lane)
    return EntityPut(tenant="t1", revision=put.rev, made_at=EPOCH, entity=entity)
