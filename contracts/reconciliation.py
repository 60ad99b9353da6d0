"""The report of a reconciliation: both sides of a period side by side, every difference named."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt

from contracts.events import Numbered
from contracts.values import Currency, EntityType, LocalId, Model, Money, Month, ShortText, Text

Cause = Literal[
    "in_flight",
    "held",
    "rejected",
    "before_connection",
    "edited_there",
    "missing_here",
    "missing_there",
    "rounding",
    "other_scope",
    "policy",
    "unexplained",
]


class Figures(Model):
    """What one side's documents come to; null: that kind of document has no such figure."""

    count: NonNegativeInt = 0
    net: Money | None = None
    tax: Money | None = None
    gross: Money | None = None
    paid: Annotated[Money | None, Field(description="Settled of it; of a payment: used.")] = None
    balance: Annotated[Money | None, Field(description="Still open; of a payment: left.")] = None


class ReconciledRow(Model):
    """One customer's documents of one kind and currency, issued in one month."""

    month: Month
    customer: Annotated[ShortText, Field(description="The contact's local id; a supplier's too.")]
    name: ShortText = ""
    type: EntityType
    currency: Currency
    product: Annotated[Figures, Field(description="By what the product has published.")]
    ledger: Annotated[Figures, Field(description="By what the ledger shows.")]
    equal: bool


class Disagreement(Model):
    """A field on both sides as text; null: not there."""

    path: ShortText
    product: Text | None
    ledger: Text | None


class ReconciledDifference(Model):
    """One document that is not the same on both sides, and why."""

    type: EntityType
    id: LocalId
    external_id: ShortText = ""
    number: ShortText = ""
    date: Annotated[ShortText, Field(description="Its date; empty where none is known.")] = ""
    customer: ShortText = ""
    currency: ShortText = ""
    fields: tuple[Disagreement, ...] = ()
    cause: Cause
    sentence: Text
    action: Text = ""
    blocks: Annotated[bool, Field(description="The period is not ready to be closed with it.")]
    follows: Annotated[
        tuple[ShortText, ...],
        Field(description="The differences that this one comes of, as type/id."),
    ] = ()


class ReconciledState(Model):
    """How many documents of the product, of one kind and the period, are in a state."""

    type: EntityType
    settled: NonNegativeInt = 0
    in_flight: NonNegativeInt = 0
    held: NonNegativeInt = 0
    rejected: NonNegativeInt = 0
    skipped: Annotated[NonNegativeInt, Field(description="Not for this connection.")] = 0


class ReconciliationReport(Numbered):
    """The answer to a Reconcile; `sha256` is over the canonical form of all the rest."""

    EVENT: ClassVar[str] = "reconciliation.report"
    command: Annotated[LocalId, Field(description="The id of the Reconcile.")]
    company: ShortText = ""
    company_name: ShortText = ""
    first: Month
    last: Month
    rows: tuple[ReconciledRow, ...] = ()
    states: tuple[ReconciledState, ...] = ()
    differences: tuple[ReconciledDifference, ...] = ()
    ready: Annotated[bool, Field(description="Nothing stands against closing the period.")]
    blockers: Annotated[tuple[Text, ...], Field(description="What does, a sentence each.")] = ()
    problem: Annotated[Text, Field(description="Why there is no answer; else empty.")] = ""
    sha256: Annotated[
        str, Field(pattern=r"^[0-9a-f]{64}$", description="See contracts/canonical.py.")
    ]
