"""What a record consists of: its fields, their kinds, lengths and references."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]
"""A record inside the simulator: MYOB's field names, typed values; keys of ours begin with _"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `sent` is false where MYOB computes it and ignores what a body says."""

    kind: str
    size: int = 0
    choices: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    inner: "dict[str, Field]" = field(default_factory=dict)
    required: bool = False
    default: Any = None
    sent: bool = True
    computed: Callable[[Any, Row], Any] | None = None


Spec = dict[str, Field]
NUMBERS = frozenset({"amount", "price", "whole"})


def text(size: int = 0) -> Field:
    """A text of so many characters at most; 0 where no limit is known."""
    return Field("text", size)


def flag(*, default: bool = False) -> Field:
    """A boolean."""
    return Field("flag", default=default)


def amount(default: Any = None) -> Field:
    """Money, two places."""
    return Field("amount", default=default)


def price() -> Field:
    """A quantity, price or rate, up to six places."""
    return Field("price")


def whole() -> Field:
    """A whole number."""
    return Field("whole")


def day() -> Field:
    """A date without a time."""
    return Field("day")


def choice(*choices: str, default: str | None = None) -> Field:
    """One of these words."""
    return Field("choice", choices=choices, default=default)


def ref(*tables: str) -> Field:
    """`{"UID": …}` of a record in one of these tables; the row holds the UID."""
    return Field("ref", tables=tables)


def part(inner: Spec) -> Field:
    """A nested object."""
    return Field("object", inner=inner)


def many(inner: Spec) -> Field:
    """A list of nested objects."""
    return Field("list", inner=inner)


def needed(one: Field) -> Field:
    """The same, required."""
    return replace(one, required=True)


def readonly(one: Field) -> Field:
    """The same, computed by MYOB."""
    return replace(one, sent=False)


def computed(kind: str, how: Callable[[Any, Row], Any]) -> Field:
    """Worked out from the books when it is shown."""
    return Field(kind, sent=False, computed=how)


UID: Spec = {"UID": readonly(Field("guid"))}
VERSION: Spec = {"URI": readonly(Field("uri")), "RowVersion": readonly(Field("version"))}
MODIFIED: Spec = {"LastModified": readonly(Field("moment"))}
