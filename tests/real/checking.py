"""What must be true in the end, each expectation named: outcomes, books, accounts, duplicates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.flows.world import World
from tests.real.data import WHOLE, ZERO, Data, Wanted
from tests.real.ledgers import Ledger, Shown, documents
from tests.real.tapping import Told

EXAMPLES = 5
Row = Mapping[str, Any]
Sums = dict[tuple[str, str, str], tuple[int, Decimal, Decimal, Decimal]]


@dataclass(slots=True)
class Verdict:
    """The expectations that were tried, and those that failed with what was found instead."""

    tried: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def expect(self, what: str, wrong: Iterable[object] | None) -> None:
        """It holds where nothing is wrong; some of what is wrong is kept."""
        self.tried.append(what)
        found = list(wrong or ())
        if found:
            shown = "; ".join(map(str, found[:EXAMPLES]))
            more = f" and {len(found) - EXAMPLES} more" if len(found) > EXAMPLES else ""
            self.failed[what] = f"{shown}{more}"

    def equal(self, what: str, found: object, wanted: object) -> None:
        self.expect(what, [] if found == wanted else [f"{found}, not {wanted}"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must become of the documents: those that go in, and those that are held and why."""

    there: dict[str, Wanted]
    held: dict[str, str]


def wanted(data: Data, ledger: Ledger) -> Outcome:
    """Only a document with more lines than the vendor takes may be held."""
    most = ledger.most_lines
    held = {n: "too-large" for n, one in data.documents.items() if most and one.lines > most}
    return Outcome({n: one for n, one in data.documents.items() if n not in held}, held)


def check_data(verdict: Verdict, data: Data, *, whole: bool) -> None:
    """The file is the one that is meant."""
    if whole:
        for what, known in WHOLE.items():
            verdict.equal(f"the file: {what}", data.counts[what], known)


def check_lanes(verdict: Verdict, lanes: Sequence[Row], data: Data, outcome: Outcome) -> None:
    """Every record has settled, or is held for the reason that was expected."""
    kinds = Counter(lane["type"] for lane in lanes)
    verdict.equal("a lane for each contact", kinds["contact"], len(data.customers))
    verdict.equal("a lane for each item", kinds["item"], len(data.items))
    known = {lane["id"] for lane in lanes if lane["type"] in {"invoice", "credit_note"}}
    verdict.expect("a lane for each document", sorted(data.documents.keys() ^ known))
    verdict.expect("nothing is dead", (_told(lane) for lane in lanes if lane["dead"]))
    stopped = {lane["id"]: lane for lane in lanes if lane["hold"]}
    verdict.expect(
        "what is held is what was expected, with that reason",
        (_told(lane) for name, lane in stopped.items() if lane["hold"] != outcome.held.get(name)),
    )
    verdict.expect("what was expected to be held is", sorted(outcome.held.keys() - stopped.keys()))
    loose = [one for one in lanes if one["state"] != "bound" and not (one["hold"] or one["dead"])]
    verdict.expect("everything else is bound", map(_told, loose))
    kinds = Counter(lane["type"] for lane in lanes if lane["state"] == "bound")
    for kind in ("invoice", "credit_note"):
        there = sum(one.kind == kind for one in outcome.there.values())
        verdict.equal(f"{kind.replace('_', ' ')}s that went in", kinds[kind], there)


def _told(lane: Row) -> str:
    why = lane["hold_sentence"] or lane["state"]
    return f"{lane['type']} {lane['id']}: {lane['hold'] or 'no hold'} ({why})"


def check_told(verdict: Verdict, told: Told) -> None:
    """Nobody works in the ledger: whatever seems to come from there is an echo taken for news."""
    verdict.expect("nothing came back as a bookkeeper's edit", told.foreign)


