"""The two-way merge of one record: what the ledger is to be written, what the product is told.

Each side is compared only with its own half of what was agreed, so a value that the ledger rounds,
cuts or spells in its own way is nobody's edit. All functions are pure. The caller keeps `Agreed`
with the lane, publishes what comes back in its order, and closes the call in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

from libs.connector.agreed import (
    Agreed,
    Changed,
    Conflict,
    Conflicts,
    Held,
    Plan,
    Policy,
    Publication,
    Put,
    Settled,
    Side,
    Write,
)
from libs.connector.disputes import decide, disputes
from libs.connector.flat import LINES, State, arranged, moved
from libs.connector.threeway import clashes, lies_in, merge, plus, touched

KEPT = 2_000
"""Changed fields published since the newest put, above which a lane publishes no further change
before the next one: so `events` stays bounded, however long a product does not listen."""

Normal = Callable[[str, Any], Any]
"""The mapping's pure normalise function: (path, our value) -> what the ledger will make of it."""


# The way back


def is_echo(agreed: Agreed, shown: State) -> bool:
    """Our own write coming back, or a notice that came twice: the ledger is as we know it."""
    return shown == agreed.theirs


def on_pull(agreed: Agreed, shown: State) -> tuple[Agreed, tuple[Publication, ...]]:
    """The ledger shows a record (in our terms, derived fields left out; {}: deleted).

    An echo gives the same `agreed` back. After anything else the caller wakes a held lane, revives
    its dead put and notes whether the lane is gone (`theirs` is empty).
    """
    if is_echo(agreed, shown):
        return agreed, ()
    # Only what moved there is owed to the product: the rest of the record is the ledger's spelling.
    owed = plus(agreed.owed, touched(agreed.theirs, shown)) if shown else {}
    return tell(replace(agreed, theirs=shown, owed=owed))


def tell(agreed: Agreed) -> tuple[Agreed, tuple[Publication, ...]]:
    """Publish every undisputed change that no put has taken in, not only the latest pull's.

    It is built on the newest put looked at, even a held or dead one: a product that has moved on
    takes nothing that is built on an older revision.
    """
    disputed = clashes(agreed.ours, agreed.said, agreed.owed)
    to_product = merge(agreed.ours, agreed.said, agreed.owed, disputed, "product")[1]
    return announce(agreed, agreed.seen, agreed.said, plus(agreed.said, to_product))


def announce(
    agreed: Agreed, revision: int, before: State, after: State
) -> tuple[Agreed, tuple[Publication, ...]]:
    """Publish a change, unless there is none, it was the last thing said, or nobody listens.

    What is not published is not lost: it stays owed, and the next put is answered with it.
    """
    if before == after or agreed.last == (revision, after) or _fields(agreed.events) >= KEPT:
        return agreed, ()
    changed = Changed(agreed.number + 1, revision, before, after)
    events = {**agreed.events, changed.number: touched(before, after)}
    agreed = replace(agreed, number=changed.number, last=(revision, after), events=events)
    return agreed, (changed,)


def _fields(events: Mapping[int, State]) -> int:
    return sum(map(len, events.values()))


# The way out


def acknowledge(agreed: Agreed, put: Put) -> Agreed:
    """`ours` gains what the product has taken in, so that this is not mistaken for its own edit.

    It gains what the named event changed, not its whole `after`, which holds the product's edits
    too. A product that names nothing has taken in what its put shows of an earlier event.
    """
    if put.applied is None:
        earlier = (item for changes in agreed.events.values() for item in changes.items())
        taken = {k: v for k, v in earlier if v is not None and put.state.get(k) == v}
    else:
        taken = agreed.events.get(put.applied, {})
    named = max(agreed.named, put.applied or 0)
    # The product takes only what is built on its newest revision: a newer put ends all the rest.
    left = agreed.events if put.revision <= agreed.seen else {}
    events = {number: e for number, e in left.items() if number > named}
    return replace(agreed, ours=plus(agreed.ours, taken), named=named, events=events)


def plan_push(agreed: Agreed, put: Put, normal: Normal, policy: Policy, *, gone: bool) -> Plan:
    """What to do with the newest put of a lane without an open call.

    Where the provider has no version the caller reads the record first and hands it to `on_pull`;
    an update sends the version that belongs to `theirs`, so that a change nobody has merged is
    refused there and not overwritten. `gone`: the lane was bound and its record is deleted.
    """
    agreed = replace(acknowledge(agreed, put), said=put.state, seen=put.revision)
    conflicts = disputes(agreed, put, gone=gone)
    winner = decide(agreed, conflicts, "ask" if gone else policy)
    if winner is None:
        return _hold(agreed, conflicts)
    agreed, named = _name_loser(agreed, conflicts, winner)
    return _plan_write(agreed, named, put, normal, conflicts, winner, gone=gone)


