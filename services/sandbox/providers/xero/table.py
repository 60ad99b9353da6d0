"""Tables of immutable rows with indexes and undo: what a simulated company remembers."""

from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
"""A record inside the simulator: Xero's own field names, typed values; keys of ours begin with _"""

KeyOf = Callable[[Row], str | None]
Undo = list[tuple["Table", str, Row | None]]


class Table:
    """Rows by id, in the order they were made. A row is never changed, only replaced."""

    def __init__(self, key: str, undo: Undo, indexes: dict[str, KeyOf] | None = None) -> None:
        self.key = key
        self.rows: dict[str, Row] = {}
        self._undo = undo
        self._key_of = indexes or {}
        self._index: dict[str, dict[str, dict[str, None]]] = {name: {} for name in self._key_of}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, id_: object) -> Row | None:
        """By id, without regard to case."""
        return self.rows.get(str(id_).lower())

    def find(self, index: str, key: str) -> list[Row]:
        """Rows whose indexed key is this one."""
        return [self.rows[id_] for id_ in self._index[index].get(key, ())]

    def put(self, row: Row) -> Row:
        """Store a new row or replace one."""
        id_ = row[self.key]
        self._undo.append((self, id_, self.rows.get(id_)))
        self.set(id_, row)
        return row

    def remove(self, row: Row) -> None:
        """Let it vanish."""
        self._undo.append((self, row[self.key], row))
        self.set(row[self.key], None)

    def set(self, id_: str, row: Row | None) -> None:
        """Put or remove without remembering how to undo it."""
        before = self.rows.get(id_)
        for name, key_of in self._key_of.items():
            self._reindex(self._index[name], id_, before and key_of(before), row and key_of(row))
        if row is None:
            self.rows.pop(id_, None)
        else:
            self.rows[id_] = row

    @staticmethod
    def _reindex(
        index: dict[str, dict[str, None]], id_: str, before: object, after: object
    ) -> None:
        if before == after:
            return
        if isinstance(before, str) and before in index:
            index[before].pop(id_, None)
        if isinstance(after, str):
            index.setdefault(after, {})[id_] = None
