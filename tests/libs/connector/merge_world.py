"""One seeded schedule: users and bookkeepers edit the same records while everything goes wrong.

Puts and events travel on logs (in order per lane, late, read again), webhooks are lost, doubled and
shuffled, calls lose their answers, the product skips events or names none it has taken in. Every
edit writes a value with a number of its own, so that its fate can be told.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import get_args

from libs.connector.agreed import Policy, Side
from libs.connector.flat import State
from tests.libs.connector import merge_sides
from tests.libs.connector.merge_editors import Editors
from tests.libs.connector.merge_lane import Connector
from tests.libs.connector.merge_sides import Lane, Ledger, Product, Wrong

Act = Callable[[], None]


class World(Editors):
    normal = staticmethod(merge_sides.normal)
    product_type: type[Product] = Product

    def __init__(self, seed: str, *, trace: bool = False) -> None:
        super().__init__()
        r = self.rng = random.Random(seed)
        self.trace, self.calm = trace, False
        self.lines: list[str] = []
        self.durable = r.random() < 0.1
        self.product = self.product_type(self, r.random() < 0.25, r.random() < 0.3)
        for name in "AB"[: 1 + (r.random() < 0.2)]:
            ledger = Ledger(self, name, r.random() < 0.6, r.random() < 0.5, r.random() < 0.7)
            policy = r.choice(get_args(Policy))
            self.connectors[name] = Connector(self, name, policy, ledger)
            self.say(
                f"{name}         policy {policy}, versions {ledger.versions}, full answers "
                f"{ledger.full}, keeps line ids {ledger.keeps_ids}, mute {self.product.mute}"
            )
        self.faults, self.deaf = r.choice([0, 0, 0.3]), r.choice([0, 0.2, 1])

    def say(self, text: str) -> None:
        if self.trace:
            self.lines.append(text)

    def fault(self) -> str:
        lost = not self.calm and self.rng.random() < self.faults
        return self.rng.choice(["before", "after"]) if lost else ""

    def webhook(self, name: str, ext: str) -> None:
        if self.rng.random() >= self.deaf:
            self.connectors[name].notices += [ext] * self.rng.choice([1, 1, 2])

    def choices(self) -> list[Act]:
        return [act for c in self.connectors.values() for act in self.choices_of(c)]

    def choices_of(self, c: Connector) -> list[Act]:
        acts: list[Act] = []
        if c.puts_read < len(self.product.log):
            acts.append(partial(self.deliver_put, c))
        if c.events_read < len(c.journal):
            acts.append(partial(self.deliver_event, c))
        if c.notices:
            acts.append(partial(self.deliver_notice, c))
        if c.commands:
            acts.append(lambda: c.command(*c.commands.pop(0)))
        lanes = list(c.lanes.values())
        acts += [partial(c.work, lane) for lane in lanes if c.busy(lane)]
        acts += [partial(self.answer, c, lane) for lane in lanes if self.asks(c, lane)]
        return acts

    def deliver_put(self, c: Connector) -> None:
        c.file(self.product.log[c.puts_read])
        c.puts_read += 1

    def deliver_event(self, c: Connector) -> None:
        waiting = c.journal[c.events_read :]
        c.events_read += 1
        self.product.take(c.name, waiting[0], waiting)

    def deliver_notice(self, c: Connector) -> None:
        c.hint(c.notices.pop(self.rng.randrange(len(c.notices))))

    def asks(self, c: Connector, lane: Lane) -> bool:
        held = lane.agreed.held
        if not held or lane.agreed.decision:
            return False
        asked = {(rid, number) for rid, number, _ in c.commands}
        return (lane.rid, held.number) not in asked

    def answer(self, c: Connector, lane: Lane) -> None:
        assert lane.agreed.held
        side: Side = self.rng.choice(get_args(Side))
        c.commands.append((lane.rid, lane.agreed.held.number, side))
        self.decisions.add(c.commands[-1])
        self.say(f"human     decides {lane.rid} #{lane.agreed.held.number}: {side}")

    def rewind(self) -> None:
        for c in self.connectors.values():
            c.puts_read -= min(c.puts_read, self.rng.randrange(4))
            c.events_read -= min(c.events_read, self.rng.randrange(4))

    def sweep(self) -> None:
        for c in self.connectors.values():
            c.notices += sorted(c.ledger.records.keys() | c.parts.keys())

    def drain(self) -> None:
        self.calm = True
        for sweep in range(3):
            for _ in range(6000):
                if not (acts := self.choices()):
                    break
                self.rng.choice(acts)()
            else:
                raise Wrong("it does not come to rest")
            if sweep < 2:
                self.sweep()

    def run(self) -> None:
        for _ in range(self.rng.randrange(10, 90)):
            dice = self.rng.random()
            if dice < 0.12:
                self.user()
            elif dice < 0.24:
                self.bookkeeper()
            elif dice < 0.27:
                self.rewind()
            elif acts := self.choices():
                self.rng.choice(acts)()
        self.drain()
        self.judge()
        self.again()

    def again(self) -> None:
        """Everything is delivered once more, and every record put again: nothing may happen."""
        self.say("--- all is delivered again")
        then = self.mark()
        for c in self.connectors.values():
            c.puts_read = c.events_read = 0
        self.sweep()
        for rid in self.product.books:
            self.product.publish(rid)
        self.drain()
        if self.mark() != then:
            raise Wrong(f"delivered again, it moved: {then[0]} -> {self.mark()[0]}")

    def mark(self) -> tuple[list[tuple[int, int]], dict[str, State]]:
        told = [
            (c.writes, sum(not c.lanes[e.rid].dead for e in c.journal))
            for c in self.connectors.values()
        ]
        return told, {rid: book.state for rid, book in self.product.books.items()}


def campaign(seeds: range, world: type[World] = World) -> tuple[int, str] | None:
    """The first seed that goes wrong, with what went wrong."""
    for seed in seeds:
        try:
            world(str(seed)).run()
        except (Wrong, KeyError) as wrong:
            return seed, repr(wrong)
    return None


def timeline(seed: int, world: type[World] = World) -> str:
    """The whole story of a seed, to be read by a person."""
    run = world(str(seed), trace=True)
    try:
        run.run()
    except (Wrong, KeyError) as wrong:
        run.say(f"WRONG     {wrong!r}")
    return "\n".join(f"{i:3} {line}" for i, line in enumerate(run.lines))
