"""A record as one flat mapping of paths to values: the form in which two sides can be compared.

A path joins names by dots (`memo`, `attributes.color`); an element of a list is named by its
identity (`lines.<line id>.price`), never by its place. Dots in names are escaped. A value is a str,
Decimal, int or bool; None is never stored; an empty State means that there is no record.

The order of a list's elements is the order in which a State first names them. It is carried, but it
is no value: equality ignores it. A stored place number would make every insertion an edit of all
lines below it, and so a conflict with whoever removes one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID

State = dict[str, Any]

LINES = "lines."
ITSELF = ""
"""The identity of an element that is nothing but its name: `purchase_orders.<local id>` is True."""

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "addresses": "kind",
        "allocations": "document",
        "components": "name",
        "lines": "id",
        "lines.tracking": "tracking",
        "options": "id",
        "purchase_orders": ITSELF,
    }
)
"""Which field names the elements of each list of the canonical entities."""


def join(above: str, name: str) -> str:
    """The path of `name` below the path `above` ("" is the record)."""
    if "." in name or "~" in name:
        name = name.replace("~", "~0").replace(".", "~1")
    return f"{above}.{name}" if above else name


def names(path: str) -> list[str]:
    """The names a path was joined from."""
    parts = path.split(".")
    return [_name(part) for part in parts] if "~" in path else parts


def _name(part: str) -> str:
    return part.replace("~1", ".").replace("~0", "~")


def containers(path: str) -> list[str]:
    """What a path lies in, from outside in: the record (""), its list element, one inside that."""
    if path.count(".") < 2:
        return [""]
    parts = path.split(".")
    return ["", *(".".join(parts[:depth]) for depth in range(2, len(parts), 2))]


def elements(state: State) -> set[str]:
    """All containers that a state has: "" and the elements of its lists."""
    return {container for path in state for container in containers(path)}


def arranged(state: State, like: State) -> State:
    """The same state, its elements in the order of `like`; what `like` has not comes after."""
    return {path: state[path] for path in like if path in state} | state


def moved(state: State, before: State) -> bool:
    """Whether the lines that both have stand in another order."""
    here, there = _lines(state), _lines(before)
    return [line for line in here if line in there] != [line for line in there if line in here]


def _lines(state: State) -> dict[str, None]:
    return dict.fromkeys(path.split(".")[1] for path in state if path.startswith(LINES))


def flatten(entity: Mapping[str, Any], keys: Mapping[str, str]) -> State:
    """Flatten an entity as `model_dump()` gives it.

    `keys` names the identity field of each list ("lines" -> "id"; nested: "lines.taxes" -> "code").
    Dates become ISO text and enumerations their value. An element with nothing but its identity is
    no element. Raises ValueError for a list without identities or with one of them twice, and
    TypeError for a value that cannot be compared exactly, such as a float.
    """
    found: State = {}
    _fill(found, entity, "", "", keys)
    return found


def unflatten(state: State, keys: Mapping[str, str]) -> dict[str, Any]:
    """The inverse of `flatten`: a plain dict for `model_validate`, without what has no value."""
    tree: dict[str, Any] = {}
    for path, value in state.items():
        *above, leaf = names(path)
        node = tree
        for name in above:
            node = node.setdefault(name, {})
        node[leaf] = value
    return _fields(tree, "", keys)


def _fill(
    found: State, entity: Mapping[str, Any], path: str, field: str, keys: Mapping[str, str]
) -> None:
    for name, value in entity.items():
        if value is not None:
            _add(found, value, join(path, name), join(field, name), keys)


def _add(found: State, value: Any, path: str, field: str, keys: Mapping[str, str]) -> None:
    if type(value) is str:
        found[path] = value
    elif isinstance(value, dict):
        _fill(found, value, path, field, keys)
    elif isinstance(value, list | tuple):
        for name, inner in _named(value, field, keys).items():
            _add(found, inner, join(path, name), field, keys)
    else:
        found[path] = _scalar(value, path)


def _named(items: Sequence[Any], field: str, keys: Mapping[str, str]) -> dict[str, Any]:
    if items and field not in keys:
        raise ValueError(f"the elements of {field} have no identity")
    found: dict[str, Any] = {}
    for item in items:
        name, content = _identified(item, field, keys[field])
        if name in found:
            raise ValueError(f"{field} names {name} twice")
        found[name] = content
    return found


def _identified(item: Any, field: str, identity: str) -> tuple[str, Any]:
    if identity == ITSELF:
        return str(_scalar(item, field)), True
    content = dict(item)
    name = content.pop(identity, None)
    if name is None:
        raise ValueError(f"an element of {field} has no {identity}")
    return str(_scalar(name, field)), content


def _scalar(value: Any, path: str) -> str | Decimal | int | bool:
    if isinstance(value, Enum):
        return _scalar(value.value, path)
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{path} is not a number: {value}")
    if isinstance(value, str | Decimal | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{path} holds a {type(value).__name__}, which cannot be compared exactly")


def _listed(node: Any, field: str, keys: Mapping[str, str]) -> Any:
    if not isinstance(node, dict):
        return node
    if field not in keys:
        return _fields(node, field, keys)
    identity = keys[field]
    if identity == ITSELF:
        return list(node)
    return [{identity: name, **_fields(inner, field, keys)} for name, inner in node.items()]


def _fields(node: dict[str, Any], field: str, keys: Mapping[str, str]) -> dict[str, Any]:
    return {name: _listed(inner, join(field, name), keys) for name, inner in node.items()}
