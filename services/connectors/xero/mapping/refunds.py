"""Refunds (dossier section 6): payments of a credit note, an overpayment or a prepayment."""

from contracts.entities import Allocation, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Notice, Record, Verb, Write
from libs.connector.money import cents
from services.connectors.xero.mapping import money
from services.connectors.xero.mapping.places import CREDITS, RESOURCES, guid_of, place_of, spelled
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    marked,
    number,
    present,
    unmarked,
    updated,
)

NOTE = "ARCREDITPAYMENT"
KINDS = (
    NOTE,
    "AROVERPAYMENTPAYMENT",
    "ARPREPAYMENTPAYMENT",
    "APOVERPAYMENTPAYMENT",
    "APPREPAYMENTPAYMENT",
)
NOTE_TYPE = "ACCRECCREDIT"


def refund_element(write: Write, refund: Refund, context: Context) -> Element:
    """The element of a create; of a removal it is nothing but the status."""
    if write.verb in (Verb.VOID, Verb.DELETE):
        return {"Status": "DELETED"}
    return present(
        {
            **subject_of(refund, context),
            "Account": money.account_to(refund.method, context),
            "Date": refund.date.isoformat(),
            "Amount": cents(refund.amount),
            "CurrencyRate": money.rate_to(refund, context),
            "Reference": marked(refund.reference, write.marker),
        }
    )


def subject_of(refund: Refund, context: Context) -> Element:
    """What is refunded; Held for a payment of which nothing is left over."""
    share = refund.allocations[0]
    if share.document_type == "credit_note":
        note = context.ids.external(EntityType.CREDIT_NOTE, share.document)
        return {"CreditNote": {"CreditNoteID": note}}
    record = context.ids.external(EntityType.PAYMENT, share.document)
    place = place_of(record)
    if place in CREDITS:
        return {place: {RESOURCES[place].id: guid_of(record)}}
    raise Held(
        f"Refund {refund.id} gives back payment {share.document}, all of which is for documents: "
        "Xero refunds a credit note, or the part of a payment that is for none.",
        reason="nothing-left",
        action="Issue a credit note for the invoice and refund that, or un-apply the payment.",
    )


def refund_from_xero(raw: Raw, context: Context) -> Refund:
    """The record as an entity; Held where Xero does not tell whose it is."""
    subject, share = _subject(raw)
    amount = number(raw, "Amount")
    kind, record = share
    return Refund.model_validate(
        {
            "id": str(raw.get("PaymentID") or "new"),
            "amount": amount,
            "allocations": [
                Allocation(
                    document=context.ids.local(kind, record),
                    document_type="credit_note" if kind is EntityType.CREDIT_NOTE else "payment",
                    amount=amount,
                )
            ],
            **money.head_of(raw, subject, raw.get("Account") or {}, context),
        }
    )


def refund_record(raw: Raw) -> Record:
    """The record as the kernel keeps it; a deleted one stays readable, so it is void.

    What is left of an overpayment is news that no hook brings: a refund that comes or goes is it.
    """
    ended = raw.get("Status") in money.ENDED
    return Record(
        EntityType.REFUND,
        raw["PaymentID"],
        raw,
        state="void" if ended else "live",
        marker=unmarked(raw.get("Reference") or "")[1],
        updated_at=updated(raw),
        status=raw.get("Status") or "",
        related=() if ended else (Notice(*_subject(raw)[1]),),
    )


def is_ours(raw: Raw) -> bool:
    """Whether it gives back a sales credit note, or a payment that was not for a document."""
    if raw.get("PaymentType"):
        return raw["PaymentType"] in KINDS
    told = raw.get("CreditNote") or raw.get("Invoice") or {}
    return told.get("Type") == NOTE_TYPE or any(raw.get(place) for place in CREDITS)


def subject_shown(raw: Raw) -> Raw:
    """What is refunded, as the answer shows it."""
    return _subject(raw)[0]


def _subject(raw: Raw) -> tuple[Raw, tuple[EntityType, str]]:
    """The vendor's examples show a credit note under `Invoice`; both may be there."""
    for place in CREDITS:
        if shown := raw.get(place):
            return shown, (EntityType.PAYMENT, spelled(place, shown[RESOURCES[place].id]))
    note, invoice = raw.get("CreditNote") or {}, raw.get("Invoice") or {}
    identity = note.get("CreditNoteID") or invoice["InvoiceID"]
    return {**note, **invoice}, (EntityType.CREDIT_NOTE, identity)
