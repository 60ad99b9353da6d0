"""Something goes wrong: an answer is lost after the commit, and something is held."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from contracts.entities import Invoice
from contracts.messages import BatchProgress, EntitySettled, SetMapping
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector.money import totals_of
from services.ops.commanding import tell
from services.ops.demo.day import BATCH, Day, worded
from services.ops.demo.ledger import Record
from services.ops.demo.scene import PROVIDER, Scene, told
from services.ops.demo.screen import many

LOST = "LOST-1"
WORD = "0 %"
CHOICE = "ZERORATEDOUTPUT"


async def show_trouble(scene: Scene, day: Day, settles_within: float) -> None:
    """A lost answer, then what is held."""
    scene.screen.chapter("Two things go wrong")
    await _lose_an_answer(scene, day, settles_within)
    await _mend_what_is_held(scene)


# An answer that never came


async def _lose_an_answer(scene: Scene, day: Day, settles_within: float) -> None:
    usual = provider(PROVIDER).calls.settles().total_seconds()
    scene.screen.line(
        f"A. Xero stores invoice {LOST} and the connection breaks before its answer.", "bold"
    )
    since, heard = await scene.ledger.last_request(), len(scene.listener.heard)
    await scene.ledger.arm("lose-answer", method="PUT", path="/Invoices")
    await scene.product.save(_another(day))
    lane = scene.lane(EntityType.INVOICE, LOST)
    with scene.screen.busy("nobody knows whether the invoice is there"):
        settled = told(lane, EntitySettled.EVENT)
        await scene.listener.wait(settled, f"invoice {LOST}", since=heard)
    rows = [row for row in await scene.ledger.requests(since) if "/Invoices" in row["path"]]
    scene.screen.table(("request", "what became of it"), _explained(rows))
    scene.screen.note(
        f"Never a second POST while the outcome is unknown: the lane rests (here {settles_within:g}"
        f" s, with the real Xero {usual:g} s), then the invoice is looked for."
    )
    documents = await scene.ledger.documents()
    copies = sum(one.get("InvoiceNumber") == LOST for one in documents["Invoices"])
    if copies == 1:
        scene.screen.good(f"The ledger has {LOST} once.")
    else:
        scene.problem(f"The ledger has {LOST} {copies} times.")
    scene.outcome.facts["lost_answer"] = {"requests": len(rows), "invoices": copies}


def _another(day: Day) -> Invoice:
    """One more invoice for a customer of the day: its first line again."""
    like = next(
        one
        for one in day.documents
        if isinstance(one, Invoice) and one.totals.gross and one.lines[0].tax_rate == Decimal(20)
    )
    lines = like.lines[:1]
    totals = totals_of(lines, like.tax_mode)
    changes = {"id": LOST, "number": LOST, "lines": lines, "totals": totals, "link": ""}
    return like.model_copy(update=changes)


def _explained(rows: list[Record]) -> list[tuple[str, str]]:
    return [
        (f"{row['method']} {row['path'].removeprefix('/api.xro/2.0')}", _fate(row)) for row in rows
    ]


def _fate(row: Record) -> str:
    if row["fault"]:
        return "stored, then the connection was cut"
    found = "looked for by its number" if row["method"] == "GET" else "sent"
    return f"{row['status']}: {found}"


# What waits for a person


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for one and the same thing."""

    names: list[str]
    sentence: str
    action: str


async def _mend_what_is_held(scene: Scene) -> None:
    held = _waiting(await scene.status())
    if held is None:
        scene.screen.line("B. Nothing of this file is held.", "bold")
        return
    count = len(held.names)
    others = f" and {many(count - 1, 'more document')}" if count > 1 else ""
    verb = "are" if count > 1 else "is"
    scene.screen.line(f"B. {held.names[0]}{others} {verb} held.", "bold")
    scene.screen.line(f"“{held.sentence}”", "italic")
    command = held.action.replace("<choice>", CHOICE)
    scene.screen.copy("The command that mends it:", command)
    start = asyncio.get_running_loop().time()
    progress = await _resumed(scene, held)
    took = asyncio.get_running_loop().time() - start
    resumed = many(count, "document")
    scene.screen.good(f"{resumed} resumed unasked within {took:.1f} s: {worded(progress)}.")
    scene.outcome.facts["held"] = {
        "documents": held.names,
        "sentence": held.sentence,
        "command": command,
        "resumed_seconds": round(took, 1),
    }


def _waiting(status: dict[str, Any]) -> Held | None:
    same = [one for one in status["held"] if f"{WORD!r}" in one["sentence"]]
    if not same:
        return None
    ordered = sorted(same, key=lambda one: one["type"] != EntityType.INVOICE.value)
    names = [f"{one['type'].replace('_', ' ').capitalize()} {one['id']}" for one in ordered]
    return Held(names, ordered[0]["sentence"], ordered[0]["action"])


async def _map(scene: Scene) -> None:
    one = scene.connection
    command = SetMapping(
        id=str(uuid4()),
        tenant=one.tenant,
        connection=one.id,
        kind="tax_code",
        local=WORD,
        external=CHOICE,
    )
    await tell(scene.settings, command, PROVIDER)


async def _resumed(scene: Scene, held: Held) -> BatchProgress:
    """Map the word, and wait until the batch has all that was held."""
    match = told(f"{scene.connection.id}/batch/{BATCH}", BatchProgress.EVENT)
    since = len(scene.listener.heard)
    before: BatchProgress = list(scene.listener.all(match))[-1].read()
    wanted = before.synced + len(held.names)
    await _map(scene)
    with scene.screen.busy("what waited for it goes on"):
        last = await scene.listener.wait(
            lambda one: match(one) and one.read().synced >= wanted,
            "what was held",
            since=since,
            limit=180,
        )
    found: BatchProgress = last.read()
    return found
