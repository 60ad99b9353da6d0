"""Reading UBL elements: paths with the usual prefixes, text, numbers and dates."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
PREFIXES = {"cac": CAC, "cbc": CBC}


class Unreadable(Exception):
    """A field of the document that cannot be taken; `field` is its path."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def child(element: "Element", path: str) -> "Element | None":
    """The first element at `path`."""
    return element.find(path, PREFIXES)


def children(element: "Element", path: str) -> "list[Element]":
    """All elements at `path`, in order."""
    return element.findall(path, PREFIXES)


def text(element: "Element", path: str) -> str:
    """The text at `path` without the space around it; empty where there is none."""
    return (element.findtext(path, "", PREFIXES) or "").strip()


def need(element: "Element", path: str) -> str:
    """The text at `path`; raises Unreadable where there is none."""
    if not (found := text(element, path)):
        raise Unreadable(path, "is missing")
    return found


def number(element: "Element", path: str, default: str | None = None) -> Decimal:
    """The number at `path`; raises Unreadable."""
    found = text(element, path) or default
    if found is None:
        raise Unreadable(path, "is missing")
    try:
        value = Decimal(found)
    except InvalidOperation:
        raise Unreadable(path, f"{found!r} is not a number") from None
    if not value.is_finite():
        raise Unreadable(path, f"{found!r} is not a number")
    return value


def day(element: "Element", path: str) -> date | None:
    """The date at `path`, a time zone left out; None where there is none; raises Unreadable."""
    found = text(element, path)
    try:
        return date.fromisoformat(found[:10]) if found else None
    except ValueError:
        raise Unreadable(path, f"{found!r} is not a date") from None
