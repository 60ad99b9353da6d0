"""The arithmetic of three states: what each side touched, what clashes, what came of it."""

from __future__ import annotations

from collections.abc import Collection

from libs.connector.agreed import Conflicts, Side
from libs.connector.flat import State, containers, elements


def touched(before: State, after: State) -> State:
    """Path -> new value (None: removed) of what differs."""
    if before == after:
        return {}
    changed = {path: value for path, value in after.items() if before.get(path) != value}
    return changed | {path: None for path in before if path not in after}


def plus(state: State, changes: State) -> State:
    """The state with the changes; what they add comes last."""
    return {path: value for path, value in {**state, **changes}.items() if value is not None}


def unit(path: str, here: Collection[str], there: Collection[str]) -> str:
    """What is decided as one: the record or the element that one side lacks, else the field.

    Half a line is worse than either line: what one side removed and the other touched stays whole.
    `here` and `there` are the `elements` of both sides.
    """
    missing = (name for name in containers(path) if name not in here or name not in there)
    return next(missing, path)


def clashes(base: State, a: State, b: State) -> Conflicts:
    """What both touched since `base`, with different results."""
    by_a, by_b = touched(base, a), touched(base, b)
    if not (by_a and by_b):
        return {}
    here, there = elements(a), elements(b)
    both = {unit(path, here, there) for path in by_a}
    both &= {unit(path, here, there) for path in by_b}
    sides: Conflicts = {name: ({}, {}) for name in sorted(both)}
    for which, state in enumerate((a, b) if both else ()):
        for path, value in state.items():
            if (name := unit(path, here, there)) in sides:
                sides[name][which][path] = value
    return {name: pair for name, pair in sides.items() if pair[0] != pair[1]}


def merge(
    base: State, a: State, b: State, conflicts: Conflicts, winner: Side
) -> tuple[State, State]:
    """What goes to b, and what goes to a: the other's changes, of a conflict the winner's unit.

    `a` is the product's state, `b` the ledger's.
    """
    to_b, to_a = touched(base, a), touched(base, b)
    lose, win, side = (to_a, to_b, a) if winner == "product" else (to_b, to_a, b)
    for path in (base | a | b) if conflicts else ():
        if lies_in(path, conflicts):
            lose.pop(path, None)
            win[path] = side.get(path)
    return to_b, to_a


def derived(theirs: State, put: State, was: State, becomes: State) -> State:
    """What the ledger derives from what is written: a default it fills in is nobody's edit.

    `was` and `becomes` are the product's former and new state as the ledger makes them; what the
    put says itself, and what a bookkeeper has set since, is left out.
    """
    return {
        path: becomes.get(path)
        for path in [*becomes, *(path for path in was if path not in becomes)]
        if path not in put
        and was.get(path) != becomes.get(path)
        and theirs.get(path) == was.get(path)
    }


def lies_in(path: str, units: Collection[str]) -> bool:
    """Whether the path is one of the units or lies in one."""
    return path in units or any(name in units for name in containers(path))


def update_happened(delta: State, before: State, meant: State, shown: State) -> bool:
    """Whether an update of unknown outcome was done, judged by a later read.

    None of its fields shows the old value and one of them the new; not the status, which others set
    too. If it was not, the caller hands `shown` to `on_pull` and plans again.
    """
    own = {path for path, value in delta.items() if value is not None and path != "status"}
    if any(path in before and shown.get(path) == before[path] for path in delta):
        return False
    return any(shown.get(path) == meant.get(path) for path in own or delta)
