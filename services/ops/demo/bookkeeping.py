"""The bookkeeper works in the ledger; each act comes back to the product as before and after."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from contracts.entities import Contact, Document, Entity, Payment
from contracts.messages import EntityChanged, EntityPut
from contracts.topics import event_key
from contracts.values import EntityType
from libs.devstack.process import DevstackError
from services.ops.demo.ledger import Record
from services.ops.demo.scene import Scene
from services.ops.demo.screen import many, money, ms
from services.ops.demo.waiting import until

NEEDED = 4
"""Calls that must be free before it begins, so that the times are not those of Xero's quota."""
BREATH = 90.0
CUSTOMER = {"Name": "Corner Shop Ltd", "EmailAddress": "hello@corner-shop.example"}
MORE = 2


@dataclass(frozen=True, slots=True)
class Act:
    """Something the bookkeeper does; `is_of` knows the change it makes."""

    words: str
    action: dict[str, Any]
    is_of: Callable[[EntityChanged], bool]


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of it: milliseconds until the product was told, and until it had taken it in."""

    words: str
    before: str
    after: str
    told_ms: int
    taken_ms: int
    revision: int


async def show_bookkeeper(scene: Scene, shown: str) -> None:
    """Let the bookkeeper act four times, and show what comes back."""
    scene.screen.chapter("The bookkeeper changes four things in the ledger, and they come back")
    await _breathe(scene)
    acts = choose(await scene.ledger.documents(), shown)
    since = len(scene.listener.heard)
    began = [(act, datetime.now(UTC)) for act in acts if await scene.ledger.act(**act.action)]
    with scene.screen.busy("webhooks are on their way"):
        found = await asyncio.gather(*(_returned(scene, act, at, since) for act, at in began))
    rows = [
        (one.words, one.before, one.after, f"{one.told_ms:,}", f"{one.taken_ms:,}") for one in found
    ]
    columns = ("in the ledger", "before", "after", ">told ms", ">taken in ms")
    scene.screen.table(columns, rows)
    scene.screen.note(
        "told: the signed webhook has become an EntityChanged on Kafka. taken in: the product has "
        "published it as its next revision. With little quota left a read waits up to 500 ms for "
        "others to share its call."
    )
    scene.outcome.facts["bookkeeper"] = [
        {name: getattr(one, name) for name in Returned.__slots__} for one in found
    ]


def choose(documents: dict[str, list[Record]] | Any, shown: str) -> list[Act]:
    """Which invoices are paid, edited and voided; raises DevstackError where there are too few."""
    usable = [
        one
        for one in documents["Invoices"]
        if one["Status"] == "AUTHORISED"
        and one["AmountDue"] == one["Total"]
        and one["Total"]
        and one["InvoiceNumber"] != shown
    ]
    if len(usable) < 3:
        raise DevstackError("The demo needs three open invoices in the ledger; give it more.")
    short = sorted(usable, key=lambda one: len(one["LineItems"]))
    edited, paid, voided = short[0], *[one for one in usable if one is not short[0]][:2]
    return [_pay(paid), _edit(edited), _void(voided), _add()]


def _pay(invoice: Record) -> Act:
    number = invoice["InvoiceNumber"]

    def is_of(event: EntityChanged) -> bool:
        paid = event.after
        return isinstance(paid, Payment) and paid.allocations[0].document == number

    action = {"do": "pay", "resource": "Invoices", "id": invoice["InvoiceID"]}
    return Act(f"pays {number}", action, is_of)


def _edit(invoice: Record) -> Act:
    lines = [{"LineItemID": line["LineItemID"]} for line in invoice["LineItems"]]
    lines[0]["Quantity"] = str(Decimal(invoice["LineItems"][0]["Quantity"]) + MORE)
    changes = {"LineItems": lines}
    return _on_invoice("edits", invoice, {"do": "edit", "changes": changes})


def _void(invoice: Record) -> Act:
    return _on_invoice("voids", invoice, {"do": "void"})


def _on_invoice(verb: str, invoice: Record, action: dict[str, Any]) -> Act:
    number = invoice["InvoiceNumber"]
    whole = {**action, "resource": "Invoices", "id": invoice["InvoiceID"]}

    def is_of(event: EntityChanged) -> bool:
        return event.type is EntityType.INVOICE and event.ledger_number == number

    return Act(f"{verb} {number}", whole, is_of)


def _add() -> Act:
    def is_of(event: EntityChanged) -> bool:
        return isinstance(event.after, Contact) and event.after.name == CUSTOMER["Name"]

    action = {"do": "add", "resource": "Contacts", "record": CUSTOMER}
    return Act("adds a customer", action, is_of)


async def _returned(scene: Scene, act: Act, at: datetime, since: int) -> Returned:
    changed = await scene.listener.wait(
        lambda one: one.event == EntityChanged.EVENT and act.is_of(one.read()),
        f"the bookkeeper {act.words}, and it comes back",
        since=since,
    )
    event: EntityChanged = changed.read()
    key = event_key(event.tenant, event.type, event.id)
    taken = await scene.listener.wait(
        lambda one: one.key == key and one.event == EntityPut.EVENT and _named(one.read(), event),
        f"the bookkeeper {act.words}, and the product takes it in",
        since=since,
    )
    put: EntityPut = taken.read()
    before, after = differing(event.before, event.after)
    return Returned(act.words, before, after, ms(at, changed.at), ms(at, taken.at), put.revision)


def _named(put: EntityPut, event: EntityChanged) -> bool:
    return (put.applied or {}).get(event.connection, 0) >= event.number


def differing(before: Entity | None, after: Entity | None) -> tuple[str, str]:
    """What differs, in words, on each side."""
    if before is None or after is None:
        return _summed(before), _summed(after)
    pairs = [(f"{name} {old}", f"{name} {new}") for name, old, new in _changes(before, after)]
    return "\n".join(old for old, _ in pairs), "\n".join(new for _, new in pairs)


def _changes(before: Entity, after: Entity) -> list[tuple[str, object, object]]:
    found: list[tuple[str, object, object]] = []
    if before.status != after.status:
        found.append(("status", before.status.value, after.status.value))
    if isinstance(before, Document) and isinstance(after, Document):
        old = {line.id: line for line in before.lines}
        for number, line in enumerate(after.lines, start=1):
            same = old.get(line.id)
            if same is not None and same.quantity != line.quantity:
                found.append((f"line {number}:", same.quantity, line.quantity))
        if before.totals.gross != after.totals.gross:
            found.append(("gross", before.totals.gross, after.totals.gross))
    return found


def _summed(entity: Entity | None) -> str:
    if entity is None:
        return "not there"
    if isinstance(entity, Payment):
        share = entity.allocations[0]
        return f"payment of {money(entity.amount)} for {share.document}"
    return str(getattr(entity, "name", entity.id))


async def _breathe(scene: Scene) -> None:
    """Wait until the minute has a few calls again; the quota is Xero's own."""

    async def has_breath() -> bool:
        left = (await scene.status())["quota_left"]["minute"]
        status.update(
            f"the day has used up Xero's minute: {many(left, 'call')} left, {NEEDED} wanted"
        )
        return bool(left >= NEEDED)

    with scene.screen.busy("looking at the quota") as status:
        await until(has_breath, f"{NEEDED} calls of the quota", BREATH)
