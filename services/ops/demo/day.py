"""One real day, published as an invoice batch and followed until the ledger has it."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.progress import Progress, TaskID

from contracts.entities import DOCUMENTS, CreditNote, Invoice
from contracts.messages import BatchProgress, BatchRef, EntityPut
from contracts.topics import INVOICING_EVENTS, event_key
from contracts.values import EntityType
from libs.devstack.process import DevstackError
from libs.messaging.publisher import Publisher
from services.ops.demo.planting import Dropping
from services.ops.demo.scene import Scene, told
from services.ops.demo.screen import many
from services.ops.importers.batches import batched
from services.ops.importers.files import Wanted, messages
from services.ops.importers.links import linked
from services.ops.importers.refused import Imported, UnknownFormat
from services.ops.publishing import publish

BATCH = "2010-12-01"
FOLLOWED = (EntityType.INVOICE, EntityType.CREDIT_NOTE)
GIVE_UP = 600.0
STILL = 12.0
"""Seconds without news and without work after which nothing more is expected."""

Document = Invoice | CreditNote


@dataclass(frozen=True, slots=True)
class Day:
    """What is published."""

    events: tuple[Imported, ...]
    made_at: datetime

    @property
    def documents(self) -> list[Document]:
        """Its invoices and credit notes."""
        entities = [one.entity for one in self.events if isinstance(one, EntityPut)]
        return [one for one in entities if isinstance(one, Invoice | CreditNote)]

    def describe(self) -> str:
        """The day in words."""
        kinds = Counter(one.entity.type for one in self.events if isinstance(one, EntityPut))
        lines = sum(len(document.lines) for document in self.documents)
        counts = [
            many(kinds[EntityType.INVOICE], "invoice"),
            many(kinds[EntityType.CREDIT_NOTE], "credit note"),
            many(lines, "line"),
            many(kinds[EntityType.CONTACT], "customer"),
            many(kinds[EntityType.ITEM], "product"),
        ]
        return ", ".join(counts)


def read_day(file: Path, tenant: str, product: str, made_at: datetime, limit: int | None) -> Day:
    """The documents of a file, the first `limit` of them; raises DevstackError."""
    try:
        found = list(linked(messages(file, Wanted(tenant, made_at)), product))
    except UnknownFormat as error:
        raise DevstackError(str(error)) from None
    chosen = found if limit is None else list(_first(found, limit))
    batch = BatchRef(id=BATCH, made_at=made_at)
    return Day(tuple(batched(chosen, tenant, batch)), made_at)


def _first(found: list[Imported], limit: int) -> Iterator[Imported]:
    """The first documents, and of the rest only what they refer to."""
    puts = [one for one in found if isinstance(one, EntityPut)]
    documents = [one for one in puts if one.entity.type in DOCUMENTS][:limit]
    needed: set[tuple[EntityType, str | None]] = set()
    for put in documents:
        if isinstance(put.entity, Invoice | CreditNote):
            needed.add((EntityType.CONTACT, put.entity.customer))
            needed |= {(EntityType.ITEM, line.item) for line in put.entity.lines}
    yield from (one for one in puts if (one.entity.type, one.entity.id) in needed)
    yield from documents


async def publish_day(scene: Scene, day: Day, *, drop: bool = False) -> int:
    """Publish it as the invoicing product does; how many events."""
    kind = Dropping if drop else Publisher
    listener = scene.listener
    async with kind(listener.url, listener.names, client_id="ledgerbridge-demo") as publisher:
        if isinstance(publisher, Dropping):
            publisher.victim = _victim(day, scene.connection.tenant)
        summary = await publish(publisher, day.events, day.made_at, lambda _: None)
    for refused in summary.refused:
        scene.problem(f"left out: {refused}")
    return summary.published


def _victim(day: Day, tenant: str) -> str:
    last = [one for one in day.documents if isinstance(one, Invoice) and one.totals.gross][-1]
    return event_key(tenant, EntityType.INVOICE, last.id)


async def show_day(scene: Scene, day: Day, began: float, *, drop: bool) -> None:
    """Publish the day and follow its batch."""
    scene.screen.chapter("One real day goes to the ledger as an invoice batch")
    scene.screen.line(f"{BATCH}: {day.describe()}.")
    start = time.monotonic()
    with scene.screen.progress() as bar:
        task = bar.add_task("publishing", total=len(day.documents))
        events = await publish_day(scene, day, drop=drop)
        last = await _follow(scene, bar, task)
    took = time.monotonic() - start
    first = _first_synced(scene)
    since_start = first - began if first else None
    _sum_up(scene, last, events, took, since_start)


async def _follow(scene: Scene, bar: Progress, task: TaskID) -> BatchProgress:
    """Until every document is synced or held, or nothing moves any more."""
    key, since = f"{scene.connection.id}/batch/{BATCH}", time.monotonic()
    end, seen = since + GIVE_UP, 0
    last: BatchProgress | None = None
    while time.monotonic() < end:
        found = list(scene.listener.all(told(key, BatchProgress.EVENT)))
        if len(found) > seen:
            seen, since, last = len(found), time.monotonic(), found[-1].read()
            bar.update(task, completed=last.synced, total=last.total, description=worded(last))
        if last and is_over(last):
            return last
        if last and time.monotonic() - since > STILL and await scene.is_at_rest():
            return last
        await asyncio.sleep(0.1)
    raise DevstackError(f"The batch has not come to an end within {GIVE_UP:.0f} s.")


def is_over(progress: BatchProgress) -> bool:
    """Every document has its place: synced, held, for a person, or older than the connection."""
    placed = progress.synced + progress.held + progress.needs_you + progress.skipped
    return progress.closed and placed >= progress.total


def worded(progress: BatchProgress) -> str:
    """`141 of 143 synced, 1 held`."""
    parts = [f"{progress.synced} of {progress.total} synced"]
    parts += [f"{progress.held} held"] if progress.held else []
    parts += [f"{progress.needs_you} need you"] if progress.needs_you else []
    return ", ".join(parts)


def _first_synced(scene: Scene) -> float | None:
    prefixes = tuple(f"{scene.connection.id}/{kind.value}/" for kind in FOLLOWED)
    settled = (
        one
        for one in scene.listener.heard
        if one.event == "entity.settled" and one.key.startswith(prefixes)
    )
    first = next(settled, None)
    # Kafka's clock and the monotonic one run alike; their difference is taken now.
    return first.at.timestamp() - time.time() + time.monotonic() if first else None


def _sum_up(
    scene: Scene, last: BatchProgress, events: int, took: float, first: float | None
) -> None:
    missing = last.total - last.synced - last.held - last.needs_you - last.skipped
    if missing:
        scene.problem(f"{many(missing, 'document')} of the batch never reached the connector.")
    shown = [f"{events:,} events on {INVOICING_EVENTS.name}; settled in {took:.1f} s"]
    shown += [f"the first document {first:.0f} s after the demo began"] if first else []
    scene.screen.note(", ".join(shown) + ".")
    scene.outcome.facts["day"] = {
        **last.model_dump(include={"total", "synced", "held", "needs_you"}),
        "events": events,
        "seconds": round(took, 1),
        "first_synced_after_seconds": round(first, 1) if first else None,
    }