def on_settled(
    agreed: Agreed,
    put: Put,
    merged: State,
    won: Collection[str],
    shown: State,
    meant: State,
    *,
    full: bool,
) -> tuple[Agreed, tuple[Publication, ...]]:
    """The write happened; `shown` is the record after it.

    `full`: the write's own answer showed all of it, so that what was sent is as the ledger now
    spells it. What was read later may already hold somebody's edit, so `theirs` becomes what was
    meant; whatever else is shown is pulled like any change.
    """
    agreed = _written(agreed, shown, meant, full=full)
    agreed, answered = _settle(agreed, put, merged, won)
    agreed, pulled = on_pull(agreed, shown)
    return agreed, answered + pulled


def on_step(
    agreed: Agreed, shown: State, state: State, meant: State, *, full: bool
) -> tuple[Agreed, tuple[Publication, ...]]:
    """One of the calls of a write that takes several happened: the ledger has moved, the put is
    not settled, and what is left of it is planned again.

    `state` is what the step was to bring about. What it wrote is from now on what both halves
    start from: a step that takes back what is wanted is undone by a later one, and a newer put
    that no longer wants what a step has written takes that back.
    """
    done = {path: state.get(path) for path in touched(agreed.theirs, meant)}
    agreed = _written(agreed, shown, meant, full=full)
    agreed = replace(agreed, ours=plus(agreed.ours, done), owed=plus(agreed.owed, done))
    return on_pull(agreed, shown)


def _written(agreed: Agreed, shown: State, meant: State, *, full: bool) -> Agreed:
    sent = touched(agreed.theirs, meant)
    theirs = plus(agreed.theirs, {path: shown.get(path) for path in sent}) if full else meant
    return replace(agreed, theirs=arranged(theirs, shown))


def on_refused(agreed: Agreed, put: Put, merged: State) -> tuple[Agreed, tuple[Publication, ...]]:
    """The ledger refused the write and the put is dead: what is owed reaches the product still."""
    return announce(agreed, put.revision, put.state, merged)


def _hold(agreed: Agreed, conflicts: Conflicts) -> Held:
    asked: tuple[Publication, ...] = ()
    if agreed.held is None or agreed.held.conflicts != conflicts:
        question = Conflict(agreed.number + 1, agreed.seen, conflicts)
        agreed = replace(agreed, number=question.number, held=question, decision=None)
        asked = (question,)
    agreed, told = tell(agreed)
    return Held(agreed, asked + told)


def _name_loser(
    agreed: Agreed, conflicts: Conflicts, winner: Side
) -> tuple[Agreed, tuple[Publication, ...]]:
    """Under every policy the value that loses is published before it is overwritten, once."""
    if not conflicts or agreed.told == (conflicts, winner):
        return agreed, ()
    named = Conflict(agreed.number + 1, agreed.seen, conflicts, winner)
    return replace(agreed, number=named.number, told=(conflicts, winner)), (named,)


def _plan_write(
    agreed: Agreed,
    named: tuple[Publication, ...],
    put: Put,
    normal: Normal,
    conflicts: Conflicts,
    winner: Side,
    *,
    gone: bool,
) -> Settled | Write:
    to_ledger, to_product = merge(agreed.ours, put.state, agreed.owed, conflicts, winner)
    merged = plus(put.state, to_product)
    spelled = {k: v if v is None else normal(k, v) for k, v in to_ledger.items()}
    # What the ledger shows already, in its own spelling, is not written again.
    delta = {k: v for k, v in to_ledger.items() if spelled[k] != agreed.theirs.get(k)}
    if not delta and moved(put.state, agreed.ours) and moved(put.state, agreed.theirs):
        # Their order alone is new: the lines are written as they are.
        delta = {k: v for k, v in merged.items() if k.startswith(LINES)}
        spelled |= {k: normal(k, v) for k, v in delta.items()}
    won = tuple(conflicts) if winner == "product" else ()
    if not delta:
        agreed, answered = _settle(agreed, put, merged, won)
        return Settled(agreed, named + answered)
    changed = {k: spelled[k] for k in delta}
    # What is wanted no more goes whole, with what the ledger alone fills in.
    meant = arranged(plus(agreed.theirs, changed), merged) if merged else {}
    kind: Literal["create", "update", "delete"] = "update" if meant else "delete"
    kind = kind if agreed.theirs else "create"
    return Write(agreed, named, kind, delta, merged, meant, won, gone and kind == "create")


def _settle(
    agreed: Agreed, put: Put, merged: State, won: Collection[str]
) -> tuple[Agreed, tuple[Publication, ...]]:
    """The put is `ours`; a put that did not know of a change is answered with the merged state.

    What was decided for the product's value since an event was published is no longer that event's
    to give: a later `applied` must not put it back into `ours`.
    """
    events = {
        number: {k: v for k, v in e.items() if k not in put.state or not lies_in(k, won)}
        for number, e in agreed.events.items()
    }
    agreed = replace(
        agreed, ours=put.state, settled=put.revision, owed=merged, held=None, decision=None,
        events=events,
    )  # fmt: skip
    return announce(agreed, put.revision, put.state, merged)
