"""The way back: a bookkeeper's edit, and a signed webhook alone, until `EntityChanged` is heard."""

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.provider import provider
from libs.testing.builders import contact, invoice
from services.ops.keys import webhook_key_name
from services.ops.webhooks import subscribe
from services.webhook_gateway.signatures import sign
from tests.bench.figures import Figure, median, percentiles
from tests.bench.moments import committed, filed, told
from tests.bench.stack import PROVIDER, Bench, BenchFailed
from tests.bench.tap import CHANGED, SETTLED
from tests.flows.world import World

HOOK = "signed webhook -> EntityChanged on Kafka"
EDIT = "bookkeeper's edit -> EntityChanged on Kafka"
TENANTS, INVOICES = 16, 4
P50, P99 = 100.0, 400.0
QUIET = 14.0
"""Hooks within 10 s of our own write are taken for its echo and gathered for 3 s more."""


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit: when the ledger stored it, when the hook was sent, filed, told and heard."""

    stored: float
    hooked: float
    inbox: float
    journal: float
    heard: float


@dataclass(slots=True)
class Editor:
    """Edits invoices one at a time, each after a pause of its own."""

    bench: Bench
    worlds: list[World]
    ledger: dict[tuple[str, str], str] = field(default_factory=dict)
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def prepare(self) -> None:
        """Each tenant gets its invoices, and time passes until their echoes are gone."""
        for world in self.worlds:
            await world.put(contact("c1"))
            for number in range(INVOICES):
                await world.put(invoice(f"i{number}", number=f"E-{world.tenant[-6:]}-{number}"))
        for world in self.worlds:
            for number in range(INVOICES):
                entity = f"i{number}"
                key = f"{world.connection}/invoice/{entity}"
                await self.bench.tap.arrival(key, SETTLED)
                record = await world.record("invoice", entity)
                self.ledger[world.tenant, entity] = record["parts"][0]["external_id"]
        for second in range(int(QUIET)):
            self.bench.told("waiting until the echoes of our own writes are over", second, 14)
            await asyncio.sleep(1)

    async def edit(self, number: int, *, by_hand: bool) -> Edited:
        """One edit of the bookkeeper; `by_hand`: the webhook is posted here, not by Xero."""
        await asyncio.sleep(random.uniform(0.2, 0.6))
        world = self.worlds[number % len(self.worlds)]
        entity = f"i{number // len(self.worlds) % INVOICES}"
        identity = self.ledger[world.tenant, entity]
        self.edits[world.tenant, entity] += 1
        due = date(2026, 4, 1) + timedelta(days=self.edits[world.tenant, entity])
        before = time.time()
        changed = {"DueDate": due.isoformat()}
        record = await world.bookkeeper("edit", "Invoices", identity, changes=changed)
        hooked = await self._hook(world, identity) if by_hand else before
        key = f"{world.connection}/invoice/{entity}"
        heard = await self.bench.tap.arrival(key, CHANGED, self.edits[world.tenant, entity])
        seen = await world.record("invoice", entity)
        return Edited(committed(record), hooked, filed(seen, "notice"), told(seen, CHANGED), heard)

    async def _hook(self, world: World, identity: str) -> float:
        event = {
            "resourceId": identity,
            "eventDateUtc": datetime.now(UTC).isoformat()[:23],
            "eventType": "UPDATE",
            "eventCategory": "INVOICE",
            "tenantId": world.company,
            "tenantType": "ORGANISATION",
        }
        body, headers = signed(self.bench, [event])
        at = time.time()
        url = f"{self.bench.stack.url('webhook_gateway')}/webhooks/{PROVIDER}"
        answer = await world.http.post(url, content=body, headers=headers)
        answer.raise_for_status()
        return at


def signed(bench: Bench, events: list[Any]) -> tuple[bytes, dict[str, str]]:
    """A webhook of Xero: its bytes and its headers."""
    facts = provider(PROVIDER).webhooks
    assert facts is not None
    body = json.dumps({"events": events, "entropy": uuid.uuid4().hex}).encode()
    key = bench.stack.keys[webhook_key_name(PROVIDER)].encode()
    return body, {facts.signature_header: sign(facts, body, key).decode()}


async def measure(bench: Bench) -> list[Figure]:
    """First with the sandbox's own webhooks, then with the subscription ended and our own."""
    count, tenants = bench.size(200, 20), bench.size(TENANTS, 2)
    async with bench.worlds(tenants) as worlds:
        editor = Editor(bench, worlds)
        await editor.prepare()
        whole = await _edits(editor, count, "edits of a bookkeeper", by_hand=False)
        control = f"{worlds[0].sandbox}/_control/{PROVIDER}/webhook"
        await worlds[0].http.delete(control)
        hooks = await _edits(editor, count, "signed webhooks", by_hand=True)
        _subscribe_again(bench)
        await _check(editor)
    return [
        *percentiles(HOOK, f"{count} webhooks", [e.heard - e.hooked for e in hooks], P50, P99),
        median(HOOK, "webhook -> inbox", [e.inbox - e.hooked for e in hooks]),
        median(HOOK, "inbox -> journal committed", [e.journal - e.inbox for e in hooks]),
        median(HOOK, "journal -> heard", [e.heard - e.journal for e in hooks]),
        *percentiles(EDIT, f"{count} edits", [e.heard - e.stored for e in whole]),
        median(EDIT, "stored -> inbox", [e.inbox - e.stored for e in whole]),
        median(EDIT, "inbox -> heard", [e.heard - e.inbox for e in whole]),
    ]


async def _edits(editor: Editor, count: int, what: str, *, by_hand: bool) -> list[Edited]:
    made = []
    for number in range(count):
        editor.bench.told(what, number, count)
        made.append(await editor.edit(number, by_hand=by_hand))
    return made


async def _check(editor: Editor) -> None:
    """Exactly one event per edit: neither an edit lost nor an echo told."""
    for world in editor.worlds:
        for number in range(INVOICES):
            key = f"{world.connection}/invoice/i{number}"
            told, made = len(editor.bench.tap.arrivals[key, CHANGED]), editor.edits
            if told != made[world.tenant, f"i{number}"]:
                raise BenchFailed(f"{told} events for {made[world.tenant, f'i{number}']} edits.")


def _subscribe_again(bench: Bench) -> None:
    gateway = bench.stack.url("webhook_gateway")
    key = bench.stack.keys[webhook_key_name(PROVIDER)]
    subscribe(bench.stack.url("sandbox"), PROVIDER, f"{gateway}/webhooks/{PROVIDER}", key)
