"""The report: rows per month and customer, every difference with its cause, and the hash."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from contracts.canonical import digest
from contracts.messages import BatchClosed
from contracts.reconciliation import (
    Disagreement,
    Figures,
    ReconciledDifference,
    ReconciledRow,
    ReconciledState,
    ReconciliationReport,
)
from contracts.topics import MAX_EVENT_BYTES
from contracts.values import EntityType
from libs.connector.errors import Rejected
from libs.connector.reconciliation.compare import Entry, Gap, Sums, money, sums
from libs.connector.reconciliation.judging import Judge, Verdict
from libs.connector.reconciliation.published import KINDS, Published
from libs.connector.reconciliation.shown import INCOMPLETE, Shown, Unread
from libs.connector.reconciliation.standing import Standing

UNSIGNED = "0" * 64
WORDS = {
    "in_flight": "on the way",
    "held": "held",
    "rejected": "rejected",
    "edited_there": "edited in the ledger and not taken in yet",
    "missing_here": "missing in the product",
    "missing_there": "missing in the ledger",
    "rounding": "rounded differently",
    "unexplained": "different without a known cause",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a report is made of. `around`: differences of other months, to explain these."""

    months: Sequence[str]
    ours: Sequence[Entry]
    shown: Shown
    said: Published
    gaps: list[Gap]
    around: list[Gap]
    judge: Judge


def report(head: Mapping[str, Any], findings: Findings) -> ReconciliationReport:
    """The report; raises Rejected where it would be larger than an event may be."""
    account = findings.judge.account
    differences = _differences(findings)
    blocking = Counter((d.cause, d.type, bool(d.follows)) for d in differences if d.blocks)
    made = ReconciliationReport(
        **head,
        company=account.company_id,
        company_name=account.company_name,
        first=findings.months[0],
        last=findings.months[-1],
        rows=tuple(_rows(findings)),
        states=tuple(_states(findings)),
        differences=tuple(differences),
        ready=not blocking,
        blockers=tuple(_blocker(n, *what) for what, n in sorted(blocking.items())),
        sha256=UNSIGNED,
    )
    return _sized(signed(made))


def failed(head: Mapping[str, Any], first: str, last: str, sentence: str) -> ReconciliationReport:
    """There is no answer, and why."""
    made = ReconciliationReport(
        **head, first=first, last=last, ready=False, problem=sentence[:4000], sha256=UNSIGNED
    )
    return signed(made)


def signed(made: ReconciliationReport) -> ReconciliationReport:
    """With its hash."""
    return made.model_copy(update={"sha256": digest(made.model_dump(mode="json"))})


def _sized(made: ReconciliationReport) -> ReconciliationReport:
    if len(made.model_dump_json()) > MAX_EVENT_BYTES:
        raise Rejected("The report is larger than an event may be: ask for fewer months at once.")
    return made


def _rows(findings: Findings) -> Iterable[ReconciledRow]:
    here = sums(findings.ours, findings.months)
    there = sums(findings.shown.entries, findings.months)
    for place in sorted(here.keys() | there.keys()):
        mine, its = here.get(place, Sums()), there.get(place, Sums())
        name = findings.said.names.get(place.customer, "")
        yield ReconciledRow(
            **place._asdict(),
            name=name,
            product=_figures(mine),
            ledger=_figures(its),
            equal=mine.equals(its),
        )


def _figures(some: Sums) -> Figures:
    plain = asdict(some)
    count = plain.pop("count")
    return Figures(count=count, **{n: a if a is None else money(a) for n, a in plain.items()})


def _states(findings: Findings) -> Iterable[ReconciledState]:
    for kind in KINDS:
        keys = [e.key for e in findings.ours if e.type is kind and e.month in findings.months]
        found = Counter(_state(findings.judge, key) for key in keys)
        if found:
            yield ReconciledState.model_validate({"type": kind, **found})


def _state(judge: Judge, key: str) -> str:
    standing = judge.standings.get(key, Standing())
    said = judge.said[key]
    if standing.dead:
        return "rejected"
    if standing.hold:
        return "held"
    if standing.skipped or (said.turned and standing.state == "absent"):
        return "skipped"
    waits = standing.busy or standing.revision < said.revision
    return "in_flight" if waits else "settled"


def _differences(findings: Findings) -> list[ReconciledDifference]:
    gaps = [*findings.gaps, *findings.around]
    verdicts = findings.judge.verdicts(gaps)
    found = [_difference(g, v) for g, v in zip(findings.gaps, verdicts, strict=False)]
    found += [_unreadable(one, findings.judge) for one in findings.shown.unread]
    return found + list(_unpublished(findings))


def _difference(gap: Gap, verdict: Verdict) -> ReconciledDifference:
    one = gap.one
    fields = gap.fields or _whole(gap)
    return ReconciledDifference(
        type=one.type,
        id=one.id,
        external_id=gap.theirs.external if gap.theirs else "",
        number=one.number,
        date=one.date,
        customer=one.customer,
        currency=one.currency,
        fields=tuple(Disagreement(path=p, product=a, ledger=b) for p, a, b in fields),
        cause=verdict.cause,
        sentence=verdict.sentence[:4000],
        action=verdict.action[:4000],
        blocks=verdict.blocks,
        follows=verdict.follows,
    )


def _whole(gap: Gap) -> tuple[tuple[str, str | None, str | None], ...]:
    """Of what one side alone has, its amount."""
    amount = format(money(gap.one.gross), "f")
    return (("gross", amount if gap.ours else None, amount if gap.theirs else None),)


def _unreadable(one: Unread, judge: Judge) -> ReconciledDifference:
    old, unbound = judge.is_old(one.key), one.key not in judge.said
    return ReconciledDifference(
        type=one.type,
        id=one.id,
        external_id=one.external,
        number=one.number,
        cause="before_connection" if old else "held",
        sentence=one.sentence[:4000],
        action=one.action[:4000],
        blocks=not (old or (unbound and one.reason == INCOMPLETE)),
    )


def _unpublished(findings: Findings) -> Iterable[ReconciledDifference]:
    """What a closed invoice batch names, and no event was ever seen of."""
    known = {key.partition("/")[2] for key in findings.said.said}
    for batch in filter(lambda b: _is_due(findings, b), findings.said.batches):
        for document in sorted(set(batch.documents) - known):
            yield ReconciledDifference(
                type=EntityType.INVOICE,
                id=document,
                date=batch.batch.made_at.date().isoformat(),
                cause="missing_there",
                sentence=f"Invoice batch {batch.batch.id} names it, and the product has never "
                "published it.",
                action="Save it in the product once more.",
                blocks=True,
            )


def _is_due(findings: Findings, batch: BatchClosed) -> bool:
    made = batch.batch.made_at
    return made >= findings.judge.account.starts_at and f"{made:%Y-%m}" in findings.months


def _blocker(n: int, cause: str, kind: EntityType, follows: bool) -> str:  # noqa: FBT001
    name = kind.replace("_", " ")
    counted = f"{n} {name} is" if n == 1 else f"{n} {name}s are"
    return f"{counted} {'out of balance: what settles it is ' if follows else ''}{WORDS[cause]}."
