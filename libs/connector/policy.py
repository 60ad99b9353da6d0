"""How one connection decides, as people have chosen it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from contracts.commands import Direction
from contracts.values import EntityType, Model


class Policy(Model):
    """The choices of one connection; each has a default a bookkeeper would expect."""

    push_from: Literal["draft", "approved", "sent"] = "approved"
    conflicts: Literal["product", "ledger", "ask"] = Field(
        default="ask", description="Who wins what both sides touched."
    )
    directions: Mapping[EntityType, Direction] = {}
    collisions: Literal["hold", "link", "prefix"] = "hold"
    prefix: str = "LB-"
    trigger: Literal["live", "hours", "daily"] = "live"
    every_hours: int = 24
    daily_at: str = "23:59"
    imports: Literal["import", "ignore"] = "import"
    paid_edits: Literal["hold", "reapply"] = Field(
        default="hold",
        description="A change of a paid document that the ledger takes of an unpaid one only.",
    )

    def direction(self, kind: EntityType) -> Direction:
        """Which way a kind of record goes; both ways unless chosen otherwise."""
        return self.directions.get(kind, "both")

    def sends(self, kind: EntityType) -> bool:
        """Whether the product's records of this kind go to the ledger."""
        return self.direction(kind) in ("push", "both")

    def takes(self, kind: EntityType) -> bool:
        """Whether what the ledger does to this kind of record comes back."""
        return self.direction(kind) in ("pull", "both")

    @property
    def timed(self) -> bool:
        """Whether it is synced in runs, and not at once."""
        return self.trigger != "live"
