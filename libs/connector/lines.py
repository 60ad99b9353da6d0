"""Which element of a ledger's list is which of ours, where the ledger has its own line ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from libs.connector.flat import State, join, names


def match_lines(
    raw: State,
    expected: State,
    known: Mapping[str, str],
    field: str = "lines",
    name_new: Callable[[str], str] = str,
) -> dict[str, str]:
    """The ledger's line ids in `raw` -> our line ids in `expected`.

    First by identity (`known`, ledger's id -> ours), then those equal in everything, then the only
    one that is equal in as much. What is left is new and is called `name_new(ledger's id)`, which
    should tell two companies apart where the ledger just counts its lines.
    """
    found, ours = _elements(raw, field), _elements(expected, field)
    lines = {line: known[line] for line in found if line in known}
    taken = set(lines.values())
    free = {own: content for own, content in ours.items() if own not in taken}
    _match_equal(found, free, lines)
    _match_alike(found, free, lines)
    for line in found:
        if line not in lines:
            lines[line] = _unused(name_new(line), {*ours, *lines.values()})
    return {line: lines[line] for line in found}


def renamed(state: State, ids: Mapping[str, str], field: str = "lines") -> State:
    """The state with the elements of one list under other ids; what `ids` lacks keeps its own."""
    if all(own == there for there, own in ids.items()):
        return dict(state)
    return {_renamed(path, ids, join("", field)): value for path, value in state.items()}


def _renamed(path: str, ids: Mapping[str, str], field: str) -> str:
    if not path.startswith(field + "."):
        return path
    line, leaf = _split(path, field)
    return f"{join(field, ids.get(line, line))}.{leaf}"


def _elements(state: State, field: str) -> dict[str, State]:
    found: dict[str, State] = {}
    below = join("", field)
    for path, value in state.items():
        if path.startswith(below + "."):
            line, leaf = _split(path, below)
            found.setdefault(line, {})[leaf] = value
    return found


def _split(path: str, field: str) -> tuple[str, str]:
    line, _, leaf = path.removeprefix(field + ".").partition(".")
    return names(line)[0], leaf


def _match_equal(found: dict[str, State], free: dict[str, State], lines: dict[str, str]) -> None:
    """Equal lines are interchangeable: the first free one will do, which keeps their order."""
    twins: dict[frozenset[tuple[str, object]], list[str]] = {}
    for own, content in free.items():
        twins.setdefault(frozenset(content.items()), []).append(own)
    for line, content in found.items():
        if line not in lines and (owns := twins.get(frozenset(content.items()))):
            lines[line] = owns.pop(0)
            del free[lines[line]]


def _match_alike(found: dict[str, State], free: dict[str, State], lines: dict[str, str]) -> None:
    """The more two lines share, the earlier they are matched; two candidates are no match."""
    left = [line for line in found if line not in lines]
    shared = {
        line: {own: len(found[line].items() & content.items()) for own, content in free.items()}
        for line in left
    }
    most = max((count for counts in shared.values() for count in counts.values()), default=0)
    for least in range(most, 0, -1):
        for line in [line for line in left if line not in lines]:
            alike = [own for own in free if shared[line][own] >= least]
            if len(alike) == 1:
                lines[line] = alike[0]
                del free[alike[0]]


def _unused(own: str, taken: Collection[str]) -> str:
    """A ledger that numbers its lines 1, 2, 3 must not collide with a product that does so too."""
    while own in taken:
        own += "+"
    return own
