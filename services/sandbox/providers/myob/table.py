"""Tables of immutable rows with indexes and undo: what a simulated company file remembers."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime

from services.sandbox.providers.myob.fields import Row, Spec

KeysOf = Callable[[Row], tuple[str, ...]]
Undo = list[tuple["Table", str, Row | None]]
SLACK = 1000


class Table:
    """Rows by UID in the order they were made. A row is never changed, only replaced."""

    def __init__(self, spec: Spec, undo: Undo, indexes: dict[str, KeysOf]) -> None:
        self.spec = spec
        self.rows: dict[str, Row] = {}
        self._undo = undo
        self._keys_of = indexes
        self._index: dict[str, dict[str, dict[str, None]]] = {name: {} for name in indexes}
        self._changes: list[tuple[datetime, str]] = []

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, uid: object) -> Row | None:
        """By UID, without regard to case."""
        return self.rows.get(str(uid).lower())

    @property
    def indexes(self) -> frozenset[str]:
        """The fields that are found without a scan."""
        return frozenset(self._index)

    def find(self, index: str, key: str) -> list[Row]:
        """Rows one of whose indexed keys is this."""
        return [self.rows[uid] for uid in self._index[index].get(key, ())]

    def holds(self, index: str, key: str) -> bool:
        """Is there such a row?"""
        return bool(self._index[index].get(key))

    def changed_since(self, moment: datetime) -> list[Row]:
        """Rows last modified at the moment or later, by the time of their change."""
        start = bisect_left(self._changes, (moment, ""))
        found: dict[str, Row] = {}
        for at, uid in self._changes[start:]:
            row = self.rows.get(uid)
            # What changed again since stands further on in the list.
            if row is not None and row["LastModified"] == at:
                found[uid] = row
        return list(found.values())

    def put(self, row: Row) -> Row:
        """Store a new row or replace one."""
        uid = row["UID"]
        self._undo.append((self, uid, self.rows.get(uid)))
        self.set(uid, row)
        return row

    def remove(self, row: Row) -> None:
        """Let it vanish."""
        self._undo.append((self, row["UID"], row))
        self.set(row["UID"], None)

    def set(self, uid: str, row: Row | None) -> None:
        """Put or remove without remembering how to undo it."""
        before = self.rows.get(uid)
        for name, keys_of in self._keys_of.items():
            old = keys_of(before) if before is not None else ()
            new = keys_of(row) if row is not None else ()
            if old != new:
                self._reindex(self._index[name], uid, old, new)
        if row is None:
            self.rows.pop(uid, None)
            return
        self.rows[uid] = row
        if "LastModified" in row:
            insort(self._changes, (row["LastModified"], uid))
            if len(self._changes) > 2 * len(self.rows) + SLACK:
                self._changes = sorted({(one["LastModified"], one["UID"]) for one in self})

    @staticmethod
    def _reindex(
        index: dict[str, dict[str, None]], uid: str, old: tuple[str, ...], new: tuple[str, ...]
    ) -> None:
        for key in old:
            found = index.get(key)
            if found is not None:
                found.pop(uid, None)
                if not found:
                    del index[key]
        for key in new:
            index.setdefault(key, {})[uid] = None
