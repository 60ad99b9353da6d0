"""The vendor's query language and its pages (dossier section 3); one object by its address."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from libs.connector.errors import SyncError, Unavailable, Uncertain
from libs.connector.interface import Session
from services.connectors.quickbooks_online import errors
from services.connectors.quickbooks_online.faults import fault_of
from services.connectors.quickbooks_online.mapping.wire import Raw, moment
from services.connectors.quickbooks_online.records import NAMED

PAGE, AT_ONCE = 1000, 30
COLUMNS = {"Item": "*, Sku"}
"""In some versions `*` alone does not show it (dossier section 5)."""
EVERY = "Active IN (true, false)"
CHANGED = "MetaData.LastUpdatedTime"


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of one answer, and the vendor's clock when it gave it."""

    found: Sequence[Raw]
    as_of: datetime | None


async def body_of(session: Session, path: str, params: dict[str, str]) -> Any:
    """The body of an answer; faults that come with HTTP 200 are raised like others."""
    answer = await session.get(path, params)
    fault = fault_of(answer)
    if fault is None:
        return answer.json()
    if fault.code == errors.NOT_FOUND:
        raise errors.Missing(f"QuickBooks does not have it: {fault.said}")
    raise _of_read(errors.of_call(fault, answer), fault.said, path)


def _of_read(error: SyncError | None, said: str, path: str) -> SyncError:
    if error is None or isinstance(error, Uncertain):
        return Unavailable(f"QuickBooks answered a read of {path}: {said}")
    return error


async def ask(session: Session, resource: str, condition: str = "", *, only: str = "") -> Page:
    """One page of a query; `condition` is what follows the name of the list."""
    columns = only or COLUMNS.get(resource, "*")
    text = f"select {columns} from {resource} {condition}".strip()
    body = await body_of(session, "/query", {"query": text})
    found = (body.get("QueryResponse") or {}).get(resource) or ()
    return Page(found, answered(body))


def answered(body: Raw) -> datetime | None:
    """The vendor's clock when it answered."""
    return moment(str(body["time"])) if isinstance(body.get("time"), str) else None


async def everything(
    session: Session, resource: str, since: datetime | None = None
) -> AsyncIterator[Page]:
    """Pages of all objects changed at or after a moment, oldest first.

    The next page begins at the time of the last object and not at its place: what is edited
    meanwhile moves to the end and would pull another one over the edge of a page.
    """
    at, start, seen = since, 1, set[str]()
    while True:
        page = await ask(session, resource, _condition(resource, at, start))
        fresh = [raw for raw in page.found if str(raw["Id"]) + _changed(raw) not in seen]
        if fresh:
            yield Page(fresh, page.as_of)
        if len(page.found) < PAGE:
            return
        seen |= {str(raw["Id"]) + _changed(raw) for raw in page.found}
        last = _changed(page.found[-1])
        start = 1 if last and (at is None or moment(last) > at) else start + PAGE
        at = moment(last) if last else at


async def whole(session: Session, resource: str) -> list[Raw]:
    """All objects of a list that is read at once."""
    return [raw async for page in everything(session, resource) for raw in page.found]


async def identities(session: Session, resource: str) -> list[str]:
    """The ids of all objects."""
    found: list[str] = []
    start = 1
    while True:
        where = [f"WHERE {EVERY}"] if resource in NAMED else []
        page = await ask(session, resource, " ".join([*where, _paged(start)]), only="Id")
        found += [str(raw["Id"]) for raw in page.found]
        if len(page.found) < PAGE:
            return found
        start += PAGE


async def by_id(session: Session, resource: str, ids: Iterable[str]) -> dict[str, Raw]:
    """Objects by their ids; what a query misses is asked for alone: it may lag (section 11)."""
    wanted = sorted(set(ids))
    found: dict[str, Raw] = {}
    if len(wanted) > 1:
        for some in _batched(wanted):
            page = await ask(session, resource, _named(resource, some))
            found |= {str(raw["Id"]): raw for raw in page.found}
    for identity in wanted:
        if identity not in found and (raw := await one(session, resource, identity)):
            found[identity] = raw
    return found


async def one(session: Session, resource: str, identity: str) -> Raw | None:
    """One object, None where there is none (610)."""
    try:
        body = await body_of(session, f"/{resource.lower()}/{identity}", {})
    except errors.Missing:
        return None
    shown = body.get(resource)
    return shown if shown and shown.get("status") != "Deleted" else None


def quoted(text: str) -> str:
    """A literal of a query."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def literal(at: datetime) -> str:
    """A moment as a query or a change request names it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _condition(resource: str, since: datetime | None, start: int) -> str:
    where = [EVERY] if resource in NAMED else []
    where += [f"{CHANGED} >= {quoted(literal(since))}"] if since else []
    said = [f"WHERE {' AND '.join(where)}"] if where else []
    return " ".join([*said, f"ORDERBY {CHANGED}", _paged(start)])


def _named(resource: str, ids: Sequence[str]) -> str:
    active = f" AND {EVERY}" if resource in NAMED else ""
    listed = ", ".join(quoted(one) for one in ids)
    return f"WHERE Id IN ({listed}){active} {_paged(1)}"


def _paged(start: int) -> str:
    return f"STARTPOSITION {start} MAXRESULTS {PAGE}"


def _changed(raw: Raw) -> str:
    return str((raw.get("MetaData") or {}).get("LastUpdatedTime") or "")


def _batched(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[i : i + AT_ONCE] for i in range(0, len(ids), AT_ONCE))
