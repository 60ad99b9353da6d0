"""Refunds (dossier section 6): each pays out one credit, and can only be made or deleted."""

from contracts.entities import Allocation, MoneyStatus, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping.refs import (
    account_from_myob,
    account_to_myob,
    card_from_myob,
    card_to_myob,
    reference,
)
from services.connectors.myob.mapping.sales import OVERPAID
from services.connectors.myob.mapping.wire import (
    SPELLED,
    Element,
    Raw,
    day_of,
    linked,
    marked,
    midnight,
    moment,
    number,
    place_of,
    text,
    uid_of,
    unmarked,
)

PATH = "/Sale/CreditRefund"


def refund_to_myob(refund: Refund, marker: str, context: Context) -> Element:
    """The whole refund."""
    word = context.mappings.external("payment_method", refund.method)
    return {
        "Account": account_to_myob(word, context),
        "Customer": card_to_myob(refund.contact, "Customer", context),
        "Invoice": reference(_credit_uid(refund, context)),
        "Date": midnight(refund.date),
        "Amount": refund.amount,
        "Memo": marked(refund.reference, marker),
    }


def refund_from_myob(raw: Raw, context: Context) -> Refund:
    """The record as an entity."""
    uid, amount = linked(raw, "Invoice"), number(raw, "Amount")
    credit = str((raw.get(SPELLED) or {}).get(uid, uid))
    paid = place_of(credit) == OVERPAID
    kind = EntityType.PAYMENT if paid else EntityType.CREDIT_NOTE
    share = {
        "document": context.ids.local(kind, credit),
        "document_type": kind,
        "amount": amount,
    }
    return Refund.model_validate(
        {
            "id": str(raw.get("UID") or "new"),
            "contact": card_from_myob(raw, "Customer", context),
            "date": day_of(raw, "Date"),
            "amount": amount,
            "currency": context.company.currency,
            "method": account_from_myob(raw, "Account", context) or "",
            "reference": unmarked(text(raw, "Memo", 4000))[0][:255],
            "allocations": [Allocation.model_validate(share)],
            "status": MoneyStatus.ACTIVE,
        }
    )


def refund_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(
        EntityType.REFUND,
        raw["UID"],
        raw,
        version=str(raw.get("RowVersion") or ""),
        marker=unmarked(str(raw.get("Memo") or ""))[1],
        number=str(raw.get("Number") or ""),
        updated_at=moment(raw.get("LastModified")),
    )


def _credit_uid(refund: Refund, context: Context) -> str:
    """The credit note, or the credit that a payment left."""
    share = refund.allocations[0]
    kind = EntityType(share.document_type)
    main = context.ids.external(kind, share.document)
    if kind is not EntityType.PAYMENT or place_of(main) in ("", OVERPAID):
        return uid_of(main)
    for one in context.ids.sides(kind, share.document):
        if place_of(one) == OVERPAID:
            return uid_of(one)
    raise Held(
        f"Payment {share.document} left no credit in MYOB that refund {refund.id} could pay out.",
        reason="no-credit",
        action="Refund it in MYOB by hand.",
    )
