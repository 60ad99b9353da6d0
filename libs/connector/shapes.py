"""What connectors and kernel hand each other: answers, requests, records, writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from contracts.entities import Entity, Totals
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.wire import decode


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body with numbers as Decimal; Unavailable where it is not JSON."""
        return decode(self.body)


@dataclass(frozen=True, slots=True)
class Request:
    """A write, exactly as it will travel; `path` is below the TOML's base_url."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A hint that a record may have changed; never data. `at`: when, by the provider's clock."""

    type: EntityType
    record: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the provider shows it; `raw` is its wire form with Decimals."""

    type: EntityType
    id: str
    raw: Mapping[str, Any]
    state: Literal["live", "void", "deleted"] = "live"
    version: str = ""
    marker: str = ""
    number: str = ""
    updated_at: datetime | None = None
    as_of: datetime | None = None
    """The provider's own clock when it answered: a hook of before has nothing new to say."""
    totals: Totals | None = None
    balance: Decimal | None = None
    status: str = ""
    replaced_by: str = ""
    parts: tuple[ExternalId, ...] = ()
    """Side records of the same entity, say what applies a credit note to an invoice; `type`: the
    EntityType under which hints of it come."""
    belongs_to: Notice | None = None
    """It is a side record, and this the record it stands beside."""
    related: tuple[Notice, ...] = ()
    """Records it shows that may have changed with it: an invoice's payments."""


class Verb(StrEnum):
    """What a write does to the record."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Write:
    """One wanted write of one entity.

    `entity` is the whole merged state wanted (for void and delete: the last known);
    `changed` the state paths to be written, empty for a create: all of them;
    `lines` our line ids -> the ledger's, for the lines that have one there;
    `record` the external id ("" for a create), `parts` its side records; `before` the state last
    known there; `raw` its wire form, read for this write where the TOML says that an update names
    the `whole` record.
    """

    verb: Verb
    type: EntityType
    id: str
    marker: str
    entity: Entity
    changed: frozenset[str] = frozenset()
    record: str = ""
    parts: tuple[str, ...] = ()
    version: str = ""
    replaces: bool = False
    """The record is deleted only so that a new one can take its place."""
    collided: bool = False
    """A create was refused before, for its number or name is another's."""
    lines: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a write that takes several.

    `entity` is what this call brings about: between what is there and what is wanted; with DELETE
    the record goes so that what is planned next is created anew; `makes`: it makes a side record,
    so that after a lost answer it is searched and not only read.
    """

    verb: Verb
    entity: Entity
    makes: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an unknown outcome is searched by."""

    type: EntityType
    id: str
    marker: str
    number: str
    since: datetime | None = None
    entity: Entity | None = None
    record: str = ""
    """The main record's external id, where only a side record is searched."""
    parts: tuple[str, ...] = ()
