"""The same day once more, and what all of it has cost."""

from collections import Counter
from typing import Any

from services.ops.demo.day import Day, publish_day
from services.ops.demo.ledger import Documents, Record
from services.ops.demo.scene import Scene
from services.ops.demo.screen import many
from services.ops.demo.waiting import until

PATIENCE = 120.0
READS = {"GET", "HEAD"}
NUMBERED = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}
NAMED = {"Contacts": "ContactNumber", "Items": "Code"}


async def show_again(scene: Scene, day: Day, *, drop: bool) -> None:
    """Publish the day a second time: nothing may be written."""
    scene.screen.chapter("The same day is published a second time")
    since = await scene.ledger.last_request()
    with scene.screen.busy("publishing it again, and waiting until every consumer has read it"):
        events = await publish_day(scene, day, drop=drop)
        await scene.listener.read_by_all()
        await until(scene.is_at_rest, "the connector has nothing left to do", PATIENCE)
    writes = [row for row in await scene.ledger.requests(since) if row["method"] not in READS]
    said = f"{events:,} events read again, {many(len(writes), 'write')} at Xero."
    scene.problem(said) if writes else scene.screen.good(said)
    scene.outcome.facts["again"] = {"events": events, "writes": len(writes)}


async def show_usage(scene: Scene) -> None:
    """Calls used, quota left, 429s, duplicates."""
    scene.screen.chapter("What it has cost")
    requests = await scene.ledger.requests()
    left = (await scene.status())["quota_left"]
    refused = sum(row["status"] == 429 for row in requests)
    copies = duplicates(await scene.ledger.documents())
    used = Counter("reads" if row["method"] in READS else "writes" for row in requests)
    elements = sum(row["elements"] or 0 for row in requests if row["method"] not in READS)
    written = f"{used['writes']} writes of {many(elements, 'record')}"
    rows = [
        ("calls used", f"{len(requests)}: {written}, {used['reads']} reads"),
        ("quota left", f"{left['minute']} now, {left['day']:,} of the day's"),
        ("answers 429", str(refused)),
        ("duplicates", str(len(copies))),
    ]
    scene.screen.table(("", ""), rows)
    for copy in copies:
        scene.problem(f"There is more than one {copy}.")
    facts: dict[str, Any] = {"calls": len(requests), **used, "quota_left": left}
    scene.outcome.facts["usage"] = {**facts, "answers_429": refused, "duplicates": copies}


def duplicates(documents: Documents) -> list[str]:
    """What stands in the ledger more than once: numbers of documents, markers, stock codes."""
    found: list[str] = []
    for resource, name in {**NUMBERED, **NAMED}.items():
        living = [one for one in documents[resource] if one.get("Status") != "DELETED"]
        counts = Counter(_named(one, name) for one in living)
        found += [f"{resource} {key}" for key, count in counts.items() if key and count > 1]
    return found


def _named(record: Record, name: str) -> str:
    return str(record.get(name) or "")
