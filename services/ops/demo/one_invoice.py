"""One invoice in full: the event, the request, the answer, the ledger's journal."""

from datetime import datetime
from typing import Any, NamedTuple

from contracts.entities import Invoice
from contracts.messages import EntityPut, EntitySettled
from contracts.topics import ACCOUNTING_EVENTS, INVOICING_EVENTS, event_key
from contracts.values import EntityType
from services.ops.demo.day import Day
from services.ops.demo.ledger import Record
from services.ops.demo.scene import PROVIDER, Scene, told
from services.ops.demo.screen import many, money, ms

LINES = 8


class Step(NamedTuple):
    """Something that happened to the invoice."""

    at: datetime
    where: str
    what: str


async def show_invoice(scene: Scene, day: Day) -> str:
    """Show the first invoice that was synced; its id."""
    invoice = _first_synced(scene, day)
    scene.screen.chapter(f"One invoice in full: {invoice.number}")
    known = await scene.record(EntityType.INVOICE, invoice.id)
    steps = await _steps(scene, invoice, known)
    start = steps[0].at
    rows = [(f"{ms(start, one.at):,}", one.where, one.what) for one in steps]
    scene.screen.table((">ms", "where", "what"), rows)
    stored = await scene.ledger.invoice(known["parts"][0]["external_id"])
    _show_lines(scene, invoice, stored)
    entries = await scene.ledger.journal(stored["InvoiceID"])
    _show_journal(scene, entries)
    scene.outcome.facts["invoice"] = {
        "id": invoice.id,
        "steps": [{"ms": ms(start, one.at), **one._asdict()} for one in steps],
        "journal": entries,
    }
    return invoice.id


def _first_synced(scene: Scene, day: Day) -> Invoice:
    settled = {one.key for one in scene.listener.all(lambda one: one.event == EntitySettled.EVENT)}
    return next(
        one
        for one in day.documents
        if isinstance(one, Invoice)
        and one.totals.gross
        and scene.lane(EntityType.INVOICE, one.id) in settled
    )


async def _steps(scene: Scene, invoice: Invoice, known: dict[str, Any]) -> list[Step]:
    key = event_key(scene.connection.tenant, EntityType.INVOICE, invoice.id)
    put = next(scene.listener.all(told(key, EntityPut.EVENT)))
    lane = scene.lane(EntityType.INVOICE, invoice.id)
    settled = next(scene.listener.all(told(lane, EntitySettled.EVENT)))
    event: EntitySettled = settled.read()
    call = known["calls"][0]
    amount = f"{invoice.currency} {money(invoice.totals.gross)}"
    lines = many(len(invoice.lines), "line")
    bulk = f", one of {call['lanes']} in it" if call["lanes"] > 1 else ""
    told_so = f"{settled.event}: {event.status}, {event.balance} open"
    sent = Step(_moment(call["first_sent"]), "connector", "the intent is committed, then sent")
    steps = [
        Step(put.at, "Kafka", f"{INVOICING_EVENTS.name}: {put.event} {put.key}, {lines}, {amount}"),
        Step(
            _moment(known["received"][0]["received_at"]),
            "connector",
            "in the inbox; its customer and products go first, in bulk",
        ),
        sent,
        *(await _request(scene, call, bulk)),
        Step(settled.at, "Kafka", f"{ACCOUNTING_EVENTS.name}: {told_so}"),
    ]
    return sorted(steps, key=lambda step: step.at)


async def _request(scene: Scene, call: dict[str, Any], bulk: str) -> list[Step]:
    """What the vendor's own log says of the call."""
    rows = await scene.ledger.requests()
    found = [row for row in rows if row["idempotency_key"] == call["key"]]
    return [Step(_moment(row["at"]), PROVIDER, _worded(row, bulk)) for row in found[:1]]


def _worded(row: Record, bulk: str) -> str:
    asked = f"{row['method']} {row['path']}{bulk}"
    answered = f"{row['status']} within {float(row['ms'] or 0):.0f} ms"
    return f"{asked}: {answered}; Idempotency-Key {row['idempotency_key']}"


def _show_lines(scene: Scene, invoice: Invoice, stored: Record) -> None:
    """The event's lines, and what the ledger made of each."""
    scene.screen.line("Its lines in the event, and what they are in the ledger:", "bold")
    rows = [
        (
            str(line.item),
            line.description,
            f"{line.quantity} x {line.unit_price}",
            f"{line.tax_rate} %",
            f"{there['AccountCode']} {there['TaxType']}",
            f"{there['LineAmount']:.2f}",
        )
        for line, there in zip(invoice.lines, stored["LineItems"], strict=True)
    ]
    columns = ("item", "description", ">event", ">tax", "ledger", ">amount")
    scene.screen.table(columns, rows[:LINES])
    if len(rows) > LINES:
        scene.screen.note(f"... and {len(rows) - LINES} more.")
    scene.screen.note(
        f"Our marker there: Reference {stored['Reference']}; its page: {stored['Url']}"
    )


def _show_journal(scene: Scene, entries: list[Record]) -> None:
    lines = [line for entry in entries for line in entry["lines"]]
    scene.screen.line("The ledger's journal of it:", "bold")
    rows = [
        (f"{line['account']} {line['name']}", _side(line["debit"]), _side(line["credit"]))
        for line in lines
    ]
    scene.screen.table(("account", ">debit", ">credit"), rows)


def _side(amount: str) -> str:
    return "" if amount == "0.00" else amount


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