async def check_books(
    verdict: Verdict, world: World, ledger: Ledger, data: Data, outcome: Outcome
) -> None:
    """The ledger's raw documents against the file, and its accounts against both."""
    found, people, items = await documents(world, ledger)
    alive = [one for one in found if one.alive]
    verdict.expect("nothing was voided or deleted", (o.number for o in found if not o.alive))
    _check_once(verdict, "document", (f"{one.kind} {one.number}" for one in alive))
    names = {one.who for one in data.documents.values()}
    ours = [name for name in people if name in names]
    _check_once(verdict, "customer", ours)
    verdict.expect("every customer is there", sorted(names - set(ours)))
    codes = [code for code in items if code in data.items]
    _check_once(verdict, "item", codes)
    verdict.expect("every item is there", sorted(data.items - set(codes)))
    there = {one.number: one for one in alive}
    verdict.expect("every document that went in is there", sorted(outcome.there.keys() - there))
    verdict.expect("nothing else is there", sorted(there.keys() - outcome.there))
    verdict.expect("each document is equal", _differences(there, outcome.there))
    ours_, theirs = _sums(outcome.there.values()), _sums(alive)
    verdict.expect(
        "sums of each customer, month and kind, to the cent",
        (
            f"{key}: {theirs.get(key)}, not {ours_.get(key)}"
            for key in sorted(ours_.keys() | theirs.keys())
            if ours_.get(key) != theirs.get(key)
        ),
    )
    await _check_accounts(verdict, world, ledger, outcome)
    await _check_journal(verdict, world, alive)


def _check_once(verdict: Verdict, what: str, names: Iterable[str]) -> None:
    twice = [f"{name}: {n}" for name, n in Counter(names).items() if n > 1]
    verdict.expect(f"no {what} is there twice", twice)


def _differences(there: Mapping[str, Shown], wanted: Mapping[str, Wanted]) -> list[str]:
    fields = ("kind", "who", "day", "lines", "net", "tax", "gross")
    return [
        f"{number} {name}: {getattr(there[number], name)}, not {getattr(one, name)}"
        for number, one in wanted.items()
        for name in fields
        if number in there and getattr(there[number], name) != getattr(one, name)
    ]


def _sums(documents: Iterable[Wanted | Shown]) -> Sums:
    found: Sums = defaultdict(lambda: (0, ZERO, ZERO, ZERO))
    for one in documents:
        key = (one.who, one.day[:7], one.kind)
        count, net, tax, gross = found[key]
        found[key] = (count + 1, net + one.net, tax + one.tax, gross + one.gross)
    return dict(found)


async def _check_accounts(verdict: Verdict, world: World, ledger: Ledger, outcome: Outcome) -> None:
    url = f"{world.control}/companies/{world.company}/trial-balance"
    trial = (await world.http.get(url)).json()
    verdict.equal("debits are credits", Decimal(trial["debit"]), Decimal(trial["credit"]))
    owed = sum(
        (
            Decimal(one["debit"]) - Decimal(one["credit"])
            for one in trial["accounts"]
            if one["name"] == ledger.receivable
        ),
        ZERO,
    )
    signs = {"invoice": 1, "credit_note": -1}
    all_ = sum((signs[one.kind] * one.gross for one in outcome.there.values()), ZERO)
    verdict.equal("receivables are all invoices less all credit notes", owed, all_)


async def _check_journal(verdict: Verdict, world: World, alive: list[Shown]) -> None:
    """A document that was made once and never changed has posted once; one of nothing never."""
    url = f"{world.control}/companies/{world.company}/journal"
    entries = (await world.http.get(url)).json()["entries"]
    posted = Counter(entry["document"] for entry in entries)
    wrong = [
        f"{one.kind} {one.number}: {posted[one.id]} entries"
        for one in alive
        if posted[one.id] != (1 if one.gross else 0) and (one.gross or posted[one.id] > 1)
    ]
    verdict.expect("each document was posted once", wrong)
    known = {one.id for one in alive}
    verdict.expect("nothing else was posted", sorted(posted.keys() - known))
