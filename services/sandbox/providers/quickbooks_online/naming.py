"""Names of lists and people: legal letters, uniqueness, levels, and how inactive ones read."""

from services.sandbox.providers.quickbooks_online.books import NAMES, Books
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    business,
    duplicate_name,
)
from services.sandbox.providers.quickbooks_online.fields import ref
from services.sandbox.providers.quickbooks_online.indexes import name_key
from services.sandbox.providers.quickbooks_online.table import Row

ILLEGAL = frozenset(":\t\n")
DEEPEST = 5
DELETED = " (deleted)"


def legal(name: str) -> str:
    """Trimmed; raises Invalid for a colon, tab or newline (its code is UNCONFIRMED)."""
    if ILLEGAL & set(name):
        raise business("The name may not contain a colon, a tab or a newline.")
    return name.strip()


def unique(call: Call, entities: tuple[str, ...], name: str, own_id: str | None) -> None:
    """Raises Invalid (6240) when another active object has the name."""
    for entity in entities:
        for row in call.books.tables[entity].find("taken", name_key(name)):
            if (entity, row["Id"]) != (entities[0], own_id):
                raise duplicate_name(entity.lower())


def unique_person(call: Call, entity: str, name: str, own_id: str | None) -> None:
    """Customers, vendors and employees share their names."""
    others = tuple(one for one in NAMES if one != entity)
    unique(call, (entity, *others), name, own_id)


def suffixed(name: str, *, active: bool) -> str:
    """An inactive object's name is free again: it reads `… (deleted)`."""
    bare = name.removesuffix(DELETED)
    return bare if active else bare + DELETED


def with_parent(
    call: Call, entity: str, wire: Wire, row: Row, own_id: str | None, flag: str
) -> Row:
    """The parent, if any, with its flag; raises Invalid (6180) below the fifth level."""
    parent = ref(entity)(call, row["ParentRef"], "ParentRef") if row.get("ParentRef") else None
    if parent is None or str(wire.get(flag, row.get(flag, True))).lower() == "false":
        return {key: value for key, value in row.items() if key != "ParentRef"} | {flag: False}
    above = ancestors(call.books, entity, parent["value"])
    if own_id in above:
        raise business("An object cannot be its own parent.")
    below = depth(call.books, entity, own_id) if own_id else 1
    if len(above) + below > DEEPEST:
        detail = f"Too many levels : You can have only {DEEPEST} levels."
        raise Invalid("6180", "Too many sub levels", detail)
    return {**row, "ParentRef": parent, flag: True}


def ancestors(books: Books, entity: str, id_: str | None) -> list[str]:
    """The object's own id and those above it, nearest first."""
    found: list[str] = []
    while id_ is not None and id_ not in found:
        found.append(id_)
        row = books.tables[entity].rows[id_]
        id_ = (row.get("ParentRef") or {}).get("value")
    return found


def depth(books: Books, entity: str, id_: str) -> int:
    """Levels from this object down to its deepest child."""
    children = books.tables[entity].find("parent", id_)
    return 1 + max((depth(books, entity, child["Id"]) for child in children), default=0)


def full_name(books: Books, entity: str, row: Row, key: str = "Name") -> tuple[str, int]:
    """`Parent:Child`, and the level below the top."""
    chain = [row["Id"], *ancestors(books, entity, (row.get("ParentRef") or {}).get("value"))]
    rows = books.tables[entity].rows
    return ":".join(str(rows[id_][key]) for id_ in reversed(chain)), len(chain) - 1
