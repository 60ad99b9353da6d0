"""Lists: `If-Modified-Since`, `where`, `order`, `searchTerm`, `IDs` and pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.errors import Wire, bad_query
from services.sandbox.providers.xero.table import Row, Table
from services.sandbox.providers.xero.where import compiled

PAGE = 100
LARGEST = 1000
FieldOf = Callable[[Books, Row, str], Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """How one resource may be filtered and sorted."""

    name: str
    fields: frozenset[str]
    searched: tuple[str, ...] = ()
    nested: dict[str, FieldOf] = field(default_factory=dict)
    paged: bool = True
    indexed: frozenset[str] | None = None
    ordered: frozenset[str] | None = None

    def value(self, books: Books, row: Row, path: str) -> Any:
        """A field's value; raises KeyError when the resource has no such field."""
        head, _, rest = path.partition(".")
        if rest in {"Value", "HasValue"} and head in self.fields:
            return row.get(head) if rest == "Value" else row.get(head) is not None
        if rest:
            return self.nested[head](books, row, rest)
        if head not in self.fields:
            raise KeyError(path)
        return row.get(head)


def contact_field(books: Books, row: Row, path: str) -> Any:
    """`Contact.Name` and the like of a document."""
    contact = books.contacts.get(row["_contact"]) or {}
    if path not in {"ContactID", "Name", "ContactNumber", "ContactStatus", "EmailAddress"}:
        raise KeyError(path)
    return contact.get(path)


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
        test = compiled(where, _guarded(call.books, how))
        rows = (row for row in rows if test(row))
    if (term := call.query.get("searchterm", "").casefold()) and how.searched:
        rows = (row for row in rows if _contains(row, how.searched, term))
    if call.flag("createdbymyapp"):
        rows = (row for row in rows if row.get("_app") == call.app)
    return rows


def _guarded(books: Books, how: Listed) -> Callable[[Row, str], Any]:
    def value(row: Row, path: str) -> Any:
        if books.habits.high_volume and how.indexed is not None and path not in how.indexed:
            raise bad_query(f"{path} is not indexed; this organisation has too many records")
        return how.value(books, row, path)

    return value


def _contains(row: Row, fields: tuple[str, ...], term: str) -> bool:
    return any(term in str(row.get(key) or "").casefold() for key in fields)


def _sorted(books: Books, rows: list[Row], order: str, how: Listed) -> list[Row]:
    for clause in reversed(order.split(",")):
        path, _, direction = clause.strip().partition(" ")
        if books.habits.high_volume and how.ordered is not None and path not in how.ordered:
            raise bad_query(f"Ordering by {path} is not offered for this organisation")
        try:
            keys = {id(row): _sortable(how.value(books, row, path)) for row in rows}
        except KeyError:
            raise bad_query(f"No property or field '{path}' exists") from None
        downwards = direction.strip().upper() in {"DESC", "DESCENDING"}
        rows = sorted(rows, key=lambda row, keys=keys: keys[id(row)], reverse=downwards)  # type: ignore[misc]
        if not rows and path.partition(".")[0] not in {*how.fields, *how.nested}:
            raise bad_query(f"No property or field '{path}' exists")
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
