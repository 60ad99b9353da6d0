"""accounting.events.v1: what connectors tell the invoicing product and the portal."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.entities import Entity
from contracts.message import Message, Origin
from contracts.values import EntityType, LocalId, Model, Money, ShortText, Text


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


class PreviewRow(Model):
    """Of one kind of record: how many are new, there already, or cannot be told apart."""

    type: EntityType
    new: Annotated[NonNegativeInt, Field(description="Would be created in the ledger.")]
    there: Annotated[NonNegativeInt, Field(description="Is, or would be, bound to its record.")]
    ambiguous: Annotated[NonNegativeInt, Field(description="Would be held with a question.")]
    only_there: Annotated[
        NonNegativeInt, Field(description="In the ledger alone; of lists that were read whole.")
    ] = 0
    questions: Annotated[
        tuple[Text, ...], Field(description="The first of the ambiguous, a sentence each.")
    ] = ()


class PreviewReport(Numbered):
    """The answer to a Preview; nothing was written for it."""

    EVENT: ClassVar[str] = "preview.report"
    command: Annotated[LocalId, Field(description="The id of the Preview.")]
    starts_at: AwareDatetime
    rows: tuple[PreviewRow, ...] = ()
    problem: Annotated[Text, Field(description="Why there is no answer; else empty.")] = ""


class Difference(Model):
    """One field on both sides as text; null: not there."""

    path: Text
    product: str | None
    ledger: str | None
    touched: Annotated[
        Literal["product", "ledger", "both", "neither"],
        Field(description="Who has changed it since both sides last agreed."),
    ]


class CheckReport(Numbered):
    """The answer to a Check: both sides of one record, and what to do."""

    EVENT: ClassVar[str] = "check.report"
    command: Annotated[LocalId, Field(description="The id of the Check.")]
    type: EntityType
    id: LocalId
    external_id: ShortText = ""
    candidates: Annotated[
        tuple[ShortText, ...], Field(description="Unbound records of the ledger it may be.")
    ] = ()
    differences: tuple[Difference, ...] = ()
    advice: Literal["nothing", "push", "pull", "link", "resolve", "recreate", "wait"]
    sentence: Text
    action: Text = ""
