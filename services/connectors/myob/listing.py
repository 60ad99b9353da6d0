"""MYOB's collections: pages, what changed since, and all there is (dossier sections 3 and 9).

Whether `LastModified` filters is confirmed for cards alone, so every look asks: where MYOB refuses
the filter, the documents of the last weeks and the open ones are listed instead.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from libs.connector.errors import Unavailable
from libs.connector.interface import Record, Session
from services.connectors.myob.mapping.wire import Raw, stamp
from services.connectors.myob.places import Source

SMALL = {"generateUris": "false"}
SIZE = {"$top": "1000"}
WEEKS_BACK = timedelta(days=42)
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a collection and how to ask for the next ones; `there`: the file has it at all."""

    items: Sequence[Raw]
    more: Mapping[str, str]
    there: bool = True


async def page(session: Session, path: str, params: Mapping[str, str]) -> Page:
    """One page of a collection."""
    answer = await session.get(path, dict(params))
    if answer.status != 200:
        return Page((), {}, there=False)
    body: Any = answer.json()
    link = str(body.get("NextPageLink") or "")
    # Only its query: the host is the file's own, which the session knows.
    return Page(body.get("Items") or (), dict(parse_qsl(urlsplit(link).query)))


async def pages(
    session: Session, path: str, params: Mapping[str, str]
) -> AsyncIterator[Sequence[Raw]]:
    """All pages that have rows."""
    first = await page(session, path, {**SIZE, **params})
    async for rows in _following(session, path, first):
        yield rows


async def _following(session: Session, path: str, found: Page) -> AsyncIterator[Sequence[Raw]]:
    while found.items:
        yield found.items
        found = await page(session, path, found.more) if found.more else Page((), {})


async def every(session: Session, path: str, *, missing_ok: bool = False) -> list[Raw]:
    """All rows of a small collection; Unavailable where the file should have it and has not."""
    first = await page(session, path, {**SIZE, **SMALL})
    if not (first.there or missing_ok):
        raise Unavailable(f"MYOB has no {path}.")
    return [raw async for rows in _following(session, path, first) for raw in rows]


async def matching(session: Session, path: str, wanted: str) -> list[Raw]:
    """The rows that fit a filter."""
    asked = {**SMALL, "$filter": wanted}
    return [raw async for rows in pages(session, path, asked) for raw in rows]


async def changes(
    session: Session, sources: Sequence[Source], since: datetime | None
) -> AsyncIterator[Sequence[Record]]:
    """Pages of several collections as one list, oldest change first."""
    streams = [_Stream(_changed(session, source, since)) for source in sources]
    for stream in streams:
        await stream.fill()
    while live := [stream for stream in streams if stream.waiting]:
        oldest = min(live, key=_Stream.head)
        others = [stream.head() for stream in live if stream is not oldest]
        yield await oldest.up_to(min(others, default=None))


class _Stream:
    """A collection that is read page by page while others are, too."""

    def __init__(self, found: AsyncIterator[Sequence[Record]]) -> None:
        self._found = found
        self.waiting: list[Record] = []

    def head(self) -> datetime:
        return self.waiting[0].updated_at or EARLIEST

    async def fill(self) -> None:
        while not self.waiting:
            try:
                self.waiting = list(await anext(self._found))
            except StopAsyncIteration:
                return

    async def up_to(self, moment: datetime | None) -> list[Record]:
        """What is not newer than the next of the other collections; at least one."""
        count = 1
        while count < len(self.waiting) and (
            moment is None or (self.waiting[count].updated_at or EARLIEST) <= moment
        ):
            count += 1
        found, self.waiting = self.waiting[:count], self.waiting[count:]
        await self.fill()
        return found


async def _changed(
    session: Session, source: Source, since: datetime | None
) -> AsyncIterator[Sequence[Record]]:
    first = await _first(session, source, since)
    async for rows in _following(session, source.path, first):
        found = [record for raw in rows if (record := source.record(raw))]
        if found:
            yield found


async def _first(session: Session, source: Source, since: datetime | None) -> Page:
    """By the moment of change, that moment included, where MYOB takes the question."""
    plain = {**SIZE, **SMALL}
    if since is None:
        return await page(session, source.path, plain)
    asked = {"$filter": f"LastModified ge {stamp(since)}", "$orderby": "LastModified"}
    try:
        return await page(session, source.path, {**plain, **asked})
    except Unavailable:
        # Is it the filter, or all of MYOB? Then this raises.
        await page(session, source.path, {**SMALL, "$top": "1"})
        return await page(session, source.path, {**plain, **_recent(source, since)})


def _recent(source: Source, since: datetime) -> dict[str, str]:
    """What may have changed: nothing older is looked at, only its removal by the census."""
    if not source.dated:
        return {}
    wanted = f"Date ge {stamp(since - WEEKS_BACK)}"
    return {"$filter": f"{wanted} or Status eq '{source.live}'" if source.live else wanted}
