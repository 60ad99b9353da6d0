"""One run: a company is connected, everything is published, and waited for until it is at rest."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from libs.service.database import connect, schema_of
from services.ops.processes import LocalStack
from tests.flows.world import World
from tests.real import checking
from tests.real.checking import Outcome, Verdict
from tests.real.data import Data
from tests.real.ledgers import LEDGERS, Ledger
from tests.real.selling import sell
from tests.real.tapping import Told, telling
from tests.real.watching import Watch, watching

RATE, SEED = 0.1, 1
PAUSE, STALLED = 5.0, 420.0
SLOW = 900.0
"""Seconds one answer of the control API may take: it shows hundreds of megabytes."""
GROWTH = 1.15
WORTH = 40
"""A run of fewer samples of memory says nothing about growth."""
LANES = """
select type, id, state, hold, hold_sentence, dead from lane
where connection = $1 and revision > 0
"""
"""Not those of hints that came before the record's own create was known: nothing became of them."""
REST = """
select count(*) filter (where state = 'bound') as bound,
    count(*) filter (where hold <> '' or dead) as stopped,
    count(*) filter (where due_at is not null) as waiting,
    count(*) filter (where revision > 0) as known
from lane where connection = $1
"""
Report = Callable[[str, int, int], None]
Row = Mapping[str, Any]


@dataclass(slots=True)
class Run:
    """What one provider's run came to."""

    provider: str
    failing: bool
    documents: int = 0
    lines: int = 0
    seconds: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    memory: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)


@dataclass(slots=True)
class Runner:
    """Runs one provider; `report` hears (what, done, of how many)."""

    stack: LocalStack
    prefix: str
    provider: str
    data: Data
    file: Path
    failing: bool
    report: Report

    @property
    def ledger(self) -> Ledger:
        return LEDGERS[self.provider]

    async def run(self, *, whole: bool) -> Run:
        """Raises TimeoutError where nothing moves any more."""
        found = Run(self.provider, self.failing, len(self.data.documents))
        found.lines, found.counts = self.data.counts["lines"], self.data.counts
        outcome = checking.wanted(self.data, self.ledger)
        checking.check_data(found.verdict, self.data, whole=whole)
        tenant = f"t{uuid.uuid4().hex[:10]}"
        environment = self.stack.environment()
        http = httpx.AsyncClient(timeout=SLOW)
        world = World(
            self.stack, environment, self.prefix, tenant, provider=self.provider, http=http
        )
        service = f"connectors.{self.provider}"
        async with world, telling(environment["KAFKA_URL"], self.prefix) as told:
            # The product is this program; the reference one would only take processor time.
            self.stack.services["reference_product"].stop()
            await self._connect(world)
            db = await connect(environment["POSTGRES_URL"], schema_of(service))
            try:
                async with watching(self.stack, service) as watch:
                    await self._sync(world, db, watch, found)
                await self._check(world, db, told, found, outcome)
            finally:
                await db.close()
            self._costs(watch, found)
        return found

    async def _connect(self, world: World) -> None:
        self.report("connecting", 0, 1)
        ledger = self.ledger
        facts: dict[str, Any] = {"habits": dict(ledger.habits)} if ledger.habits else {}
        world.company = await world.new_company(
            country=ledger.country, currency=ledger.currency, **facts
        )
        if ledger.taxes:
            await ledger.taxes(world)
        await world.connect(world.company)
        for name, external in ledger.mappings.items():
            kind, _, word = name.partition("/")
            await world.map(kind, word, external)
        if self.failing:
            await world.fault("random", rate=RATE, seed=SEED)

    async def _sync(
        self, world: World, db: "asyncpg.Connection[Any]", watch: Watch, found: Run
    ) -> None:
        began = time.monotonic()
        total = len(self.data.documents) + len(self.data.customers) + len(self.data.items)
        published: list[int] = []

        async def publish() -> None:
            many = await sell(self.file, self.data, world, self.ledger, published.append)
            found.verdict.equal("records published", many, total)

        selling = asyncio.create_task(publish())
        try:
            await self._rest(db, world, selling, watch)
            await selling
        finally:
            selling.cancel()
        found.seconds = time.monotonic() - began

    async def _rest(
        self,
        db: "asyncpg.Connection[Any]",
        world: World,
        selling: "asyncio.Task[None]",
        watch: Watch,
    ) -> None:
        """Until every lane that was published is known and none has anything to do."""
        masters = len(self.data.customers) + len(self.data.items)
        total = len(self.data.documents) + masters
        last, since = (-1, -1), time.monotonic()
        while True:
            if selling.done():
                selling.result()
            row = await db.fetchrow(REST, world.connection)
            assert row is not None
            done = row["bound"] + row["stopped"]
            self.report(f"{self.provider}: {row['known']:,} filed; in the ledger", done, total)
            if not watch.mark and done >= masters:
                watch.mark = len(watch.samples)
            if selling.done() and row["known"] >= total and not row["waiting"]:
                return
            if (row["known"], done) != last:
                last, since = (row["known"], done), time.monotonic()
            elif time.monotonic() - since > STALLED:
                raise TimeoutError(f"Nothing moves any more: {dict(row)} of {total}.")
            await asyncio.sleep(PAUSE)

    async def _check(
        self,
        world: World,
        db: "asyncpg.Connection[Any]",
        told: Told,
        found: Run,
        outcome: Outcome,
    ) -> None:
        await world.clear_faults()
        self.report(f"{self.provider}: comparing", 0, 1)
        for request in await world.requests():
            found.calls["reads" if request["method"] == "GET" else "writes"] += 1
            if request["fault"]:
                found.faults[request["fault"]] += 1
        lanes: list[Row] = [dict(row) for row in await db.fetch(LANES, world.connection)]
        found.outcomes = dict(Counter(_outcome(lane) for lane in lanes))
        checking.check_lanes(found.verdict, lanes, self.data, outcome)
        checking.check_told(found.verdict, told)
        await checking.check_books(found.verdict, world, self.ledger, self.data, outcome)

    def _costs(self, watch: Watch, found: Run) -> None:
        found.busy = dict(watch.busy)
        found.memory = {"most": max(watch.samples, default=0.0)}
        found.memory |= {f"quarter {n}": watch.quarter(n) for n in range(1, 5)}
        if len(watch.samples) - watch.mark >= WORTH:
            second, fourth = watch.quarter(2), watch.quarter(4)
            grown = [f"{second:.0f} MB in the second quarter, {fourth:.0f} MB in the last"]
            found.verdict.expect("memory is flat", grown if fourth > GROWTH * second else [])


def _outcome(lane: Row) -> str:
    state = f"held: {lane['hold']}" if lane["hold"] else lane["state"]
    return f"{lane['type']} {'dead' if lane['dead'] else state}"
