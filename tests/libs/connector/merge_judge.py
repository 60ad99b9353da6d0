"""What must hold of every run: both sides equal, no edit lost in silence, no echo, few writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from libs.connector.agreed import Side, Write
from libs.connector.flat import State, elements
from libs.connector.threeway import touched, unit
from tests.libs.connector.merge_lane import Connector
from tests.libs.connector.merge_sides import (
    Event,
    Lane,
    Product,
    Wrong,
    leaf,
    normal,
    show,
    token,
    tokens,
)

SIDES: dict[str | None, int] = {"product": 0, "ledger": 1}


@dataclass
class Edit:
    """Somebody's edit: the values written, and those that stood there before."""

    who: str
    kind: str
    tokens: set[int]
    saw: set[int]
    at: str


class Judge:
    """Judges by what the sides did, never by what the merge thinks."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.connectors: dict[str, Connector] = {}
        self.decisions: set[tuple[str, int, Side]] = set()
        self.misjudged = False
        self.product: Product

    # while it runs

    def judge_event(self, c: Connector, event: Event) -> None:
        if event.number != sum(e.rid == event.rid for e in c.journal):
            raise Wrong("numbers do not rise by one")
        changes = touched(event.before, event.after)
        if not changes and not event.conflicts:
            raise Wrong("an echo is published as a change")
        self._judge_decision(c, event)
        self._judge_values(c, event, changes)
        if not self.product.mute and not self.misjudged:
            self._judge_conflicts(event)

    def _judge_decision(self, c: Connector, event: Event) -> None:
        asked = {
            (e.rid, e.number, event.winner)
            for e in c.journal
            if e.rid == event.rid and e.conflicts == event.conflicts
        }
        needed = c.policy == "ask" or c.lanes[event.rid].gone
        if event.winner and needed and not asked & self.decisions:
            raise Wrong(f"decided, but nobody was asked about these values: {event.conflicts}")

    def _judge_values(self, c: Connector, event: Event, changes: State) -> None:
        disputed = [s for e in c.journal for pair in e.conflicts.values() for s in pair]
        won = {t for side in disputed for t in tokens(side)}
        others = (e for e in self.edits if e.who != f"ledger {c.name}")
        foreign = {t for e in others for t in e.tokens} - won
        # one company's restored value looks taken in to the other
        reverts = self.product.mute and len(self.connectors) > 1
        for k, v in changes.items():
            old, new = token(k, event.before.get(k)), token(k, v)
            if old is not None and (old == new or (new in foreign and not reverts)):
                raise Wrong(
                    f"a normalised value or an echo travels back: {k} {event.before[k]} -> {v}"
                )

    def _judge_conflicts(self, event: Event) -> None:
        if len(self.connectors) > 1 and any(
            not pair[1 - SIDES[e.winner]]
            for c in self.connectors.values()
            for e in c.journal
            if e.rid == event.rid and e.winner
            for pair in e.conflicts.values()
        ):
            return  # one company's state was restored over the others'
        restored = {t for e in self.edits if e.kind in {"remove", "delete"} for t in e.saw}
        for name, (a, b) in event.conflicts.items():
            for x, y in ((a, b), (b, a)):
                one = name in x and name in event.before
                if one and self.ancestors(tokens(x)) & tokens(y) - restored:
                    raise Wrong(f"a conflict of values of which one had seen the other: {a} {b}")

    def ancestors(self, of: set[int]) -> set[int]:
        """The values that the authors of these had seen, and those that their authors had."""
        before = {t: e.saw for e in self.edits for t in e.tokens}
        seen: set[int] = set()
        todo = list(of)
        while todo:
            new = before.get(todo.pop(), set()) - seen
            seen |= new
            todo += list(new)
        return seen

    def judge_call(self, lane: Lane, plan: Write) -> None:
        theirs = lane.agreed.theirs
        for k, v in plan.delta.items():
            again = v is not None and token(k, v) == token(k, theirs.get(k)) is not None
            if again and not self.misjudged:
                raise Wrong(f"what the ledger has is written again: {k} {theirs[k]} -> {v}")

    def judge_create(self, c: Connector, rid: str) -> None:
        c.ledger.created[rid] += 1
        if c.ledger.created[rid] > 1 + c.recreated[rid]:
            raise Wrong(f"{rid} is created again in {c.name} without the explicit act")

    # at rest

    def judge(self) -> None:
        finals = {rid: book.state for rid, book in self.product.books.items()}
        for c in self.connectors.values():
            for rid, state in finals.items():
                self._judge_equal(c, rid, state)
            for ext in c.ledger.records:
                if c.parts.get(ext) not in finals:
                    raise Wrong(f"{ext} of {c.name} never reached the product")
        self._judge_edits(finals)
        self._judge_bounds()

    def _judge_equal(self, c: Connector, rid: str, state: State) -> None:
        lane = c.lanes.get(rid, Lane(rid))
        there = c.incoming(lane, c.ledger.read(lane.ext)[0], lane.agreed.theirs)
        mine = {k: n for k, v in state.items() if (n := normal(k, v)) is not None}
        here, across = elements(mine), elements(there)
        dead = touched(lane.agreed.ours, lane.dead.state) if lane.dead else {}
        differ = {unit(k, here, across) for k in touched(mine, there)}
        if differ - {unit(k, here, across) for k in dead}:
            raise Wrong(f"{rid} differs: product {show(state)} / {c.name} {show(there)}")

    def _judge_edits(self, finals: Mapping[str, State]) -> None:
        here = Counter(t for state in finals.values() for t in tokens(state))
        if twice := [t for t, n in here.items() if n > 1]:
            raise Wrong(f"value {twice} stands twice")
        decided = [
            (pair[SIDES[e.winner]], pair[1 - SIDES[e.winner]])
            for c in self.connectors.values()
            for e in c.journal
            if e.winner
            for pair in e.conflicts.values()
        ]
        self._judge_lost(finals, set(here), {t for _, loser in decided for t in tokens(loser)})
        for e in self.edits:
            if e.kind in {"remove", "delete"}:
                self._judge_removal(e, set(here), decided)
            if e.kind == "void" and not decided:
                self._judge_void(e, finals)

    def _judge_lost(self, finals: Mapping[str, State], here: set[int], lost: set[int]) -> None:
        over = {t for e in self.edits for t in e.saw}
        lanes = [lane for c in self.connectors.values() for lane in c.lanes.values()]
        dead = {t for lane in lanes if lane.dead for t in tokens(lane.agreed.theirs)}
        # what no ledger has a field for goes with the record that is deleted there
        sites = {
            t
            for sent in self.product.log
            if not finals[sent.rid]
            for k, v in sent.state.items()
            if leaf(k) == "site" and (t := token(k, v)) is not None
        }
        for e in self.edits:
            if gone := e.tokens - here - over - lost - dead - sites:
                raise Wrong(f"lost silently: {e.who}'s {e.kind} of {e.at}, value {sorted(gone)}")

    def _judge_removal(self, e: Edit, here: set[int], decided: list[tuple[State, State]]) -> None:
        if not (back := e.saw & here) or self.misjudged:
            return
        journals = [c.journal for c in self.connectors.values()]
        shown = {t for j in journals for x in j for t in tokens(touched(x.before, x.after))}
        seen = e.saw | self.ancestors(e.saw)
        named = any(not loser and tokens(winner) & seen for winner, loser in decided)
        if not named and not (self.product.mute and e.who == "user" and back <= shown):
            raise Wrong(f"lost silently: {e.who}'s {e.kind} of {e.at}, {sorted(back)} is back")

    def _judge_void(self, e: Edit, finals: Mapping[str, State]) -> None:
        rids = (c.parts[e.at] for c in self.connectors.values() if e.at in c.parts)
        if finals.get(next(rids, e.at), {}).get("status", "void") != "void":
            raise Wrong(f"lost silently: {e.who}'s void of {e.at}")

    def _judge_bounds(self) -> None:
        room = len(self.edits) * len(self.connectors)
        calls = sum(c.calls for c in self.connectors.values())
        events = sum(len(c.journal) for c in self.connectors.values())
        if calls > 3 * room + 3 or events > 4 * room + 4:
            raise Wrong(f"ping-pong: {calls} writes, {events} events, {len(self.edits)} edits")
