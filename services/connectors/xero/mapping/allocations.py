"""What applies a credit note, an overpayment or a prepayment to documents (dossier sections 4, 6).

Xero has no call for several at once that tells what became of each, and edits nothing that is
applied: so one allocation is made or taken back per call, and all of them before an edit.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from contracts.entities import Allocation, CreditNote, Entity, Payment
from contracts.values import EntityType
from libs.connector.errors import Conflict
from libs.connector.flat import join, names
from libs.connector.interface import Context, Step, Verb, Write
from libs.connector.states import entity_of
from services.connectors.xero.mapping.wire import Element, Raw, number

Applied = CreditNote | Payment
PREFIX = "allocations."
DOCUMENTS = {"invoice": EntityType.INVOICE, "bill": EntityType.BILL}


def shown(raw: Raw, kind: EntityType, context: Context) -> tuple[Allocation, ...]:
    """The shares per document: one that is applied twice counts once."""
    found: dict[str, Decimal] = {}
    for share in _live(raw):
        document = context.ids.local(kind, share["Invoice"]["InvoiceID"])
        found[document] = found.get(document, Decimal(0)) + number(share, "Amount")
    return tuple(
        Allocation(document=document, document_type="bill", amount=amount)
        if kind is EntityType.BILL
        else Allocation(document=document, amount=amount)
        for document, amount in found.items()
    )


def is_step(write: Write) -> bool:
    """Whether the write only makes or takes back an allocation."""
    only = all(path.startswith(PREFIX) for path in write.changed)
    return write.verb is Verb.UPDATE and bool(write.changed) and only


def next_step(write: Write) -> Step | None:
    """What is not wanted is taken back, then the record is edited, then the rest is applied."""
    entity = _applied(write.entity)
    if write.verb is Verb.CREATE:
        return Step(Verb.CREATE, _with(entity, ())) if entity.allocations else None
    there = _applied(entity_of(dict(write.before or {}), write.type, write.id))
    edited = not all(path.startswith(PREFIX) for path in write.changed)
    removed = write.verb is not Verb.UPDATE
    ends = removed or edited
    wanted = () if ends else entity.allocations
    if ended := next((share for share in there.allocations if share not in wanted), None):
        return Step(Verb.UPDATE, _with(there, _without(there.allocations, ended)))
    if ends:
        again = not removed and entity.allocations
        return Step(Verb.UPDATE, _with(entity, ())) if again else None
    missing = next((share for share in wanted if share not in there.allocations), None)
    return Step(Verb.UPDATE, _with(there, (*there.allocations, missing))) if missing else None


def makes(write: Write) -> bool:
    """Whether a step makes an allocation; else it takes one back."""
    return _share(write) is not None


def as_update(write: Write) -> Write:
    """The same write, of a record that is kept."""
    return replace(write, verb=Verb.UPDATE, replaces=False)


def made(write: Write, context: Context) -> Element | None:
    """The allocation that a step makes; None where it takes one back."""
    entity = _applied(write.entity)
    share = _share(write)
    if share is None:
        return None
    invoice = context.ids.external(DOCUMENTS[share.document_type], share.document)
    applied = entity.issue_date if isinstance(entity, CreditNote) else entity.date
    if lock := context.company.lock_date:
        applied = max(applied, lock + timedelta(days=1))
    return {
        "Amount": share.amount,
        "Date": applied.isoformat(),
        "Invoice": {"InvoiceID": invoice},
    }


def taken_back(write: Write, context: Context) -> str:
    """Xero's id of the allocation that a step takes back.

    Raises Conflict where the record, as it was read for this write, has it no more.
    """
    document = _document(write)
    kind = (write.before or {}).get(PREFIX + join(join("", document), "document_type"), "invoice")
    invoice = context.ids.external(DOCUMENTS[str(kind)], document)
    for share in _live(write.raw):
        if share["Invoice"]["InvoiceID"] == invoice:
            return str(share["AllocationID"])
    raise Conflict(f"{write.type} {write.id} is applied to {document} no more.")


def _live(raw: Raw) -> list[Raw]:
    return [share for share in raw.get("Allocations") or () if not share.get("IsDeleted")]


def _share(write: Write) -> Allocation | None:
    shares = _applied(write.entity).allocations
    return next((share for share in shares if share.document == _document(write)), None)


def _document(write: Write) -> str:
    """A step is about one document."""
    return names(min(write.changed))[1]


def _applied(entity: Entity) -> Applied:
    assert isinstance(entity, CreditNote | Payment)
    return entity


def _with(entity: Applied, shares: Sequence[Allocation]) -> Applied:
    return entity.model_copy(update={"allocations": tuple(shares)})


def _without(shares: Sequence[Allocation], ended: Allocation) -> list[Allocation]:
    return [share for share in shares if share is not ended]
