"""Refunds as refund receipts (dossier section 4): one line, and money out of an account.

A refund receipt takes the sale back. What a credit memo or an overpayment has given the customer
already it cannot use up (the vendor's own pages do that with a check): that is held.
"""

import re
from decimal import Decimal

from contracts.entities import Allocation, Line, LineKind, MoneyStatus, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.flat import names
from libs.connector.interface import Context, Record, Write
from libs.connector.money import cents
from services.connectors.quickbooks_online.mapping import accounts, contacts, currencies, notes, tax
from services.connectors.quickbooks_online.mapping.headers import NUMBER_LENGTH, identified
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    day,
    filled,
    number,
    present,
    ref,
    ref_of,
    shortened,
    text,
    updated,
)

RESOURCE = "RefundReceipt"
CREDITS = frozenset({"credit_note", "payment"})
"""What has given the customer credit before."""
_SHARE = re.compile(r"(invoice|credit_note|payment|bill) (\S+) (-?\d+(?:\.\d+)?)")
FIELDS: dict[str, tuple[str, ...]] = {
    "contact": ("CustomerRef",),
    "date": ("TxnDate",),
    "amount": ("Line",),
    "currency": ("CurrencyRef", "ExchangeRate"),
    "exchange_rate": ("ExchangeRate",),
    "method": ("DepositToAccountRef",),
    "reference": ("PaymentRefNum", "PrivateNote"),
    "link": ("PrivateNote",),
    "attributes": ("PrivateNote",),
    "allocations": ("PrivateNote", "Line"),
}


def refund_to_qbo(refund: Refund, marker: str, context: Context, free: str = "") -> Element:
    """The whole refund receipt."""
    account = context.mappings.external("payment_method", refund.method)
    element: Element = {
        "CustomerRef": ref(contacts.reference(refund.contact, contacts.CUSTOMER, context)),
        "TxnDate": refund.date.isoformat(),
        "PaymentRefNum": shortened(refund.reference.strip(), NUMBER_LENGTH),
        "DepositToAccountRef": ref(accounts.account_id(account, context)),
        "PrivateNote": notes.written(_noted(refund, marker, context, free)),
        "GlobalTaxCalculation": None if tax.is_us(context) else "NotApplicable",
        **currencies.sent(refund.currency, refund.exchange_rate, context),
        "Line": [_line(refund, context)],
    }
    return present(element)


def refund_element(write: Write, refund: Refund, context: Context) -> Element:
    """What a write sends."""
    there: Raw = write.raw.get(RESOURCE) or {}
    free = notes.parsed(there.get("PrivateNote")).free
    whole = refund_to_qbo(refund, write.marker, context, free)
    if not write.record:
        return filled(whole)
    fields = {names(path)[0] for path in write.changed}
    wanted = {name for field in fields for name in FIELDS.get(field, ())}
    kept = {name: value for name, value in whole.items() if name in wanted}
    return identified(write, there) | kept


def refund_from_qbo(raw: Raw, context: Context) -> Refund:
    """The record as an entity; what it refunds stands in its note."""
    void = is_void(raw)
    noted = notes.parsed(raw.get("PrivateNote"))
    shown, long = text(raw, "PaymentRefNum"), noted.labels.get("Reference", "")
    fits = bool(long) and shortened(long, NUMBER_LENGTH) == shown
    customer = f"{contacts.CUSTOMER}/{ref_of(raw, 'CustomerRef')}"
    return Refund.model_validate(
        {
            "id": str(raw.get("Id") or "new"),
            "contact": context.ids.local(EntityType.CONTACT, customer),
            "date": day(raw, "TxnDate"),
            "amount": number(raw, "TotalAmt", 2),
            **currencies.shown(raw, context),
            "method": accounts.account_word(ref_of(raw, "DepositToAccountRef"), context),
            "reference": long[:255] if fits else shown,
            "allocations": () if void else _allocations(noted, context),
            **shown_note(noted, void=void),
        }
    )


def shown_note(noted: notes.Noted, *, void: bool) -> Element:
    """What a refund's note says, as fields of the entity; of a voided one it is not read."""
    return {
        "status": MoneyStatus.VOID if void else MoneyStatus.ACTIVE,
        "attributes": {} if void else dict(noted.attributes),
        "link": "" if void else noted.labels.get("Link", "")[:255],
    }


def refund_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(
        EntityType.REFUND,
        f"{RESOURCE}/{raw['Id']}",
        {RESOURCE: raw},
        state="void" if is_void(raw) else "live",
        version=str(raw.get("SyncToken") or ""),
        marker=notes.marker_in(raw),
        number=text(raw, "DocNumber"),
        updated_at=updated(raw),
        status="Voided" if is_void(raw) else "Paid",
    )


def is_void(raw: Raw) -> bool:
    """Whether nothing is left of it."""
    return notes.is_void(raw, number(raw, "TotalAmt"))


def refund_item(refund: Refund, context: Context) -> str:
    """The item of its line; raises Held where the sale would be taken back twice."""
    if any(share.document_type in CREDITS for share in refund.allocations):
        raise Held(
            f"Refund {refund.id} gives back a credit the customer has already. QuickBooks' refund "
            "receipt uses no credit, so the sale would be taken back twice.",
            reason="not-offered",
            action="Give it back in QuickBooks with a check or an expense against the credit.",
        )
    chosen = accounts.mapped("item", accounts.REFUND, context)
    return chosen or accounts.generic_item(_as_line(refund), context)


def _as_line(refund: Refund) -> Line:
    return Line(id="1", kind=LineKind.OTHER, quantity=Decimal(1), unit_price=cents(refund.amount))


def _line(refund: Refund, context: Context) -> Element:
    amount = cents(refund.amount)
    detail: Element = {
        "ItemRef": ref(refund_item(refund, context)),
        "Qty": Decimal(1),
        "UnitPrice": amount,
        "TaxCodeRef": ref(tax.NON) if tax.is_us(context) else None,
    }
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "Description": "Refund",
        "SalesItemLineDetail": present(detail),
    }


def _noted(refund: Refund, marker: str, context: Context, free: str) -> notes.Noted:
    said = refund.reference.strip()
    shares = [
        f"{one.document_type} "
        f"{context.ids.external(EntityType(one.document_type), one.document)} "
        f"{cents(one.amount)}"
        for one in refund.allocations
    ]
    labels = {
        "Reference": said if len(said) > NUMBER_LENGTH else "",
        "Refunds": "; ".join(shares),
        "Link": refund.link,
    }
    return notes.Noted(labels, refund.attributes, free, marker)


def _allocations(noted: notes.Noted, context: Context) -> list[Allocation]:
    return [
        Allocation.model_validate(
            {
                "document": context.ids.local(EntityType(kind), identity),
                "document_type": kind,
                "amount": Decimal(amount),
            }
        )
        for kind, identity, amount in _SHARE.findall(noted.labels.get("Refunds", ""))
    ]
