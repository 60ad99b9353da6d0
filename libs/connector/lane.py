"""A lane: one entity of one connection, in order, and what is known of its record."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from contracts.entities import Totals
from contracts.messages import LaneEvent
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector.agreed import Agreed

LaneState = Literal["absent", "bound", "gone", "void"]
RANK = tuple(EntityType)
"""What is referred to comes before what refers to it."""


class LeaseLost(Exception):
    """Another worker has the lane; what this one knows is no longer its to write."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger says of the record besides its state."""

    balance: Decimal | None = None
    status: str = ""
    totals: Totals | None = None
    updated_at: str = ""
    as_of: str = ""
    related: tuple[str, ...] = ()
    """Records it shows beside itself, as `type/id`: one more or one less is news of that one."""
    off: Totals | None = None
    """What the document comes to in the product, where the ledger made something else of it."""

    def seen_at(self, moment: datetime) -> bool:
        """Whether what was seen of the record is as of that moment there, or later."""
        if self.as_of and datetime.fromisoformat(self.as_of) >= moment:
            return True
        # Two edits may fall into one tick of the provider's clock.
        return bool(self.updated_at) and datetime.fromisoformat(self.updated_at) > moment

    def dump(self) -> dict[str, Any]:
        totals = self.totals.model_dump(mode="json") if self.totals else None
        off = self.off.model_dump(mode="json") if self.off else None
        balance = None if self.balance is None else str(self.balance)
        return {
            "balance": balance,
            "status": self.status,
            "totals": totals,
            "updated_at": self.updated_at,
            "as_of": self.as_of,
            "related": list(self.related),
            "off": off,
        }

    @staticmethod
    def load(stored: Mapping[str, Any]) -> "Facts":
        balance, totals, off = (stored.get(name) for name in ("balance", "totals", "off"))
        return Facts(
            None if balance is None else Decimal(balance),
            stored.get("status", ""),
            Totals.model_validate(totals) if totals else None,
            stored.get("updated_at", ""),
            stored.get("as_of", ""),
            tuple(stored.get("related", ())),
            Totals.model_validate(off) if off else None,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One external id of a lane; an ended generation's parts stay, to know its records again.

    `type` is the kind under which hints of the record come; not `main`: a side record.
    """

    type: str
    id: str
    generation: int
    main: bool = True


@dataclass(slots=True)
class Lane:
    """A working copy; `events` are journalled when it is saved."""

    key: str
    connection: str
    type: EntityType
    id: str
    marker: str
    generation: int
    state: LaneState
    revision: int
    agreed: Agreed
    lines: dict[str, str]
    facts: Facts
    ledger_number: str
    version: str
    origin: str | None
    hold: str
    dead: bool
    skipped: bool
    doubt: bool
    alone: bool
    token: int
    attempts: int
    leased_until: datetime
    call: UUID | None
    collided: bool = False
    prefix: str = ""
    """What stands before our number there, or before our name: `Parent: `."""
    above: str = ""
    """What is to stand before the name; of the put at work, and not kept."""
    linked: str = ""
    parts: tuple[Part, ...] = ()
    events: list[LaneEvent] = field(default_factory=list)

    @property
    def record(self) -> str:
        """The external id of the live record, "" where there is none."""
        live = [p.id for p in self.parts if p.main and p.generation == self.generation]
        return live[0] if live and self.state in ("bound", "void") else ""

    @property
    def sides(self) -> tuple[str, ...]:
        """The external ids of the live side records."""
        live = [p for p in self.parts if p.generation == self.generation]
        return tuple(p.id for p in live if not p.main)

    def main_of(self, record: str) -> str:
        """The record to read: of a side record, the one it stands beside."""
        return self.record if self.record and record in self.sides else record

    def has(self, record: str) -> bool:
        """Whether the record is, or in an ended generation was, one of the lane's."""
        return any(part.id == record for part in self.parts)

    def has_ended(self, record: str) -> bool:
        """Whether it was one of an ended generation."""
        return any(p.id == record and p.generation != self.generation for p in self.parts)


def marker_of(connection: str, kind: EntityType, entity: str, generation: int) -> str:
    """Our id in a field of the record: short, unguessable, different for every generation."""
    text = f"{lane_key(connection, kind, entity)}/{generation}"
    digest = hashlib.blake2b(text.encode(), digest_size=10).digest()
    return "lb-" + base64.b32encode(digest).decode().lower()
