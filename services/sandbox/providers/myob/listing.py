"""Collections: `$filter`, `$orderby`, `$top`, `$skip`, `Count` and `NextPageLink`."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cmp_to_key
from typing import Any
from urllib.parse import urlencode

from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.dates import midnight
from services.sandbox.providers.myob.errors import Wire, bad_query
from services.sandbox.providers.myob.fields import Row, Spec
from services.sandbox.providers.myob.odata import compiled
from services.sandbox.providers.myob.showing import filters, type_of, value_of

PAGE = 400
LARGEST = 1000


def listed(
    call: Call, table: str, spec: Spec, keep: Callable[[Row], bool] | None = None
) -> tuple[list[Row], Wire]:
    """The rows of one page, and the frame they are answered in."""
    return paged(call, matching(call, table, spec, keep))


def matching(
    call: Call, table: str, spec: Spec, keep: Callable[[Row], bool] | None = None
) -> list[Row]:
    """Every row the filter lets through, in the order asked for."""
    rows: Iterable[Row] = call.books.tables[table]
    if text := call.query.get("$filter"):
        chosen = compiled(text, call.books, table, spec)
        if chosen.plan is not None:
            rows = chosen.plan(call.books.tables[table])
        rows = filter(chosen.test, rows)
    kept = [row for row in rows if keep is None or keep(row)]
    if order := call.query.get("$orderby"):
        kept = _sorted(call, kept, order, table, spec)
    return kept


def paged(call: Call, kept: list[Row]) -> tuple[list[Row], Wire]:
    """One page of them, `Count` and the link to the next."""
    top, skip = min(_whole(call, "$top", PAGE), LARGEST), _whole(call, "$skip", 0)
    page = kept[skip : skip + top]
    more = top and skip + top < len(kept)
    return page, {
        "NextPageLink": _next(call, top, skip + top) if more else None,
        "Count": len(kept),
    }


def _next(call: Call, top: int, skip: int) -> str:
    """On the origin that was asked."""
    query = {**call.query, "$top": str(top), "$skip": str(skip)}
    return f"{call.address}?{urlencode(query, safe='$')}"


def _whole(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal():
        raise bad_query(f"{name} must be a whole number, 0 or above")
    return int(text)


def _sorted(call: Call, rows: list[Row], order: str, table: str, spec: Spec) -> list[Row]:
    for clause in reversed(order.split(",")):
        name, _, direction = clause.strip().partition(" ")
        path = name.split("/")
        known = filters(call.books, table, path[0]) and type_of(spec, path)
        if not known or direction.strip().lower() not in {"", "asc", "desc"}:
            raise bad_query(f"$orderby cannot use '{clause.strip()}'")
        keys = {row["UID"]: _sortable(value_of(call.books, spec, row, path)) for row in rows}
        rows = sorted(
            rows,
            key=cmp_to_key(lambda a, b, keys=keys: _compared(keys[a["UID"]], keys[b["UID"]])),  # type: ignore[misc]
            reverse=direction.strip().lower() == "desc",
        )
    return rows


def _sortable(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return midnight(value)
    return value


def _compared(left: Any, right: Any) -> int:
    """Nothing comes before something."""
    if left is None or right is None:
        return int(left is not None) - int(right is not None)
    return int(left > right) - int(left < right)
