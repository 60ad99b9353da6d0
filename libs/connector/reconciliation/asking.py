"""A reconciliation from the question to the report."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.messages import Reconcile
from contracts.reconciliation import ReconciliationReport
from libs.connector import connections
from libs.connector.errors import Rejected
from libs.connector.kernel import Desk
from libs.connector.reconciliation import published, shown
from libs.connector.reconciliation.compare import Entry, Gap, compare, within
from libs.connector.reconciliation.judging import Judge
from libs.connector.reconciliation.published import KINDS, Published
from libs.connector.reconciliation.reporting import Findings, report
from libs.connector.reconciliation.shown import Names, Shown, Unread
from libs.connector.reconciliation.standing import committed, standings
from libs.messaging.logs import LogReader
from libs.service.database import Connection

LONGEST = 36
"""Months of one reconciliation."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, read one after the other; neither from the other."""

    said: Published
    shown: Shown
    names: Names
    opened_at: datetime

    def is_old(self, entry: Entry | Unread) -> bool:
        """Whether the ledger had it before the connection, and nobody has touched it since."""
        record = self.shown.records.get(entry.key)
        moment = record.updated_at if record else None
        unbound = not self.names.is_bound(entry.type, entry.external)
        return unbound and moment is not None and moment < self.opened_at


async def reconcile(
    db: Connection, desk: Desk, reader: LogReader, question: Reconcile, head: dict[str, Any]
) -> ReconciliationReport:
    """The report; raises an error of the tree where the ledger cannot be asked."""
    months = months_of(question.first, question.last)
    sides = await _read(db, desk, reader)
    ours = sides.said.entries()
    _join(ours, sides)
    every = compare(ours, sides.shown.entries)
    if doubted := _doubted(within(every, months), sides):
        await shown.again(db, desk, sides.names, sides.shown, doubted)
        every = compare(ours, sides.shown.entries)
    # What cannot be read is there all the same: it is named once, with the reason.
    unread = {one.key for one in sides.shown.unread}
    gaps = [g for g in within(every, months) if g.theirs or g.one.key not in unread]
    around = _around(every, gaps)
    keys = {g.one.key for g in (*gaps, *around)} | {e.key for e in ours if e.month in months}
    keys |= unread
    judge = await _judge(db, desk, reader, sides, keys)
    findings = Findings(months, ours, sides.shown, sides.said, gaps, around, judge)
    return report({**head, "command": question.id}, findings)


async def _read(db: Connection, desk: Desk, reader: LogReader) -> Sides:
    account = desk.account
    kinds = [kind for kind in KINDS if kind in desk.kernel.provider.entities]
    others = await connections.other_scopes(db, account)
    said = await published.read(reader, db, account, others)
    there, names = await shown.read(db, desk, kinds)
    opened = await db.fetchval("select opened_at from connection where id = $1", account.id)
    return Sides(said, there, names, opened)


def _join(ours: Sequence[Entry], sides: Sides) -> None:
    """What both sides had before the connection is bound to nothing; its number tells which."""
    bound = {f"{kind}/{one}" for (kind, _), one in sides.names.bound.items()}
    free = Counter((e.type, e.number) for e in ours if e.number and e.key not in bound)
    named = {(e.type, e.number): e for e in ours if e.key not in bound}
    old = [e for e in sides.shown.entries if e.net is not None and sides.is_old(e)]
    there = Counter((e.type, e.number) for e in old)
    joined: dict[str, Entry] = {}
    for entry in old:
        pair = (entry.type, entry.number)
        if free[pair] == there[pair] == 1:
            joined[entry.key] = named[pair]
            record = sides.shown.records[entry.key]
            sides.shown.records[named[pair].key] = record
    sides.shown.entries = [
        replace(e, id=joined[e.key].id) if e.key in joined else e for e in sides.shown.entries
    ]


def _doubted(gaps: Sequence[Gap], sides: Sides) -> list[Entry | Unread]:
    """What may only look different, as it was listed: money, and what could not be read."""
    theirs = [gap.theirs for gap in gaps if gap.theirs and gap.theirs.type in shown.MONEY]
    money = [entry for entry in theirs if not sides.is_old(entry)]
    return [*money, *(one for one in sides.shown.unread if not sides.is_old(one))]


def _around(every: Sequence[Gap], gaps: Sequence[Gap]) -> list[Gap]:
    """Differences of other months that settle something of these."""
    inside, keys = {id(gap) for gap in gaps}, {gap.one.key for gap in gaps}
    return [
        gap
        for gap in every
        if id(gap) not in inside and any(not keys.isdisjoint(e.settles) for e in gap.entries)
    ]


async def _judge(
    db: Connection, desk: Desk, reader: LogReader, sides: Sides, keys: Collection[str]
) -> Judge:
    provider = desk.kernel.provider
    filed = await committed(reader, provider.id)
    hold = await db.fetchval(
        "select case when held_until > now() then hold else '' end from connection where id = $1",
        desk.account.id,
    )
    return Judge(
        desk.account,
        provider.name,
        sides.opened_at,
        sides.said.said,
        await standings(db, desk.account.id, keys),
        sides.shown.records,
        filed,
        hold,
    )


def months_of(first: str, last: str) -> list[str]:
    """Every month from the first to the last; raises Rejected where that is no period."""
    (year, month), end = map(int, first.split("-")), tuple(map(int, last.split("-")))
    found: list[str] = []
    while (year, month) <= end and len(found) <= LONGEST:
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if not 0 < len(found) <= LONGEST:
        raise Rejected(f"A period has 1 to {LONGEST} months, the earlier one first.")
    return found
