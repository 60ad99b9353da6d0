"""One lane step by step, for tests that a person reads as a story."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.connector import merge
from libs.connector.agreed import Agreed, Changed, Conflict, Plan, Policy, Publication, Put, Write
from libs.connector.flat import State
from libs.connector.threeway import plus

PRICE, QTY = "lines.l1.price", "lines.l1.qty"
INVOICE: State = {
    "memo": "brakes",
    "due": "2024-05-01",
    "attributes.color": "red",
    PRICE: Decimal("10.125"),
    QTY: 2,
}


def normal(path: str, value: Any) -> Any:
    cents = Decimal("0.01")
    return value.quantize(cents, ROUND_HALF_UP) if path.endswith("price") else value


class Timeline:
    """One lane, its ledger's record and a product that knows what was published to it."""

    def __init__(self, *, policy: Policy = "product", mute: bool = False) -> None:
        self.agreed, self.policy, self.mute = Agreed(), policy, mute
        self.ledger: State = {}
        self.bound = False
        self.revision = self.applied = self.writes = 0
        self.product: State = {}
        self.published: list[Publication] = []

    def keep(self, agreed: Agreed, publications: tuple[Publication, ...]) -> None:
        self.agreed = agreed
        self.published += publications

    def plan(self) -> Plan:
        put = Put(self.revision, self.product, None if self.mute else self.applied)
        gone = self.bound and not self.agreed.theirs
        plan = merge.plan_push(self.agreed, put, normal, self.policy, gone=gone)
        self.keep(plan.agreed, plan.publications)
        return plan

    def puts(self, **changes: Any) -> Plan:
        """The product edits and publishes; the connector looks at it."""
        self.product = plus(self.product, changes_of(changes))
        self.revision += 1
        return self.plan()

    def write(self, plan: Plan, *, full: bool = True) -> None:
        """The ledger does what the plan says, and the call settles."""
        assert isinstance(plan, Write)
        self.writes += 1
        there = {k: v if v is None else normal(k, v) for k, v in plan.delta.items()}
        self.ledger, self.bound = plus(self.ledger, there), True
        put = Put(self.revision, self.product, self.applied)
        self.keep(
            *merge.on_settled(
                self.agreed, put, plan.merged, plan.won, self.ledger, plan.meant, full=full
            )
        )

    def syncs(self, **changes: Any) -> None:
        self.write(self.puts(**changes))

    def bookkeeper(self, **changes: Any) -> None:
        self.ledger = plus(self.ledger, changes_of(changes))

    def pulls(self) -> None:
        self.keep(*merge.on_pull(self.agreed, dict(self.ledger)))

    def takes(self) -> None:
        """The product takes in the newest change, if it is built on its newest revision."""
        event = next(p for p in reversed(self.published) if isinstance(p, Changed))
        assert event.revision == self.revision
        self.product, self.applied = event.after, event.number
        self.revision += 1

    @property
    def changes(self) -> list[Changed]:
        return [p for p in self.published if isinstance(p, Changed)]

    @property
    def conflicts(self) -> list[Conflict]:
        return [p for p in self.published if isinstance(p, Conflict)]


def changes_of(named: dict[str, Any]) -> State:
    """`price=1` is the first line's price; `line=None` removes that line; `state=...` is itself."""
    if (state := named.pop("state", None)) is not None:
        return dict(state)
    short = {"price": PRICE, "qty": QTY, "color": "attributes.color"}
    if "line" in named:
        return {PRICE: named["line"], QTY: named["line"]}
    return {short.get(name, name): value for name, value in named.items()}


def synced(**options: Any) -> Timeline:
    story = Timeline(**options)
    story.syncs(state=INVOICE)
    return story
