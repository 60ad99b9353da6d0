"""Cheques to customers (dossier section 6): how a person gives a credit or an overpayment back.

A Purchase to a customer is owed by him like an invoice, and a payment sets a credit memo, or what
he has paid too much, against it. "Refund: RefundReceipt, or a Check/Expense linked to the
overpayment (UI only)": they come in, and are not made here.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from contracts.entities import Allocation, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Notice, Record, Write
from services.connectors.quickbooks_online.mapping import (
    accounts,
    contacts,
    currencies,
    notes,
    refunds,
    settlements,
)
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    day,
    number,
    ref_of,
    resource_id,
    text,
    updated,
)

RESOURCE = "Purchase"


def is_to_customer(raw: Raw) -> bool:
    """Whether it went to a customer; most go to suppliers.

    Where the reference does not say what it refers to, its lines name the customer again.
    """
    kind = str((raw.get("EntityRef") or {}).get("type") or "").lower()
    named = {ref_of(detail, "CustomerRef") for detail in _details(raw)}
    return kind == "customer" if kind else ref_of(raw, "EntityRef") in named - {""}


def accounts_of(raw: Raw) -> set[str]:
    """What its lines are booked to."""
    return {ref_of(detail, "AccountRef") for detail in _details(raw)}


def refunds_of(payments: Iterable[Raw]) -> tuple[Notice, ...]:
    """The cheques that payments are set against: what they give back changes with them."""
    named = {identity for payment in payments for identity in settlements.cheques_of(payment)}
    return tuple(Notice(EntityType.REFUND, f"{RESOURCE}/{one}") for one in sorted(named))


def cheque_record(raw: Raw, beside: Sequence[Raw]) -> Record:
    """The record as the kernel keeps it; `beside`: the payments that are set against it."""
    void = refunds.is_void(raw)
    return Record(
        EntityType.REFUND,
        f"{RESOURCE}/{raw['Id']}",
        {RESOURCE: raw, "Payments": list(beside)},
        state="void" if void else "live",
        version=str(raw.get("SyncToken") or ""),
        number=text(raw, "DocNumber"),
        updated_at=updated(raw),
        status="Voided" if void else "Paid",
    )


def refund_from_cheque(raw: Raw, context: Context) -> Refund:
    """The cheque as a refund of what it was set against."""
    shown: Raw = raw[RESOURCE]
    void = refunds.is_void(shown)
    noted = notes.parsed(shown.get("PrivateNote"))
    customer = f"{contacts.CUSTOMER}/{ref_of(shown, 'EntityRef')}"
    return Refund.model_validate(
        {
            "id": str(shown["Id"]),
            "contact": context.ids.local(EntityType.CONTACT, customer),
            "date": day(shown, "TxnDate"),
            "amount": number(shown, "TotalAmt", 2),
            **currencies.shown(shown, context),
            "method": accounts.account_word(ref_of(shown, "AccountRef"), context),
            "reference": text(shown, "DocNumber"),
            "allocations": () if void else _allocations(raw, str(shown["Id"]), context),
            **refunds.shown_note(noted, void=void),
        }
    )


def refuse(write: Write) -> None:
    """Raises Held for a write of a cheque: what links it to the credit is in no call."""
    if resource_id(write.record)[0] == RESOURCE:
        raise Held(
            f"Refund {write.id} was made in QuickBooks with a cheque, which cannot be changed from "
            "here: its API does not take what links a cheque to the credit it gives back.",
            reason="not-offered",
            action="Change the cheque, and the payment beside it, in QuickBooks.",
        )


def _details(raw: Raw) -> list[Raw]:
    return [line.get("AccountBasedExpenseLineDetail") or {} for line in raw.get("Line") or ()]


def _allocations(raw: Raw, cheque: str, context: Context) -> list[Allocation]:
    amounts: dict[tuple[EntityType, str], Decimal] = {}
    for payment in raw.get("Payments") or ():
        for share in settlements.shares(payment):
            if share.kind in settlements.CHEQUES and share.document == cheque:
                key = _given_back(share, payment)
                amounts[key] = amounts.get(key, Decimal(0)) + share.amount
    return [
        _allocation(kind, identity, amount, context) for (kind, identity), amount in amounts.items()
    ]


def _given_back(share: settlements.Share, payment: Raw) -> tuple[EntityType, str]:
    """A credit memo, or what was paid too much."""
    if share.memo:
        return EntityType.CREDIT_NOTE, share.memo
    return EntityType.PAYMENT, f"{settlements.PAYMENT}/{payment['Id']}"


def _allocation(kind: EntityType, identity: str, amount: Decimal, context: Context) -> Allocation:
    said: Element = {
        "document": context.ids.local(kind, identity),
        "document_type": kind,
        "amount": amount,
    }
    return Allocation.model_validate(said)
