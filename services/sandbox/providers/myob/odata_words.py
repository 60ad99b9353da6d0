"""The words of `$filter`: tokens, literals, operators and functions."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.providers.myob.dates import read_moment
from services.sandbox.providers.myob.errors import bad_query

_TOKEN = re.compile(
    r"\s*(?:(?P<guid>guid'[0-9a-fA-F-]{36}')|(?P<moment>datetime'[^']*')"
    r"|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?[mMdD]?)"
    r"|(?P<name>[A-Za-z_][\w]*(?:/[A-Za-z_]\w*)*)|(?P<sign>[(),:]))"
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda whole, part: whole.startswith(part),
    "endswith": lambda whole, part: whole.endswith(part),
    "substringof": lambda whole, part: part in whole,
}


def tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each word; raises Refused (400)."""
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise bad_query(f"Syntax error at position {at} in $filter")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _text(word: str) -> str:
    return word[1:-1].replace("''", "'")


def _moment(word: str) -> datetime:
    try:
        return read_moment(word[len("datetime'") : -1])
    except ValueError:
        raise bad_query(f"{word} is not a moment") from None


def literal(kind: str, word: str) -> Any:
    """The value of a literal of this kind."""
    return _VALUES[kind](word)


_VALUES: dict[str, Callable[[str], Any]] = {
    "text": _text,
    "guid": lambda word: word[5:-1].lower(),
    "number": lambda word: Decimal(word.rstrip("mMdD")),
    "moment": _moment,
    "flag": lambda word: word == "true",
}
