"""accounting.commands.v1: what people ask of connectors."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.message import Message
from contracts.values import EntityType, LocalId, Month, ShortText


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


Direction = Literal["none", "push", "pull", "both"]


class SetPolicy(Command):
    """How a connection decides; what is not named stays as it is."""

    EVENT: ClassVar[str] = "command.set-policy"
    push_from: Literal["draft", "approved", "sent"] | None = None
    conflicts: Literal["product", "ledger", "ask"] | None = None
    directions: Annotated[
        dict[EntityType, Direction],
        Field(description="Which way a kind of record goes: push is out, pull is in."),
    ] = {}
    collisions: Annotated[
        Literal["hold", "link", "prefix"] | None,
        Field(description="What becomes of a number that the ledger has used already."),
    ] = None
    prefix: Annotated[
        str | None,
        Field(max_length=10, pattern=r"^[!-~]*$", description="Put before such a number."),
    ] = None
    trigger: Annotated[
        Literal["live", "hours", "daily"] | None,
        Field(description="When it is synced: at once, every N hours, at the end of the day."),
    ] = None
    every_hours: Annotated[int | None, Field(ge=1, le=168)] = None
    daily_at: Annotated[
        str | None,
        Field(
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
            description="The end of the day, in the company's time zone; default 23:59.",
        ),
    ] = None
    imports: Annotated[
        Literal["import", "ignore"] | None,
        Field(description="What becomes of documents that are made in the ledger."),
    ] = None
    paid_edits: Annotated[
        Literal["hold", "reapply"] | None,
        Field(
            description="A change of a paid document where the ledger takes none: hold it, or take "
            "its payments off, change it and apply them again."
        ),
    ] = None


class SyncNow(Command):
    """Take up what is due, now: one record, one invoice batch, or all of the connection.

    Of the connection, the ledger is swept too; under a trigger it is a run before its time.
    """

    EVENT: ClassVar[str] = "command.sync-now"
    type: EntityType | None = None
    entity: LocalId | None = None
    batch: LocalId | None = None


class Link(Command):
    """This record of the ledger is the entity's: the two are merged, nothing is created."""

    EVENT: ClassVar[str] = "command.link"
    type: EntityType
    entity: LocalId
    external: Annotated[ShortText, Field(description="The record's id in the ledger.")]


class ExchangeLists(Command):
    """Send the lists of the product whole, take in those of the ledger: customers, products."""

    EVENT: ClassVar[str] = "command.exchange-lists"
    types: Annotated[
        tuple[Literal["contact", "item"], ...], Field(description="Which lists; both by default.")
    ] = ("contact", "item")
    out: bool = True
    into: Annotated[bool, Field(description="From the ledger into the product.")] = True


class Preview(Command):
    """What a start would bring, before anything is written; answered by a PreviewReport."""

    EVENT: ClassVar[str] = "command.preview"
    starts_at: Annotated[
        AwareDatetime | None, Field(description="An earlier start; null: the present one.")
    ] = None


class Check(Command):
    """Both sides of one record as they are now; answered by a CheckReport, nothing is written."""

    EVENT: ClassVar[str] = "command.check"
    type: EntityType
    entity: LocalId


class Reconcile(Command):
    """Compare the documents of a period on both sides; answered by a ReconciliationReport."""

    EVENT: ClassVar[str] = "command.reconcile"
    first: Month
    last: Annotated[Month, Field(description="Of the period too; not before `first`.")]
