"""Decisions about writes of unknown outcome and records nobody knows: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SPENT = 2
"""A key that has answered this many errors may do so for ever: the next send has a new one."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What of the provider decides: how a record is found again, how long a key and a late
    commit live."""

    find: Literal["marker", "number", "none"]
    settles: timedelta
    key_lives: timedelta
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Open:
    """A call of unknown outcome; `left` is when it surely had left, if the sender could tell."""

    first: datetime
    deadline: datetime
    left: datetime | None
    errors: int
    looked: bool = False
    """A person has looked in the ledger, and it is not there."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that a search for a lost create showed.

    `ours`: it carries the lane's marker of this generation; `equal`: its content is what we sent;
    `owner`: the lane it belongs to already, "" for none.
    """

    id: str
    ours: bool
    equal: bool
    deleted: bool
    owner: str


@dataclass(frozen=True, slots=True)
class Adopt:
    """It was ours: go on with this record."""

    id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It was ours and somebody deleted it there."""

    id: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """It is not there: the same bytes again; `fresh`: under a new key."""

    fresh: bool


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nobody but a human can tell."""

    sentence: str


def quiet_until(call: Open, traits: Traits) -> datetime:
    """Before this a late commit may still happen, and looking would prove nothing.

    Where the sender died the request may have left as late as its lease allowed.
    """
    last = call.left if call.left is not None else call.deadline - traits.timeout
    return last + traits.settles


def may_repeat_unseen(call: Open, traits: Traits, now: datetime) -> bool:
    """Whether the same key surely still answers for the first send when this one lands."""
    return now + traits.settles < call.first + traits.key_lives


def resolve_create(
    lane: str, call: Open, found: Sequence[Found], traits: Traits, now: datetime
) -> Adopt | Gone | Repeat | Doubtful:
    """What became of a create, once it is quiet and the ledger has been searched.

    What belongs to another lane is no answer. Content alone never adopts: two equal payments
    are two payments.
    """
    free = [record for record in found if record.owner in ("", lane)]
    mine = [record for record in free if record.ours]
    if traits.find == "none" and not mine:
        return _resolve_unseen(call, traits, now)
    if not mine and traits.find == "number":
        mine = [record for record in free if record.equal]
    if not free or (not mine and call.looked):
        return Repeat(fresh=call.errors >= SPENT or call.looked)
    if len(mine) != 1 or (len(free) > 1 and traits.find == "number" and not mine[0].ours):
        return Doubtful(f"The ledger shows {len(free)} records it could be: which one is ours?")
    return Gone(mine[0].id) if mine[0].deleted else Adopt(mine[0].id)


def _resolve_unseen(call: Open, traits: Traits, now: datetime) -> Repeat | Doubtful:
    if may_repeat_unseen(call, traits, now) and call.errors < SPENT:
        return Repeat(fresh=False)
    if call.looked:
        return Repeat(fresh=True)
    return Doubtful("Whether the ledger stored it is not known, and it cannot be searched there.")


@dataclass(frozen=True, slots=True)
class Target:
    """The lane whose marker an unknown record carries."""

    state: Literal["absent", "bound", "gone", "void"]
    busy: bool
    bearers: int


def unknown_record(
    *, creates_open: bool, target: Target | None
) -> Literal["wait", "adopt", "new", "ask"]:
    """What to make of a record no lane has.

    It may be the answer we lost: creates that were open when it was read are settled first. A
    marker adopts only for a lane without a record, and only if one record carries it; with a
    record of its own, the other is somebody's copy, marker and all.
    """
    if creates_open:
        return "wait"
    if target is None or target.state != "absent":
        return "new"
    if target.busy:
        return "wait"
    return "adopt" if target.bearers == 1 else "ask"
