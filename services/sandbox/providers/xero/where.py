"""Xero's `where` mini-language, compiled to a predicate over rows."""

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.sandbox.providers.xero.errors import bad_query
from services.sandbox.providers.xero.table import Row

Term = Callable[[Row], Any]
Field = Callable[[Row, str], Any]
"""The value of a (dotted) field of a row."""

Known = Callable[[str], bool]
"""Does the resource have that field?"""

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_][\w.]*)|(?P<sign>==|!=|>=|<=|&&|\|\||[=><()!,]))""",
    re.VERBOSE,
)
_SIGNS = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_WORDS = {"null": None, "true": True, "false": False}


def compiled(text: str, field: Field, known: Known) -> Callable[[Row], bool]:
    """A predicate; it raises Refused (QueryParseException) for bad text, also when it is run."""
    parser = _Parser(text, field, known)
    term = parser.either()
    if parser.tokens:
        raise bad_query(f"Unexpected '{parser.tokens[0][1]}'")
    return lambda row: bool(term(row))


class _Parser:
    def __init__(self, text: str, field: Field, known: Known) -> None:
        self.tokens = _tokens(text)
        self._known = known
        self._field = field

    def either(self) -> Term:
        """`a OR b`."""
        return self._joined(self._both, {"OR", "||"}, any)

    def _both(self) -> Term:
        return self._joined(self._one, {"AND", "&&"}, all)

    def _joined(self, part: Callable[[], Term], words: set[str], how: Callable[..., bool]) -> Term:
        terms = [part()]
        while self.tokens and self.tokens[0][1].upper() in words:
            self.tokens.pop(0)
            terms.append(part())
        return terms[0] if len(terms) == 1 else lambda row: how(term(row) for term in terms)

    def _one(self) -> Term:
        if self._take("!") or self._take("NOT"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._take("("):
            inner = self.either()
            self._need(")")
            return inner
        left = self._value()
        if not (self.tokens and self.tokens[0][1] in _SIGNS):
            return left
        sign = _SIGNS[self.tokens.pop(0)[1]]
        right = self._value()
        return lambda row: _compare(sign, left(row), right(row))

    def _value(self) -> Term:
        kind, word = self.tokens.pop(0) if self.tokens else ("end", "")
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", word[1:-1])
            return lambda _: text
        if kind == "number":
            amount = Decimal(word)
            return lambda _: amount
        if kind != "name":
            raise bad_query(f"Unexpected '{word}'" if word else "Unexpected end of the expression")
        if word.lower() in _WORDS:
            value = _WORDS[word.lower()]
            return lambda _: value
        return self._call(word) if self._take("(") else self._path(word)

    def _call(self, name: str) -> Term:
        arguments = []
        while not self._take(")"):
            arguments.append(self._value()({}))
            self._take(",")
        if name.lower() in {"datetime", "datetime.parse"}:
            return _moment(arguments)
        if name.lower() == "guid":
            guid = str(arguments[0]).lower() if arguments else ""
            return lambda _: guid
        return self._method(*name.rpartition(".")[::2], arguments)

    def _method(self, path: str, method: str, arguments: list[Any]) -> Term:
        subject = self._path(path)
        if method.lower() in {"tolower", "toupper"}:
            change = str.lower if method.lower() == "tolower" else str.upper
            return lambda row: change(_text(subject(row), path))
        test = _METHODS.get(method.lower())
        if test is None or len(arguments) != 1:
            raise bad_query(f"No applicable method '{method}' exists")
        return lambda row: test(_text(subject(row), path), str(arguments[0]))

    def _path(self, path: str) -> Term:
        if not self._known(path):
            raise bad_query(f"No property or field '{path}' exists")
        return lambda row: self._field(row, path)

    def _take(self, sign: str) -> bool:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1].upper() == sign:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise bad_query(f"'{sign}' expected")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise bad_query(f"Syntax error (at index {at})")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _moment(arguments: list[Any]) -> Term:
    try:
        if len(arguments) == 1 and isinstance(arguments[0], str):
            moment = datetime.fromisoformat(arguments[0]).replace(tzinfo=UTC)
        else:
            year, month, day, *time = (int(part) for part in arguments)
            hour, minute, second = [*time, 0, 0, 0][:3]
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (TypeError, ValueError):
        raise bad_query("DateTime(...) is not a valid date") from None
    return lambda _: moment


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        # A nullable field must be guarded: `Reference!=null AND Reference.Contains("x")`.
        raise bad_query(f"Object reference not set: '{path}' is null")
    return value


def _compare(sign: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
    left, right = _comparable(left), _comparable(right)
    if left is None or right is None:
        return bool(sign(left, right)) if sign in {operator.eq, operator.ne} else False
    try:
        return bool(sign(left, right))
    except TypeError:
        raise bad_query("Operator incompatible with operand types") from None


def _comparable(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value
