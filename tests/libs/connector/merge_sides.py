"""The two sides of the merge: a correct product, and a ledger with its own ways."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from libs.connector.agreed import Agreed, Conflicts, Write
from libs.connector.flat import KEYS, State, flatten, join, unflatten
from libs.connector.lines import renamed
from libs.connector.threeway import plus, touched


class Wrong(Exception):
    """What must not happen has happened."""


class Stage(Protocol):
    """What both sides see of the world."""

    durable: bool

    def say(self, text: str) -> None: ...
    def webhook(self, name: str, ext: str) -> None: ...


def leaf(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def line_of(path: str) -> str | None:
    """The escaped id of the line a path lies in."""
    parts = path.split(".")
    return parts[1] if parts[0] == "lines" else None


def lines_in(state: State) -> list[str]:
    return list(dict.fromkeys(line for path in state if (line := line_of(path))))


def normal(path: str, value: Any) -> Any:
    """What the ledger makes of a value: rounds, cuts, capitals, or it has no such field."""
    name = leaf(path)
    if value is None or name == "site":
        return None
    if name == "price":
        return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return value[:9] if name == "memo" else value.upper() if name == "reference" else value


def token(path: str, value: Any) -> int | None:
    """The number by which the fate of an edit is told."""
    name = leaf(path)
    if value is None or name in {"status", "total"}:
        return None
    if name in {"color", "site"}:
        return int(value[1:])
    if name == "memo":
        return int(value.split()[0])
    return int(value[1:-1]) if name == "reference" else int(value)


def tokens(state: State) -> set[int]:
    return {t for k, v in state.items() if (t := token(k, v)) is not None}


def show(state: State) -> str:
    return " ".join(f"{k}={v}" for k, v in sorted(state.items())) or "{}"


@dataclass
class Sent:
    """A put on the log: `applied` per connection, None of a product that does not say."""

    rid: str
    revision: int
    state: State
    applied: dict[str, int] | None


@dataclass
class Event:
    rid: str
    number: int
    revision: int
    before: State
    after: State
    conflicts: Conflicts = field(default_factory=dict)
    winner: str | None = None


@dataclass
class Book:
    state: State
    revision: int = 0
    applied: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)


class Product:
    """Takes an event in whole, only if it is built on its newest revision; publishes the result."""

    def __init__(self, world: Stage, mute: bool, hasty: bool) -> None:
        self.world, self.mute, self.hasty = world, mute, hasty
        self.books: dict[str, Book] = {}
        self.log: list[Sent] = []

    def publish(self, rid: str) -> None:
        book = self.books[rid]
        book.revision += 1
        state = dict(book.state)
        if self.world.durable:  # as it travels: an entity, its lines in order
            state = flatten(unflatten(state, KEYS), KEYS)
        applied = None if self.mute else dict(book.applied)
        self.log.append(Sent(rid, book.revision, state, applied))
        self.world.say(f"product   puts {rid} rev {book.revision} applied {applied} {show(state)}")

    def fits(self, book: Book, event: Event) -> bool:
        return event.revision == book.revision

    def take(self, name: str, event: Event, waiting: list[Event]) -> None:
        book = self.books.setdefault(event.rid, Book({}))
        later = (e for e in waiting if e.rid == event.rid and e.number > event.number)
        if self.hasty and any(not e.conflicts for e in later):
            return
        if event.number <= book.last.get(name, 0):
            return
        book.last[name] = event.number
        if event.conflicts:
            return
        if not self.fits(book, event):
            self.world.say(f"product   leaves {name}#{event.number}: edited here since")
            return
        book.state = plus(book.state, touched(event.before, event.after))
        book.applied[name] = event.number
        self.world.say(f"product   takes {name}#{event.number}")
        self.publish(event.rid)


@dataclass
class Record:
    state: State
    version: int = 1
    marker: str | None = None


class Ledger:
    """Normalises, computes a total, has line ids of its own; with a version or not."""

    def __init__(
        self, world: Stage, name: str, versions: bool, full: bool, keeps_ids: bool
    ) -> None:
        self.world, self.name = world, name
        self.versions, self.full, self.keeps_ids = versions, full, keeps_ids
        self.records: dict[str, Record] = {}
        self.ids = 0
        self.created: Counter[str] = Counter()

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.name}{self.ids}"

    def read(self, ext: str | None) -> tuple[State, int]:
        record = self.records.get(ext or "")
        return (dict(record.state), record.version) if record else ({}, 0)

    def create(self, marker: str | None, state: State) -> str:
        ext = self.new_id()
        self.records[ext] = Record({}, 0, marker)
        self.store(ext, state)
        return ext

    def store(self, ext: str, changes: State, api: bool = False) -> None:
        record = self.records[ext]
        state = plus(record.state, {k: normal(k, v) for k, v in changes.items()})
        fresh = {
            line: self.new_id()
            for line in sorted(lines_in(state))
            if line[0] == "+" or (api and not self.keeps_ids)
        }
        state = renamed(state, {unescaped(line): new for line, new in fresh.items()})
        state.pop("total", None)
        total = Decimal(0)
        for line in lines_in(state):
            price, qty = (state.get(f"lines.{line}.{name}") for name in ("price", "qty"))
            if price is None or qty is None:
                raise Wrong(f"half a line: {show(state)}")
            total += price * qty
        record.state, record.version = state | {"total": total}, record.version + 1
        self.world.webhook(self.name, ext)

    def refuses(self, changes: State) -> bool:
        """Some references it does not accept: the put dies, visibly, until a newer one mends it."""
        return (token("reference", changes.get("reference")) or 1) % 9 == 0

    def remove(self, ext: str) -> None:
        del self.records[ext]
        self.world.webhook(self.name, ext)


@dataclass
class Call:
    sent_put: Sent
    plan: Write
    version: int
    sent: bool = False
    lost: bool = False
    outcome: str = "nothing"
    answer: tuple[str | None, State, int] = (None, {}, 0)


@dataclass
class Lane:
    rid: str
    ext: str | None = None
    agreed: Agreed = field(default_factory=Agreed)
    version: int = 0
    lines: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    put: Sent | None = None
    call: Call | None = None
    notice: bool = False
    gone: bool = False
    wake: bool = False
    dead: Sent | None = None


def unescaped(part: str) -> str:
    return part.replace("~1", ".").replace("~0", "~")


def line_path(line: str, name: str) -> str:
    """The path of a field of the line with this id."""
    return join(join("lines", line), name)
