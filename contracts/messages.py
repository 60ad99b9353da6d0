"""The messages on the topics (CloudEvents data); each names its `ce_type` as EVENT."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.entities import Entity
from contracts.values import Currency, EntityType, LocalId, Model, Money, Name, ShortText, Text


class Message(Model):
    """Anything that travels as the data of a CloudEvent."""

    EVENT: ClassVar[str]


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
Origin = Annotated[
    LocalId | None,
    Field(
        description="The local id a connector gave to a record first seen in the ledger, where the "
        "product keeps it under an id of its own; named in every put of it."
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


# --- accounting.commands.v1: portal, ops -> connectors


class Command(Message):
    """Something a person asks of a connector; `id` makes a repeat harmless."""

    id: LocalId
    tenant: LocalId
    connection: LocalId


class Retry(Command):
    """Take a held or dead record up again; without type and id: all of the connection."""

    EVENT: ClassVar[str] = "command.retry"
    type: EntityType | None = None
    entity: LocalId | None = None


class SetMapping(Command):
    """What a word of the product is called in the ledger; what waited for it is resumed."""

    EVENT: ClassVar[str] = "command.set-mapping"
    kind: Literal["account", "tax_code", "payment_method", "tracking", "line_kind", "item"]
    local: LocalId
    external: ShortText


class Recreate(Command):
    """Create a record again that was deleted in the ledger; names the generation it ends."""

    EVENT: ClassVar[str] = "command.recreate"
    type: EntityType
    entity: LocalId
    generation: NonNegativeInt


class ResolveConflict(Command):
    """A decision on one ConflictFound; it holds only while both values stand."""

    EVENT: ClassVar[str] = "command.resolve-conflict"
    type: EntityType
    entity: LocalId
    conflict: Annotated[PositiveInt, Field(description="The number of the ConflictFound.")]
    winner: Literal["product", "ledger"]


class MoveStart(Command):
    """An earlier start: the log is read again from there."""

    EVENT: ClassVar[str] = "command.move-start"
    starts_at: AwareDatetime


class SetPolicy(Command):
    """How a connection decides: from which status documents are pushed, who wins a conflict."""

    EVENT: ClassVar[str] = "command.set-policy"
    push_from: Literal["draft", "approved", "sent"] | None = None
    conflicts: Literal["product", "ledger", "ask"] | None = None


class SyncNow(Command):
    """Sweep the ledger and take up everything that is due, now."""

    EVENT: ClassVar[str] = "command.sync-now"


# --- accounting.events.v1: connectors -> invoicing product, portal


class ExternalId(Model):
    """A record of the ledger that is a part of the entity."""

    type: Annotated[ShortText, Field(description="The provider's name of the kind of record.")]
    id: ShortText


class Numbered(Message):
    """An event of a connector; a consumer drops what is not above the last number of its key."""

    tenant: LocalId
    provider: ShortText
    connection: LocalId
    number: PositiveInt
    at: Annotated[AwareDatetime, Field(description="When it happened, UTC.")]


class LaneEvent(Numbered):
    """Something that happened to one entity of one connection."""

    type: EntityType
    id: Annotated[LocalId, Field(description="The local id.")]
    revision: Annotated[NonNegativeInt, Field(description="The put it is built on; 0: none yet.")]
    generation: NonNegativeInt = 0
    state: Literal["absent", "bound", "gone", "void"]
    external_ids: tuple[ExternalId, ...] = ()
    ledger_number: ShortText = ""
    link: Annotated[ShortText, Field(description="The record in the ledger's own pages.")] = ""
    balance: Annotated[Money | None, Field(description="What is still open there.")] = None
    status: Annotated[ShortText, Field(description="The ledger's own word for its status.")] = ""


class EntitySettled(LaneEvent):
    """The ledger has what the product wants; `without_call`: there was nothing to write."""

    EVENT: ClassVar[str] = "entity.settled"
    without_call: bool = False


class EntityChanged(LaneEvent):
    """The ledger changed; the product takes it in whole if built on its newest revision."""

    EVENT: ClassVar[str] = "entity.changed"
    before: Entity | None
    after: Entity | None
    origin: Origin = None


class EntityHeld(LaneEvent):
    """It waits; `sentence` says why, `action` what to do and by whom."""

    EVENT: ClassVar[str] = "entity.held"
    reason: Annotated[ShortText, Field(description="A stable word, say `unmapped`.")]
    sentence: Text
    action: Text = ""


class EntityRejected(LaneEvent):
    """It will not be tried again until a newer put or a retry."""

    EVENT: ClassVar[str] = "entity.rejected"
    reason: ShortText
    sentence: Text
    action: Text = ""


class EntityGone(LaneEvent):
    """The record was deleted in the ledger."""

    EVENT: ClassVar[str] = "entity.gone"


class FieldConflict(Model):
    """Both values of what was touched on both sides; null: removed there."""

    path: Text
    product: dict[str, str | bool | None]
    ledger: dict[str, str | bool | None]


class ConflictFound(LaneEvent):
    """Touched on both sides; `winner` is null while a person is asked."""

    EVENT: ClassVar[str] = "conflict.found"
    conflicts: tuple[FieldConflict, ...]
    winner: Literal["product", "ledger"] | None = None


class BatchProgress(Numbered):
    """How far an invoice batch has come in one connection."""

    EVENT: ClassVar[str] = "batch.progress"
    batch: LocalId
    total: NonNegativeInt
    synced: NonNegativeInt
    held: NonNegativeInt
    needs_you: Annotated[NonNegativeInt, Field(description="Rejected, or waiting for a decision.")]
    skipped: Annotated[NonNegativeInt, Field(description="Made before the connection.")] = 0
    closed: bool


class SnapshotRequested(Numbered):
    """The log no longer holds it: the product answers with ordinary puts of what it has."""

    EVENT: ClassVar[str] = "snapshot.requested"
    since: AwareDatetime


class MappingAlert(Numbered):
    """Something mapped has changed in the ledger; it resumes by itself when that is mended."""

    EVENT: ClassVar[str] = "mapping.alert"
    kind: ShortText
    local: LocalId
    sentence: Text
    action: Text


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
)
_EVERY: tuple[type[Message], ...] = (*INVOICING, Connection, *COMMANDS, *ACCOUNTING, DeadLetter)
ALL: dict[str, type[Message]] = {message.EVENT: message for message in _EVERY}
"""Every message by its `ce_type`."""
