"""The double-entry core every simulated document posts to: balanced entries and a trial balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


class UnbalancedError(Exception):
    """An entry whose debits and credits differ; a bug of the simulator, never of its caller."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: a debit when `amount` is positive, else a credit."""

    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """Balanced lines that one document posted at one moment."""

    at: datetime
    document: str
    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """What one account stands at: its total on the heavier side, zero on the other."""

    account: str
    debit: Decimal
    credit: Decimal


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """One line per account, zero lines left out."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, ZERO) + line.amount
    return tuple(Line(account, amount) for account, amount in sums.items() if amount)


class Ledger:
    """An append-only journal of balanced entries over accounts named by their ids."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._of_document: dict[str, list[Entry]] = {}
        self._balances: dict[str, Decimal] = {}

    def post(self, at: datetime, document: str, kind: str, lines: Iterable[Line]) -> Entry | None:
        """Append one entry; lines of the same account are summed, zero lines left out.

        Returns None when nothing is left to post. Raises UnbalancedError when it does not balance.
        """
        kept = merged(lines)
        gap = sum((line.amount for line in kept), ZERO)
        if gap:
            raise UnbalancedError(f"{kind} of {document} is out by {gap}")
        if not kept:
            return None
        entry = Entry(at, document, kind, kept)
        self._append(entry)
        return entry

    def reverse(self, at: datetime, entry: Entry | None, kind: str) -> None:
        """Append the opposite of an entry posted before."""
        if entry is not None:
            lines = [Line(line.account, -line.amount) for line in entry.lines]
            self.post(at, entry.document, kind, lines)

    def entries(self, document: str | None = None) -> list[Entry]:
        """The whole journal in order, or what one document posted."""
        return self._entries[:] if document is None else self._of_document.get(document, [])[:]

    def trial_balance(self) -> list[Balance]:
        """Every account that was ever posted to, in the order of its first entry."""
        return [
            Balance(account, max(amount, ZERO), max(-amount, ZERO))
            for account, amount in self._balances.items()
        ]

    def balance(self, account: str) -> Decimal:
        """Debits less credits of one account."""
        return self._balances.get(account, ZERO)

    def mark(self) -> int:
        """A point to which `rollback` can return."""
        return len(self._entries)

    def rollback(self, mark: int) -> None:
        """Forget what was posted after the mark, as if it had never been asked for."""
        while len(self._entries) > mark:
            entry = self._entries.pop()
            self._of_document[entry.document].pop()
            for line in entry.lines:
                self._balances[line.account] -= line.amount

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._of_document.setdefault(entry.document, []).append(entry)
        for line in entry.lines:
            self._balances[line.account] = self._balances.get(line.account, ZERO) + line.amount
