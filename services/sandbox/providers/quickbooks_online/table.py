"""Tables of immutable rows with indexes by key and by time of change, and undo."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

Row = dict[str, Any]
"""A record inside the simulator: the vendor's field names, typed values; ours begin with _."""

KeyOf = Callable[[Row], str | None]
Undo = list[tuple["Table", str, Row | None]]
Change = tuple[datetime, int, str]


def own_id(row: Row | None) -> str | None:
    """The id of a row, if there is one."""
    return None if row is None else str(row["Id"])


class Table:
    """Rows by id in the order they were made; replaced, never changed; deleted ones are kept."""

    def __init__(self, name: str, undo: Undo, indexes: dict[str, KeyOf] | None = None) -> None:
        self.name = name
        self.rows: dict[str, Row] = {}
        self.live = 0
        self._undo = undo
        self._key_of = indexes or {}
        self._index: dict[str, dict[str, dict[str, None]]] = {key: {} for key in self._key_of}
        self._log: list[Change] = []

    def __iter__(self) -> Iterator[Row]:
        return (row for row in self.rows.values() if not row.get("_deleted"))

    def get(self, id_: object) -> Row | None:
        """By id; None for a deleted one."""
        row = self.rows.get(str(id_))
        return None if row is None or row.get("_deleted") else row

    def indexed(self, index: str) -> bool:
        """Is there an index of this name?"""
        return index in self._index

    def find(self, index: str, key: str) -> list[Row]:
        """Live rows whose indexed key is this one."""
        return [self.rows[id_] for id_ in self._index[index].get(key, ())]

    def put(self, row: Row) -> Row:
        """Store a new row or replace one."""
        id_ = row["Id"]
        self._undo.append((self, id_, self.rows.get(id_)))
        self.set(id_, row)
        return row

    def set(self, id_: str, row: Row | None) -> None:
        """Put or remove without remembering how to undo it."""
        before = self.rows.get(id_)
        was = before if before and not before.get("_deleted") else None
        now = row if row and not row.get("_deleted") else None
        self.live += bool(now) - bool(was)
        for name, key_of in self._key_of.items():
            self._reindex(self._index[name], id_, was and key_of(was), now and key_of(now))
        if row is None:
            self.rows.pop(id_, None)
        else:
            self.rows[id_] = row
            self._remember(row)

    def changed(self, since: datetime | None = None) -> Iterator[Row]:
        """Rows changed at or after a moment, deleted ones too, oldest change first."""
        start = 0 if since is None else bisect_left(self._log, (since, -1, ""))
        for _, number, id_ in self._log[start:]:
            row = self.rows.get(id_)
            if row is not None and row["_n"] == number:
                yield row

    def _remember(self, row: Row) -> None:
        change = (row["_at"], row["_n"], row["Id"])
        if not self._log or change > self._log[-1]:
            self._log.append(change)
        elif self._log[min(bisect_left(self._log, change), len(self._log) - 1)] != change:
            insort(self._log, change)
        if len(self._log) > 2 * len(self.rows) + 256:
            self._log = sorted((r["_at"], r["_n"], r["Id"]) for r in self.rows.values())

    @staticmethod
    def _reindex(
        index: dict[str, dict[str, None]], id_: str, before: object, after: object
    ) -> None:
        if before == after:
            return
        if isinstance(before, str) and before in index:
            index[before].pop(id_, None)
            if not index[before]:
                del index[before]
        if isinstance(after, str):
            index.setdefault(after, {})[id_] = None
