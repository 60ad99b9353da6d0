"""accounting.commands.v1: what people ask of connectors."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.message import Message
from contracts.values import EntityType, LocalId, ShortText


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
