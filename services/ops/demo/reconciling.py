"""The end of the story: product and ledger must be equal to the cent."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict

from rich.text import Text

from contracts.values import EntityType
from services.ops.demo.ledger import Documents
from services.ops.demo.scene import Scene
from services.ops.demo.screen import money
from services.ops.demo.sums import Sums, disagreements, ledger_sums, product_sums

PATIENCE = 60.0
STILL = 5.0
DOCUMENTS = (EntityType.INVOICE, EntityType.CREDIT_NOTE)
FIGURES = ("count", "void", "net", "tax", "gross", "balance")
SHOWN = 10
Sides = tuple[dict[str, Sums], dict[str, Sums]]


async def show_reconciliation(scene: Scene, before: Collection[str]) -> None:
    """Compare, show the table, and name every difference."""
    scene.screen.chapter("Reconciliation: product and ledger")
    with scene.screen.busy("waiting until nothing is under way"):
        ours, theirs, documents = await _at_rest(scene, before)
    rows = []
    for kind in ours:
        differing = set(ours[kind].differences(theirs[kind]))
        rows += [
            _row(kind.replace("_", " "), "product", ours[kind], differing),
            _row("", "ledger", theirs[kind], differing),
        ]
    scene.screen.table(("", "", *(f">{name}" for name in FIGURES)), rows)
    different = [kind for kind in ours if ours[kind] != theirs[kind]]
    for kind in different:
        names = ", ".join(ours[kind].differences(theirs[kind]))
        scene.problem(f"Product and ledger differ: {kind.replace('_', ' ')}, {names}.")
    if different:
        await _name(scene, documents)
    else:
        scene.screen.good("Equal to the cent.")
    scene.outcome.facts["reconciliation"] = _facts(ours, theirs)


async def _at_rest(
    scene: Scene, before: Collection[str]
) -> tuple[dict[str, Sums], dict[str, Sums], Documents]:
    """Both sides once they agree, or once nothing has moved for a while."""
    end, still_since, last = time.monotonic() + PATIENCE, time.monotonic(), None
    while True:
        documents = await scene.ledger.documents()
        theirs = ledger_sums(documents, before)
        ours = product_sums(await scene.product.sums())
        now = time.monotonic()
        busy = (await scene.status())["waiting"] or (ours, theirs) != last
        still_since = now if busy else still_since
        if (ours == theirs and not busy) or now - still_since > STILL or now > end:
            return ours, theirs, documents
        last = (ours, theirs)
        await asyncio.sleep(0.3)


async def _name(scene: Scene, documents: Documents) -> None:
    """Which documents it is."""
    for kind in DOCUMENTS:
        found = disagreements(kind.value, await scene.product.entities(kind), documents)
        for sentence in found[:SHOWN]:
            scene.problem(sentence)
        if len(found) > SHOWN:
            scene.problem(f"... and {len(found) - SHOWN} more.")


def _row(kind: str, side: str, sums: Sums, differing: Collection[str]) -> list[str | Text]:
    cells: list[str | Text] = [Text(kind, "bold"), Text(side, "" if side == "ledger" else "dim")]
    for name in FIGURES:
        value = getattr(sums, name)
        shown = f"{value:,}" if isinstance(value, int) else money(value)
        cells.append(Text(shown, "bold red" if name in differing else ""))
    return cells


def _facts(ours: Mapping[str, Sums], theirs: Mapping[str, Sums]) -> dict[str, object]:
    sides = {kind: {"product": asdict(ours[kind]), "ledger": asdict(theirs[kind])} for kind in ours}
    return {"equal": ours == theirs, **sides}
