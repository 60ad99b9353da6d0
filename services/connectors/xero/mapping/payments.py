"""Payments (dossier section 6): of one document, of several, and money not yet for any."""

from decimal import Decimal

from contracts.entities import Allocation, Payment
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.interface import Context, Notice, Record, Step, Verb, Write
from libs.connector.money import cents
from services.connectors.xero.mapping import advances, allocations, money
from services.connectors.xero.mapping.places import (
    BATCH,
    CREDITS,
    PAYMENT,
    RESOURCES,
    place_for,
    place_of,
    spelled,
)
from services.connectors.xero.mapping.wire import Element, Raw, marked, present, unmarked
from services.connectors.xero.mapping.wire import updated as when

KINDS = {"ACCRECPAYMENT": EntityType.INVOICE, "ACCPAYPAYMENT": EntityType.BILL}
TYPES = {"ACCREC": EntityType.INVOICE, "ACCPAY": EntityType.BILL}
DIRECTIONS = {EntityType.INVOICE: "received", EntityType.BILL: "paid"}
BATCHES = {"RECBATCH": EntityType.INVOICE, "PAYBATCH": EntityType.BILL}


def place(write: Write, context: Context) -> str:
    """The resource a write is for."""
    if write.record:
        return place_of(write.record)
    assert isinstance(write.entity, Payment)
    return place_for(write.entity, context.company.currency)


def step(write: Write, context: Context) -> Step | None:
    """An overpayment is made before it is applied; applying it elsewhere keeps the record."""
    kept = place(write, context) in CREDITS
    return allocations.next_step(_kept(write)) if kept else None


def _kept(write: Write) -> Write:
    """Payments are replaced where they change, by the TOML; one that is only applied is not."""
    only = all(path.startswith(allocations.PREFIX) for path in write.changed)
    if not (write.replaces and write.changed and only):
        return write
    return allocations.as_update(write)


def payment_element(write: Write, payment: Payment, context: Context) -> Element:
    """The element of a create; of a removal it is nothing but the status."""
    if write.verb in (Verb.VOID, Verb.DELETE):
        return {"Status": "DELETED"}
    where = place(write, context)
    if where == BATCH:
        return _batch_to(payment, write.marker, context)
    if where in CREDITS:
        return advances.credit_to_xero(payment, write.marker, context)
    return _single_to(payment, write.marker, context)


def payment_from_xero(raw: Raw, context: Context) -> Payment:
    """The record as an entity; its method is the account it went to.

    Raises Held where Xero does not tell whose payment it is.
    """
    if advances.is_credit(raw):
        return advances.credit_from_xero(raw, context)
    return _batch_from(raw, context) if is_batch(raw) else _single_from(raw, context)


def payment_record(raw: Raw) -> Record:
    """The record as the kernel keeps it; a deleted payment stays readable, so it is void."""
    if advances.is_credit(raw):
        return advances.credit_record(raw)
    where = BATCH if is_batch(raw) else PAYMENT
    batch = str(raw.get("BatchPaymentID") or "")
    return Record(
        EntityType.PAYMENT,
        spelled(where, raw[RESOURCES[where].id]),
        raw,
        state="void" if raw.get("Status") in money.ENDED else "live",
        marker=_marker(raw),
        updated_at=when(raw),
        status=raw.get("Status") or "",
        parts=tuple(_part(child) for child in raw.get("Payments") or () if where == BATCH),
        belongs_to=Notice(EntityType.PAYMENT, spelled(BATCH, batch))
        if batch and where == PAYMENT
        else None,
    )


def is_ours(raw: Raw) -> bool:
    """Whether it pays a sales invoice or a bill, alone or as a part of a batch."""
    if is_batch(raw):
        return raw.get("Type", "RECBATCH") in BATCHES
    if raw.get("PaymentType"):
        return raw["PaymentType"] in KINDS
    return (raw.get("Invoice") or {}).get("Type", "") in TYPES


def is_batch(raw: Raw) -> bool:
    """A payment of a batch names it too, beside its own id."""
    return "BatchPaymentID" in raw and "PaymentID" not in raw


def _single_to(payment: Payment, marker: str, context: Context) -> Element:
    return present(
        {
            **_share_to(payment.allocations[0], context),
            "Account": money.account_to(payment.method, context),
            "Date": payment.date.isoformat(),
            "CurrencyRate": money.rate_to(payment, context),
            "Reference": marked(payment.reference, marker),
        }
    )


def _batch_to(payment: Payment, marker: str, context: Context) -> Element:
    """Its parts carry the reference too: the batch's own is for New Zealand (OpenAPI file)."""
    said = marked(payment.reference, marker)
    return {
        "Account": money.account_to(payment.method, context),
        "Date": payment.date.isoformat(),
        "Reference": said,
        "Payments": [
            {**_share_to(share, context), "Reference": said} for share in payment.allocations
        ],
    }


def _share_to(share: Allocation, context: Context) -> Element:
    document = context.ids.external(EntityType(share.document_type), share.document)
    return {"Invoice": {"InvoiceID": document}, "Amount": cents(share.amount)}


def _single_from(raw: Raw, context: Context) -> Payment:
    document = raw.get("Invoice") or {}
    paid = raw.get("PaymentType")
    kind = KINDS[paid] if paid else TYPES[document.get("Type") or "ACCREC"]
    return _payment(raw, document, kind, [raw], context)


def _batch_from(raw: Raw, context: Context) -> Payment:
    """One payment with a share per document; read with the parts that tell whose it is."""
    children = [one for one in raw.get("Payments") or () if one.get("Invoice")]
    first = children[0].get("Invoice", {}) if children else {}
    subject = {**first, "Contact": raw.get("Contact") or first.get("Contact")}
    kind = BATCHES.get(raw.get("Type") or "", EntityType.INVOICE)
    return _payment(raw, subject, kind, children, context)


def _payment(
    raw: Raw, subject: Raw, kind: EntityType, shares: list[Raw], context: Context
) -> Payment:
    shown = allocations.shown({"Allocations": shares}, kind, context)
    return Payment.model_validate(
        {
            "id": str(raw.get("PaymentID") or raw.get("BatchPaymentID") or "new"),
            "direction": DIRECTIONS[kind],
            "amount": sum((share.amount for share in shown), Decimal(0)),
            "allocations": shown,
            **money.head_of(raw, subject, raw.get("Account") or {}, context),
        }
    )


def _marker(raw: Raw) -> str:
    """Of a batch, its own or its parts'."""
    said = [raw.get("Reference"), *(one.get("Reference") for one in raw.get("Payments") or ())]
    return next((found for text in said if (found := unmarked(str(text or ""))[1])), "")


def _part(child: Raw) -> ExternalId:
    return ExternalId(type=EntityType.PAYMENT, id=child["PaymentID"])
