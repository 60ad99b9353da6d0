"""Documents as the kernel keeps them: state, marker, balance, and what stands beside them."""

from collections.abc import Iterable
from typing import Literal

from contracts.values import EntityType
from libs.connector.interface import Notice, Record
from services.connectors.xero.mapping.documents import IDS, NUMBERS, totals
from services.connectors.xero.mapping.places import BATCH, CREDITS, RESOURCES, spelled
from services.connectors.xero.mapping.wire import Raw, number, unmarked, updated

STATES: dict[str, Literal["void", "deleted"]] = {"DELETED": "deleted", "VOIDED": "void"}
LEFT = {EntityType.CREDIT_NOTE: "RemainingCredit"}


def document_record(raw: Raw, kind: EntityType) -> Record:
    """The record as the kernel keeps it."""
    status = raw["Status"]
    due = LEFT.get(kind, "AmountDue")
    said = raw.get("InvoiceNumber" if kind is EntityType.BILL else "Reference") or ""
    number_shown = raw.get(NUMBERS[kind]) or ""
    return Record(
        kind,
        raw[IDS[kind]],
        raw,
        state=STATES.get(status, "live"),
        marker=unmarked(said)[1],
        number=unmarked(number_shown)[0] if kind is EntityType.BILL else number_shown,
        updated_at=updated(raw),
        totals=totals(raw),
        balance=None if raw.get(due) is None else number(raw, due),
        status=status,
        related=tuple(related(raw, kind)),
    )


def related(raw: Raw, kind: EntityType) -> Iterable[Notice]:
    """What pays it, gives it back or is applied to it: none of these has a hook of its own."""
    for payment in raw.get("Payments") or ():
        batch = payment.get("BatchPaymentID")
        if kind is EntityType.CREDIT_NOTE:
            yield Notice(EntityType.REFUND, payment["PaymentID"])
        else:
            record = spelled(BATCH, batch) if batch else payment["PaymentID"]
            yield Notice(EntityType.PAYMENT, record)
    for place in CREDITS:
        for credit in raw.get(RESOURCES[place].path) or ():
            yield Notice(EntityType.PAYMENT, spelled(place, credit[RESOURCES[place].id]))
    if kind is EntityType.INVOICE:
        for note in raw.get("CreditNotes") or ():
            yield Notice(EntityType.CREDIT_NOTE, note["CreditNoteID"])
