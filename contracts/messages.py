"""The messages on the topics (CloudEvents data); each names its `ce_type` as EVENT."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.commands import (
    Check,
    Command,
    ExchangeLists,
    Link,
    MoveStart,
    Preview,
    Reconcile,
    Recreate,
    ResolveConflict,
    Retry,
    SetMapping,
    SetPolicy,
    SyncNow,
)
from contracts.entities import Entity
from contracts.events import (
    BatchProgress,
    CheckReport,
    ConflictFound,
    Difference,
    EntityChanged,
    EntityGone,
    EntityHeld,
    EntityRejected,
    EntitySettled,
    ExternalId,
    FieldConflict,
    LaneEvent,
    MappingAlert,
    Numbered,
    PreviewReport,
    PreviewRow,
    SnapshotRequested,
)
from contracts.message import Message, Origin
from contracts.reconciliation import ReconciliationReport
from contracts.values import Currency, EntityType, LocalId, Model, Name, ShortText, Text

# --- invoicing.events.v1: invoicing product -> connectors


class BatchRef(Model):
    """The invoice batch a document belongs to, and when the batch was made (RFC 3339)."""

    id: LocalId
    made_at: AwareDatetime


class Included(Model):
    """A snapshot of an entity that a put refers to."""

    revision: PositiveInt
    made_at: AwareDatetime
    entity: Entity
    origin: LocalId | None = None


Applied = Annotated[
    dict[str, NonNegativeInt] | None,
    Field(
        description="Per connection, the number of the last EntityChanged of this entity that the "
        "product has taken in (0: none yet). Named always or never."
    ),
]


class EntityPut(Message):
    """The whole wanted state of one entity; the newest revision wins."""

    EVENT: ClassVar[str] = "entity.put"
    tenant: LocalId
    revision: Annotated[PositiveInt, Field(description="Counted by the product, per entity.")]
    made_at: Annotated[AwareDatetime, Field(description="When the product made the record.")]
    entity: Entity
    batch: BatchRef | None = None
    applied: Applied = None
    origin: Origin = None
    included: tuple[Included, ...] = ()


class EntityDeleted(Message):
    """The product has deleted the entity."""

    EVENT: ClassVar[str] = "entity.deleted"
    tenant: LocalId
    type: EntityType
    id: LocalId
    revision: PositiveInt
    applied: Applied = None
    origin: Origin = None


class BatchClosed(Message):
    """No more invoices join the batch; may come before or after its members."""

    EVENT: ClassVar[str] = "batch.closed"
    tenant: LocalId
    batch: BatchRef
    documents: tuple[LocalId, ...]


# --- accounting.connections.v1: auth -> connectors, gateway, portal


class Scope(Model):
    """Which of a tenant's documents a connection takes; empty: all."""

    locations: tuple[LocalId, ...] = ()
    currencies: tuple[Currency, ...] = ()


class Connection(Message):
    """One tenant's company at one provider, whole, each time anything of it changes."""

    EVENT: ClassVar[str] = "connection.changed"
    id: LocalId
    tenant: LocalId
    provider: ShortText
    company: Annotated[ShortText, Field(description="The provider's id of the company.")]
    company_name: ShortText
    state: Annotated[
        Literal["open", "broken", "closed"],
        Field(description="broken: must be reconnected; closed: disconnected."),
    ]
    reason: Text = ""
    opened_at: AwareDatetime
    starts_at: Annotated[
        AwareDatetime, Field(description="Documents made before this are not created there.")
    ]
    scope: Scope = Scope()
    version: Annotated[PositiveInt, Field(description="Rises with every change.")]


# --- accounting.dead-letters.v1


class DeadLetter(Message):
    """A message that could not be taken in, in words a person can act on."""

    EVENT: ClassVar[str] = "dead-letter"
    topic: ShortText
    partition: NonNegativeInt
    offset: NonNegativeInt
    key: Text = ""
    tenant: ShortText = ""
    event: ShortText = ""
    consumer: Name
    reason: ShortText
    sentence: Text
    action: Text = ""
    size: NonNegativeInt
    head: Annotated[str, Field(description="Base64 of the first 64 KiB of the body.")]


INVOICING: tuple[type[Message], ...] = (EntityPut, EntityDeleted, BatchClosed)
COMMANDS: tuple[type[Command], ...] = (
    Retry,
    SetMapping,
    Recreate,
    ResolveConflict,
    MoveStart,
    SetPolicy,
    SyncNow,
    Link,
    ExchangeLists,
    Preview,
    Check,
    Reconcile,
)
ACCOUNTING: tuple[type[Numbered], ...] = (
    EntitySettled,
    EntityChanged,
    EntityHeld,
    EntityRejected,
    EntityGone,
    ConflictFound,
    BatchProgress,
    SnapshotRequested,
    MappingAlert,
    PreviewReport,
    CheckReport,
    ReconciliationReport,
)
_EVERY: tuple[type[Message], ...] = (*INVOICING, Connection, *COMMANDS, *ACCOUNTING, DeadLetter)
ALL: dict[str, type[Message]] = {message.EVENT: message for message in _EVERY}
"""Every message by its `ce_type`."""

__all__ = [
    "ACCOUNTING",
    "ALL",
    "COMMANDS",
    "INVOICING",
    "Applied",
    "BatchClosed",
    "BatchProgress",
    "BatchRef",
    "Check",
    "CheckReport",
    "Command",
    "ConflictFound",
    "Connection",
    "DeadLetter",
    "Difference",
    "EntityChanged",
    "EntityDeleted",
    "EntityGone",
    "EntityHeld",
    "EntityPut",
    "EntityRejected",
    "EntitySettled",
    "ExchangeLists",
    "ExternalId",
    "FieldConflict",
    "Included",
    "LaneEvent",
    "Link",
    "MappingAlert",
    "Message",
    "MoveStart",
    "Numbered",
    "Origin",
    "Preview",
    "PreviewReport",
    "PreviewRow",
    "Reconcile",
    "ReconciliationReport",
    "Recreate",
    "ResolveConflict",
    "Retry",
    "Scope",
    "SetMapping",
    "SetPolicy",
    "SnapshotRequested",
    "SyncNow",
]
