"""OData `$filter`: a parser that yields a test and, where an index helps, the candidates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.dates import midnight
from services.sandbox.providers.myob.errors import bad_query
from services.sandbox.providers.myob.fields import Row, Spec
from services.sandbox.providers.myob.odata_words import (
    COMPARE,
    FUNCTIONS,
    literal,
    tokens,
)
from services.sandbox.providers.myob.showing import filters, type_of, value_of
from services.sandbox.providers.myob.table import Table

Test = Callable[[Row], bool]
Plan = Callable[[Table], Iterable[Row]] | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What a filter means: a test of a row, and the rows worth testing (None: all)."""

    test: Test
    plan: Plan = None


def compiled(text: str, books: Books, table: str, spec: Spec) -> Filter:
    """Raises Refused (400) for anything that is no filter of this table."""
    parser = _Parser(text, books, table, spec)
    found = parser.either()
    if parser.tokens:
        raise bad_query(f"Unexpected '{parser.tokens[0][1]}' in $filter")
    return found


class _Parser:
    def __init__(self, text: str, books: Books, table: str, spec: Spec) -> None:
        self.tokens = tokens(text)
        self.books = books
        self.table = table
        self.indexes = books.tables[table].indexes
        self.spec = spec
        self.variable = ""

    def either(self) -> Filter:
        found = [self.both()]
        while self._take("or"):
            found.append(self.both())
        if len(found) == 1:
            return found[0]
        plans = [one.plan for one in found if one.plan]
        return Filter(
            lambda row: any(one.test(row) for one in found),
            (lambda table: _union(table, plans)) if len(plans) == len(found) else None,
        )

    def both(self) -> Filter:
        found = [self.one()]
        while self._take("and"):
            found.append(self.one())
        if len(found) == 1:
            return found[0]
        plan = next((one.plan for one in found if one.plan), None)
        return Filter(lambda row: all(one.test(row) for one in found), plan)

    def one(self) -> Filter:
        if self._take("("):
            found = self.either()
            self._need(")")
            return found
        kind, word = self._pop()
        if kind != "name":
            raise bad_query(f"Unexpected '{word}' in $filter")
        if word in FUNCTIONS and self._take("("):
            return self._function(word)
        if word.rpartition("/")[2] in {"any", "all"} and self._take("("):
            return self._within(*word.rpartition("/")[::2])
        return self._comparison(word)

    def _comparison(self, name: str) -> Filter:
        path, type_ = self._field(name)
        kind, operator = self._pop()
        compare = COMPARE.get(operator) if kind == "name" else None
        if compare is None:
            raise bad_query(f"Expected an operator after {name}, found '{operator}'")
        value = self._literal(name, type_)
        books, spec = self.books, self.spec

        def test(row: Row) -> bool:
            held = value_of(books, spec, row, path)
            if isinstance(held, date) and not isinstance(held, datetime):
                held = midnight(held)
            if held is None or value is None:
                return operator == "eq" and held is value
            return compare(held, value)

        return Filter(test, None if self.variable else _plan(self.indexes, path, operator, value))

    def _function(self, name: str) -> Filter:
        first = self._pop()
        self._need(",")
        second = self._pop()
        self._need(")")
        if self.tokens and self.tokens[0][1] == "eq":
            self._pop()
            if self._pop()[1] != "true":
                raise bad_query(f"{name} can only be compared with true")
        # substringof('part', Field), but startswith(Field, 'part').
        part, field = (first, second) if name == "substringof" else (second, first)
        if part[0] != "text" or field[0] != "name":
            raise bad_query(f"The arguments of {name} are not a field and a text")
        path, type_ = self._field(field[1])
        if type_ != "text":
            raise bad_query(f"{field[1]} is not a text")
        function, wanted, books, spec = (
            FUNCTIONS[name],
            str(literal("text", part[1])),
            self.books,
            self.spec,
        )
        return Filter(lambda row: function(str(value_of(books, spec, row, path) or ""), wanted))

    def _within(self, name: str, how: str) -> Filter:
        """`Lines/any(x: x/Total gt 5)`."""
        one = self.spec.get(name)
        if one is None or one.kind != "list" or not filters(self.books, self.table, name):
            raise bad_query(f"'{name}' is not a collection")
        variable = self._pop()[1]
        self._need(":")
        outer, self.variable, self.spec = (self.variable, self.spec), variable, one.inner
        inner = self.either()
        self.variable, self.spec = outer
        self._need(")")
        quantifier = any if how == "any" else all
        return Filter(lambda row: quantifier(inner.test(each) for each in row.get(name) or ()))

    def _field(self, name: str) -> tuple[list[str], str]:
        path = name.split("/")
        if self.variable:
            if path[0] != self.variable:
                raise bad_query(f"'{name}' does not begin with {self.variable}/")
            path = path[1:]
        elif not filters(self.books, self.table, path[0]):
            raise bad_query(f"'{name}' cannot be filtered")
        type_ = type_of(self.spec, path) if path else None
        if type_ is None:
            raise bad_query(f"Could not find a property named '{name}'")
        return path, type_

    def _literal(self, name: str, type_: str) -> Any:
        kind, word = self._pop()
        if kind == "name" and word == "null":
            return None
        kind = "flag" if kind == "name" and word in {"true", "false"} else kind
        if kind != type_:
            raise bad_query(f"{name} is a {type_} and cannot be compared with {word}")
        return literal(kind, word)

    def _pop(self) -> tuple[str, str]:
        if not self.tokens:
            raise bad_query("Unexpected end of $filter")
        return self.tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1] == word:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise bad_query(f"'{word}' expected in $filter")


def _plan(indexes: frozenset[str], path: list[str], operator: str, value: Any) -> Plan:
    if path in (["LastModified"], ["DatePosted"]) and operator in {"gt", "ge"} and value:
        return lambda table: table.changed_since(value)
    if value is None or operator != "eq":
        return None
    if path == ["UID"]:
        return lambda table: filter(None, [table.get(value)])
    index = "refs" if path[1:] == ["UID"] else path[0] if len(path) == 1 else ""
    return (lambda table: table.find(index, str(value))) if index in indexes else None


def _union(table: Table, plans: list[Callable[[Table], Iterable[Row]]]) -> Iterable[Row]:
    found = {row["UID"]: row for plan in plans for row in plan(table)}
    return found.values()
