"""Lists: `If-Modified-Since`, `where`, `order`, `searchTerm`, `IDs` and pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.errors import Wire, bad_query
from services.sandbox.providers.xero.table import Row, Table
from services.sandbox.providers.xero.where import compiled

PAGE = 100
LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Nested:
    """The fields of a record inside another, and how to read them."""

    fields: frozenset[str]
    value: Callable[[Books, Row, str], Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """How one resource may be filtered and sorted."""

    name: str
    fields: frozenset[str]
    searched: tuple[str, ...] = ()
    nested: dict[str, Nested] = field(default_factory=dict)
    paged: bool = True
    indexed: frozenset[str] | None = None
    ordered: frozenset[str] | None = None

    def has(self, path: str) -> bool:
        """Does the resource have this (dotted) field?"""
        head, _, rest = path.partition(".")
        if head in self.nested:
            return rest in self.nested[head].fields
        return head in self.fields and rest in {"", "Value", "HasValue"}

    def value(self, books: Books, row: Row, path: str) -> Any:
        """A field's value."""
        head, _, rest = path.partition(".")
        if head in self.nested:
            return self.nested[head].value(books, row, rest)
        return row.get(head) is not None if rest == "HasValue" else row.get(head)


CONTACT = Nested(
    frozenset({"ContactID", "Name", "ContactNumber", "ContactStatus", "EmailAddress"}),
    lambda books, row, path: books.contacts.rows[row["_contact"]].get(path),
)
"""`Contact.Name` and the like of a document."""


def listed(
    call: Call, table: Table, how: Listed, keep: Callable[[Row], bool] | None = None
) -> tuple[list[Row], Wire]:
    """The rows a list answers and, when a page was asked for, its `pagination`."""
    rows = list(
        _chosen(call, filter(keep, _by_id(call, table)) if keep else _by_id(call, table), how)
    )
    if order := call.query.get("order"):
        rows = _sorted(call.books, rows, order, how)
    return _page(call, rows, how)


def _by_id(call: Call, table: Table) -> Iterable[Row]:
    wanted = call.csv("ids")
    if wanted is None:
        return table
    found = (table.get(id_) for id_ in dict.fromkeys(wanted))
    return [row for row in found if row is not None]


def _chosen(call: Call, rows: Iterable[Row], how: Listed) -> Iterable[Row]:
    if (since := call.since) is not None:
        # Whether the moment itself counts is UNCONFIRMED; here it does.
        rows = (row for row in rows if row["UpdatedDateUTC"] >= since)
    if where := call.query.get("where"):
        test = compiled(where, partial(how.value, call.books), partial(_offered, call.books, how))
        rows = (row for row in rows if test(row))
    if (term := call.query.get("searchterm", "").casefold()) and how.searched:
        rows = (row for row in rows if _contains(row, how.searched, term))
    if call.flag("createdbymyapp"):
        rows = (row for row in rows if row.get("_app") == call.app)
    return rows


def _offered(books: Books, how: Listed, path: str) -> bool:
    if books.habits.high_volume and how.indexed is not None and path not in how.indexed:
        raise bad_query(f"{path} is not indexed; this organisation has too many records")
    return how.has(path)


def _contains(row: Row, fields: tuple[str, ...], term: str) -> bool:
    return any(term in str(row.get(key) or "").casefold() for key in fields)


def _sorted(books: Books, rows: list[Row], order: str, how: Listed) -> list[Row]:
    for clause in reversed(order.split(",")):
        path, _, direction = clause.strip().partition(" ")
        if books.habits.high_volume and how.ordered is not None and path not in how.ordered:
            raise bad_query(f"Ordering by {path} is not offered for this organisation")
        if not how.has(path):
            raise bad_query(f"No property or field '{path}' exists")
        keys = {id(row): _sortable(how.value(books, row, path)) for row in rows}
        downwards = direction.strip().upper() in {"DESC", "DESCENDING"}
        rows = sorted(rows, key=lambda row, keys=keys: keys[id(row)], reverse=downwards)  # type: ignore[misc]
    return rows


def _sortable(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, bool | int | Decimal):
        return (1, value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (2, value) if isinstance(value, datetime) else (3, str(value).casefold())


def _page(call: Call, rows: list[Row], how: Listed) -> tuple[list[Row], Wire]:
    if not how.paged or not ({"page", "pagesize"} & set(call.query)):
        return rows, {}
    page, size = _whole(call, "page", 1), min(_whole(call, "pagesize", PAGE), LARGEST)
    pagination = {
        "page": page,
        "pageSize": size,
        "pageCount": -(-len(rows) // size),
        "itemCount": len(rows),
    }
    return rows[(page - 1) * size : page * size], {"pagination": pagination}


def _whole(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, "") or str(default)
    if not value.isdigit() or int(value) < 1:
        raise bad_query(f"The query parameter {name} must be a whole number above 0")
    return int(value)
