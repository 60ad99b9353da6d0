"""Queries over the tables: indexes first, then conditions, order and page."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.dates import read_moment
from services.sandbox.providers.quickbooks_online.errors import Wire, bad_query
from services.sandbox.providers.quickbooks_online.indexes import name_key
from services.sandbox.providers.quickbooks_online.kinds import kind_named
from services.sandbox.providers.quickbooks_online.query import Condition, Query, read_query
from services.sandbox.providers.quickbooks_online.rendering import shown
from services.sandbox.providers.quickbooks_online.table import Row, Table

CHANGED = "MetaData.LastUpdatedTime"
MOMENTS = {CHANGED: "_at", "MetaData.CreateTime": "_made"}
FOLDED = frozenset({"DisplayName", "Name", "PrimaryEmailAddr"})
ALWAYS = ("domain", "sparse", "Id", "SyncToken", "MetaData")
UNTIMED = datetime.min.replace(tzinfo=UTC)
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
    "<=": lambda a, b: bool(a <= b),
    ">=": lambda a, b: bool(a >= b),
}
Test = Callable[[Row], bool]


def answer(call: Call, text: str) -> Wire:
    """The `QueryResponse` of a query; raises Invalid."""
    query = read_query(text, ascii_only=call.books.habits.ascii_queries)
    kind = kind_named(query.entity)
    if kind is None:
        raise bad_query("4001", f"Invalid context declaration: {query.entity}")
    rows = _chosen(call, kind, query)
    if query.count:
        return {"totalCount": sum(1 for _ in rows)}
    if query.order and not _follows_changes(call, kind, query):
        rows = _sorted(call, kind, query, list(rows))
    page = list(islice(rows, query.start - 1, query.start - 1 + query.limit))
    if not page:
        return {}
    found = [_projected(call, query, shown(call.books, kind, row)) for row in page]
    place = {"startPosition": query.start, "maxResults": len(found), "totalCount": len(found)}
    return {kind.name: found, **place}


def _projected(call: Call, query: Query, wire: Wire) -> Wire:
    if query.fields:
        wanted = {path.split(".")[0] for path in query.fields}
        kept = {key: wire[key] for key in wire if key in wanted or key in ALWAYS}
        return {**kept, "sparse": True}
    hidden = query.entity.lower() == "item" and call.books.habits.sku_hidden
    if hidden and not any(name.lower() == "sku" for name in query.also):
        wire.pop("Sku", None)
    return wire


def _chosen(call: Call, kind: Kind, query: Query) -> Iterable[Row]:
    tests = [_test(call, kind, one) for one in query.where]
    if kind.listed and not any(one.path == "Active" for one in query.where):
        tests.append(lambda row: bool(row.get("Active", True)))
    if lag := call.books.habits.query_lag_seconds:
        horizon = call.books.clock.now() - timedelta(seconds=lag)
        tests.append(lambda row: bool(row["_moment"] <= horizon))
    rows = call.visible(kind.name, _candidates(call, kind, query))
    return (row for row in rows if all(test(row) for test in tests))


def _candidates(call: Call, kind: Kind, query: Query) -> Iterable[Row]:
    """The narrowest set of rows an index gives, in the order they were made or changed."""
    table = call.books.tables[kind.name]
    narrow = _narrow(table, query)
    if narrow is not None:
        return narrow
    for one in query.where:
        if one.path == CHANGED and one.operator in {">", ">=", "="}:
            since = read_moment(one.values[0])
            return (row for row in table.changed(since) if not row.get("_deleted"))
    if query.order == [(CHANGED, False)]:
        return (row for row in table.changed() if not row.get("_deleted"))
    return table


def _narrow(table: Table, query: Query) -> list[Row] | None:
    """Rows by id, name, number or owner; None when no condition names one."""
    for one in query.where:
        if one.operator not in {"=", "IN"}:
            continue
        if one.path == "Id":
            return [row for value in dict.fromkeys(one.values) if (row := table.get(value))]
        if table.indexed(one.path):
            fold = one.path in FOLDED
            keys = dict.fromkeys(name_key(value) if fold else value for value in one.values)
            return [row for key in keys for row in table.find(one.path, key)]
    return None


def _follows_changes(call: Call, kind: Kind, query: Query) -> bool:
    """Are the candidates in the wanted order already? Then a page needs no look at the rest."""
    unordered = _narrow(call.books.tables[kind.name], query) is not None
    return query.order == [(CHANGED, False)] and not unordered


def _test(call: Call, kind: Kind, one: Condition) -> Test:
    """One condition as a function; raises Invalid (4001) for what cannot be asked."""
    read = _reader(call, kind, one.path)
    sort = _sort(call, kind, one.path)
    if one.operator == "LIKE":
        pattern = re.compile(
            ".*".join(re.escape(part) for part in one.values[0].casefold().split("%")), re.DOTALL
        )
        return lambda row: bool(pattern.fullmatch(str(read(row) or "").casefold()))
    values = [_typed(sort, one.path, value) for value in one.values]
    if one.operator == "IN":
        return lambda row: _plain(sort, read(row)) in values
    compare = COMPARED[one.operator]
    return lambda row: (value := _plain(sort, read(row))) is not None and compare(value, values[0])


def _sort(call: Call, kind: Kind, path: str) -> str:
    if path in MOMENTS:
        return "moment"
    if path == "PrivateNote" and call.books.habits.note_is_filterable:
        return "text"
    if path not in kind.filters:
        raise bad_query("4001", f"Property {path} not found for Entity {kind.name}")
    if path == "Id" and call.books.habits.id_compares_as == "number":
        return "number"
    sort = kind.filters[path]
    if sort == "computed":
        return "number" if "Balance" in path else "folded"
    return "folded" if path in FOLDED else sort


def _reader(call: Call, kind: Kind, path: str) -> Callable[[Row], Any]:
    if path in MOMENTS:
        return lambda row: row[MOMENTS[path]]
    if kind.filters.get(path) == "computed":
        return lambda row: shown(call.books, kind, row).get(path)
    if path[-3:] == "Ref":
        return lambda row: (row.get(path) or {}).get("value")
    inner = kind.filters.get(path)
    if inner in {"Address", "FreeFormNumber"}:
        return lambda row: (row.get(path) or {}).get(inner)
    return lambda row: row.get(path)


def _typed(sort: str, path: str, value: str) -> Any:
    if sort == "moment":
        moment = read_moment(value)
        if moment is None:
            raise bad_query("4001", f"{path}: {value} is no date and time")
        return moment
    try:
        return _plain(sort, value)
    except InvalidOperation:
        raise bad_query("4001", f"{path}: {value} is no number") from None


def _plain(sort: str, value: Any) -> Any:
    if value is None or sort == "moment":
        return value
    if sort == "number":
        return Decimal(str(value))
    if sort == "bool":
        return str(value).lower()
    return str(value).casefold() if sort in {"folded", "Address"} else str(value)


def _sorted(call: Call, kind: Kind, query: Query, rows: list[Row]) -> list[Row]:
    for path, down in reversed(query.order):
        read, sort = _reader(call, kind, path), _sort(call, kind, path)
        empty: Any = {"number": Decimal("-Infinity"), "moment": UNTIMED}.get(sort, "")
        keys = {row["Id"]: _plain(sort, read(row)) for row in rows}
        keys = {id_: empty if key is None else key for id_, key in keys.items()}
        rows.sort(key=lambda row, keys=keys: keys[row["Id"]], reverse=down)  # type: ignore[misc]
    return rows
