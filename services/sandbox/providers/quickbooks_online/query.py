"""The query language: `SELECT … FROM … WHERE … ORDERBY … STARTPOSITION … MAXRESULTS …`."""

import re
from dataclasses import dataclass, field

from services.sandbox.providers.quickbooks_online.errors import Invalid, bad_query

TOKEN = re.compile(
    r"\s*(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<op><=|>=|=|<|>)|(?P<mark>[(),*])|(?P<word>[^\s'(),*=<>]+))",
    re.DOTALL,
)
PAGE = 100
LARGEST = 1000
OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "LIKE", "IN"})
UNKNOWN = frozenset({"OR", "NOT", "JOIN", "GROUP", "HAVING", "UNION"})
Token = tuple[str, str]
END: Token = ("end", "")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `values` has more than one for IN only."""

    path: str
    operator: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Query:
    """A query as it was read."""

    entity: str = ""
    fields: tuple[str, ...] = ()
    """Empty for `*`."""
    also: tuple[str, ...] = ()
    """What is named beside `*`."""
    count: bool = False
    where: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    """Property, and whether downwards."""
    start: int = 1
    limit: int = PAGE


def read_query(text: str, *, ascii_only: bool = False) -> Query:
    """Raises Invalid (4000, 4001)."""
    if ascii_only and not text.isascii():
        raise _lexical(next(letter for letter in text if not letter.isascii()))
    return _Reader(_tokens(text)).query()


def _lexical(letter: str) -> Invalid:
    return bad_query("4000", f"Encountered lexical error near: {letter!r}")


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _lexical(text[at : at + 10])
        sort = found.lastgroup
        value = found[sort]
        if sort == "text":
            value = re.sub(r"\\(.)", r"\1", value)
        if sort == "word" and '"' in value:
            raise _lexical('"')
        tokens.append((sort, value))
        at = found.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return tokens


class _Reader:
    """Recursive descent without the recursion."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *words: str) -> bool:
        """Is the next token this word or mark? Then it is read."""
        sort, value = self._peek()
        if sort != "text" and value.upper() in words:
            self._at += 1
            return True
        return False

    def _expect(self, *words: str) -> None:
        if not self._take(*words):
            raise bad_query("4000", f"Encountered {self._peek()[1]!r}, was expecting {words[0]}")

    def _word(self) -> str:
        sort, value = self._next()
        if sort != "word" or value.upper() in UNKNOWN:
            raise bad_query("4000", f"Encountered {value!r} where a name was expected")
        return value

    def query(self) -> Query:
        found = Query()
        self._expect("SELECT")
        self._selected(found)
        self._expect("FROM")
        found.entity = self._word()
        if self._take("WHERE"):
            found.where.append(self._condition())
            while self._take("AND"):
                found.where.append(self._condition())
        self._ordered(found)
        if self._take("STARTPOSITION"):
            found.start = self._whole(None)
        if self._take("MAXRESULTS"):
            found.limit = self._whole(LARGEST)
        self._take(";")
        if self._peek() != END:
            raise bad_query("4000", f"Encountered {self._peek()[1]!r} at the end of the query")
        return found

    def _selected(self, found: Query) -> None:
        names: list[str] = []
        star = False
        while True:
            if self._take("*"):
                star = True
            elif self._take("COUNT"):
                for mark in ("(", "*", ")"):
                    self._expect(mark)
                found.count = True
            else:
                names.append(self._word())
            if not self._take(","):
                break
        found.fields, found.also = ((), tuple(names)) if star else (tuple(names), ())

    def _condition(self) -> Condition:
        path = self._word()
        sort, value = self._next()
        operator = value.upper()
        if sort == "text" or operator not in OPERATORS:
            raise bad_query("4000", f"Encountered {value!r} where an operator was expected")
        if operator != "IN":
            return Condition(path, operator, (self._value(),))
        self._expect("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return Condition(path, operator, tuple(values))

    def _value(self) -> str:
        sort, value = self._next()
        if sort not in {"text", "word"}:
            raise bad_query("4000", f"Encountered {value!r} where a value was expected")
        return value

    def _ordered(self, found: Query) -> None:
        if not self._take("ORDERBY"):
            if not self._take("ORDER"):
                return
            self._expect("BY")
        while True:
            path = self._word()
            down = self._take("DESC")
            self._take("ASC")
            found.order.append((path, down))
            if not self._take(","):
                return

    def _whole(self, largest: int | None) -> int:
        value = self._value()
        if not value.isdigit():
            raise bad_query("4000", f"Encountered {value!r} where a number was expected")
        if int(value) < 1:
            raise bad_query("4001", f"value {value} is too small. Min allowed value is 1")
        if largest is not None and int(value) > largest:
            raise bad_query("4001", f"value {value} is too large. Max allowed value is {largest}")
        return int(value)
