"""What product and ledger last agreed on about one record, and what a decision about it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from libs.connector.flat import State

Side = Literal["product", "ledger"]
Policy = Literal["product", "ledger", "ask"]
Conflicts = dict[str, tuple[State, State]]
"""What is disputed (field, element, the record "") -> the product's and the ledger's values."""


@dataclass(frozen=True, slots=True)
class Put:
    """The product's wanted state: `applied` is for this connection (0: none yet, None: unsaid)."""

    revision: int
    state: State
    applied: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """To publish: a change for the product, built on its `revision`."""

    number: int
    revision: int
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Conflict:
    """To publish: both values of what both sides touched; without a winner it is a question."""

    number: int
    revision: int
    conflicts: Conflicts
    winner: Side | None = None


Publication = Changed | Conflict


@dataclass(frozen=True, slots=True)
class Agreed:
    """The merge half of a lane. The empty one is a lane that neither side has shown anything of."""

    ours: State = field(default_factory=dict)
    """The product's last settled state, as the product wrote it."""
    theirs: State = field(default_factory=dict)
    """The ledger's last known state, as the ledger writes it."""
    owed: State = field(default_factory=dict)
    """`ours` plus every change in the ledger that no put has taken in yet."""
    said: State = field(default_factory=dict)
    """The newest put looked at, a held or dead one included."""
    seen: int = 0
    """Revision of `said`."""
    settled: int = 0
    """Revision of `ours`."""
    named: int = 0
    """The last of our events that the product has said it took in."""
    events: Mapping[int, State] = field(default_factory=dict)
    """What each published change above `named` changed."""
    number: int = 0
    """The last number handed out on this lane; every further event of the lane takes the next."""
    told: tuple[Conflicts, Side] | None = None
    """The last conflict published with its winner."""
    last: tuple[int, State] | None = None
    """Revision and result of the last published change."""
    held: Conflict | None = None
    """The question that holds the lane."""
    decision: Side | None = None
    """The answer to `held`."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The put leaves nothing to write."""

    agreed: Agreed
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The lane waits for the answer to `agreed.held`."""

    agreed: Agreed
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A call to make: `agreed` and `publications` are committed with its intent, before it."""

    agreed: Agreed
    publications: tuple[Publication, ...]
    kind: Literal["create", "update", "delete"]
    delta: State
    """What changes there, in our spelling (None: removed)."""
    merged: State
    """What the product will have once it has taken in what is owed to it."""
    meant: State
    """The whole record as the ledger will show it, lines in the product's order."""
    won: tuple[str, ...]
    """Units decided for the product's value."""
    recreates: bool
    """The record was deleted there, and somebody decided to create it again: a new generation."""


Plan = Settled | Held | Write


def dump(agreed: Agreed) -> dict[str, Any]:
    """JSON-ready form; see `dump_state` for states. A state equal to `ours` is stored as "ours"."""
    told, last, held = agreed.told, agreed.last, agreed.held
    ours = dump_state(agreed.ours)
    return {
        "ours": ours,
        "theirs": dump_like(agreed.theirs, ours),
        "owed": dump_like(agreed.owed, ours),
        "said": dump_like(agreed.said, ours),
        "seen": agreed.seen,
        "settled": agreed.settled,
        "named": agreed.named,
        "number": agreed.number,
        "decision": agreed.decision,
        "events": [[number, dump_state(changes)] for number, changes in agreed.events.items()],
        "told": told and [_dump_conflicts(told[0]), told[1]],
        "last": last and [last[0], dump_like(last[1], ours)],
        "held": held and [held.number, held.revision, _dump_conflicts(held.conflicts)],
    }


def load(stored: Mapping[str, Any]) -> Agreed:
    """The inverse of `dump`."""
    ours = load_state(stored["ours"])
    told, last, held = stored["told"], stored["last"], stored["held"]
    return Agreed(
        ours=ours,
        theirs=load_like(stored["theirs"], ours),
        owed=load_like(stored["owed"], ours),
        said=load_like(stored["said"], ours),
        seen=stored["seen"],
        settled=stored["settled"],
        named=stored["named"],
        number=stored["number"],
        decision=stored["decision"],
        events={number: load_state(changes) for number, changes in stored["events"]},
        told=(_load_conflicts(told[0]), told[1]) if told else None,
        last=(last[0], load_like(last[1], ours)) if last else None,
        held=Conflict(held[0], held[1], _load_conflicts(held[2])) if held else None,
    )


def dump_state(state: State) -> list[list[Any]]:
    """Pairs of path and value: jsonb loses the order of keys. A Decimal is {"decimal": "1.50"}."""
    return [[k, {"decimal": str(v)} if isinstance(v, Decimal) else v] for k, v in state.items()]


def load_state(stored: list[list[Any]]) -> State:
    """The inverse of `dump_state`."""
    return {k: Decimal(v["decimal"]) if isinstance(v, dict) else v for k, v in stored}


def dump_like(state: State, ours: list[list[Any]]) -> str | list[list[Any]]:
    """As `dump_state`; "ours" where it is just what `ours` is, as that dumped it."""
    stored = dump_state(state)
    return "ours" if stored == ours else stored


def load_like(stored: str | list[list[Any]], ours: State) -> State:
    """The inverse of `dump_like`."""
    return dict(ours) if isinstance(stored, str) else load_state(stored)


def _dump_conflicts(conflicts: Conflicts) -> list[list[Any]]:
    return [[name, dump_state(a), dump_state(b)] for name, (a, b) in conflicts.items()]


def _load_conflicts(stored: list[list[Any]]) -> Conflicts:
    return {name: (load_state(a), load_state(b)) for name, a, b in stored}
