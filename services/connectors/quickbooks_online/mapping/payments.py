"""Payments received and bill payments (dossier sections 6 and 7)."""

from collections.abc import Sequence
from decimal import Decimal

from contracts.entities import Allocation, MoneyStatus, Payment
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Context, Notice, Record, Write
from libs.connector.money import cents
from services.connectors.quickbooks_online.mapping import (
    accounts,
    cheques,
    contacts,
    currencies,
    notes,
    settlements,
)
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

RECEIVED, PAID = "Payment", "BillPayment"
RESOURCES = {"received": RECEIVED, "paid": PAID}
DIRECTIONS = {RECEIVED: "received", PAID: "paid"}
WHO = {RECEIVED: ("CustomerRef", contacts.CUSTOMER), PAID: ("VendorRef", contacts.VENDOR)}
NUMBERS = {RECEIVED: "PaymentRefNum", PAID: "DocNumber"}
TO = {"invoice": ("Invoice", EntityType.INVOICE), "bill": ("Bill", EntityType.BILL)}
SETTLED = dict(TO.values())
ACCOUNT = ("DepositToAccountRef", "PayType", "CheckPayment", "CreditCardPayment")
FIELDS: dict[str, tuple[str, ...]] = {
    "contact": ("CustomerRef", "VendorRef"),
    "date": ("TxnDate",),
    "amount": ("TotalAmt",),
    "currency": ("CurrencyRef", "ExchangeRate"),
    "exchange_rate": ("ExchangeRate",),
    "method": ACCOUNT,
    "reference": ("PaymentRefNum", "DocNumber", "PrivateNote"),
    "link": ("PrivateNote",),
    "attributes": ("PrivateNote",),
}


def payment_to_qbo(payment: Payment, marker: str, context: Context, free: str = "") -> Element:
    """The whole payment but for what it settles."""
    resource = RESOURCES[payment.direction]
    field, role = WHO[resource]
    return present(
        {
            field: ref(contacts.reference(payment.contact, role, context)),
            "TotalAmt": cents(payment.amount),
            "TxnDate": payment.date.isoformat(),
            NUMBERS[resource]: shortened(payment.reference.strip(), NUMBER_LENGTH),
            "PrivateNote": notes.written(_noted(payment, marker, free)),
            **currencies.sent(payment.currency, payment.exchange_rate, context),
            **accounts.money_account(payment.method, context, received=resource == RECEIVED),
        }
    )


def payment_element(write: Write, payment: Payment, context: Context) -> Element:
    """What a write sends: all of a new payment, of a known one what has changed."""
    resource = RESOURCES[payment.direction]
    there: Raw = write.raw.get(resource) or {}
    free = notes.parsed(there.get("PrivateNote")).free
    whole = payment_to_qbo(payment, write.marker, context, free)
    if not write.record:
        return {**filled(whole), "Line": lines_to_qbo(payment, {}, context)}
    element = identified(write, there)
    fields = {names(path)[0] for path in write.changed}
    wanted = {name for field in fields for name in FIELDS.get(field, ())}
    if "allocations" in fields:
        element["Line"] = lines_to_qbo(payment, there, context)
    return element | {name: value for name, value in whole.items() if name in wanted}


def lines_to_qbo(payment: Payment, there: Raw, context: Context) -> list[Element]:
    """What it settles, whole: what is not named is unlinked; credit and cheques stay."""
    kept = [one for one in settlements.shares(there) if one.memo or one.kind in settlements.CHEQUES]
    amounts: dict[tuple[str, str], Decimal] = {}
    for allocation in payment.allocations:
        kind, entity = TO[allocation.document_type]
        key = (kind, context.ids.external(entity, allocation.document))
        amounts[key] = amounts.get(key, Decimal(0)) + cents(allocation.amount)
    for share in kept:
        key = (share.kind, share.document)
        amounts[key] = amounts.get(key, Decimal(0)) + share.amount
    for link in settlements.links(there):
        if link[0] == settlements.MEMO:
            amounts[link[:2]] = link[2]
    return [
        {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}
        for (kind, identity), amount in amounts.items()
    ]


def payment_from_qbo(raw: Raw, context: Context) -> Payment:
    """The record as an entity; its method is the account the money went to or came from."""
    resource = PAID if PAID in raw else RECEIVED
    shown: Raw = raw[resource]
    field, role = WHO[resource]
    void = is_void(shown)
    noted = notes.parsed(shown.get("PrivateNote"))
    number_shown, long = text(shown, NUMBERS[resource]), noted.labels.get("Reference", "")
    fits = long and shortened(long, NUMBER_LENGTH) == number_shown
    return Payment.model_validate(
        {
            "id": str(shown.get("Id") or "new"),
            "direction": DIRECTIONS[resource],
            "contact": context.ids.local(EntityType.CONTACT, f"{role}/{ref_of(shown, field)}"),
            "date": day(shown, "TxnDate"),
            "amount": number(shown, "TotalAmt", 2),
            **currencies.shown(shown, context),
            "method": accounts.account_word(accounts.money_account_of(shown), context),
            "reference": long[:255] if fits else number_shown,
            "allocations": () if void else allocations_from(shown, context),
            "status": MoneyStatus.VOID if void else MoneyStatus.ACTIVE,
            "attributes": {} if void else dict(noted.attributes),
            "link": "" if void else noted.labels.get("Link", "")[:255],
        }
    )


def payment_record(raw: Raw, resource: str) -> Record:
    """The record as the kernel keeps it; one of nothing but credit belongs to its credit memo."""
    memos = settlements.memos_of(raw)
    settles = settlements.is_settlement(raw)
    return Record(
        EntityType.PAYMENT,
        f"{resource}/{raw['Id']}",
        {resource: raw},
        state="void" if is_void(raw) else "live",
        version=str(raw.get("SyncToken") or ""),
        marker=notes.marker_in(raw),
        updated_at=updated(raw),
        status="Voided" if is_void(raw) else "Paid",
        belongs_to=Notice(EntityType.CREDIT_NOTE, memos[0]) if settles else None,
        related=(
            *(Notice(EntityType.CREDIT_NOTE, memo) for memo in memos),
            *cheques.refunds_of([raw]),
        ),
    )


def is_void(raw: Raw) -> bool:
    """Whether nothing is left of it."""
    return notes.is_void(raw, number(raw, "TotalAmt"))


def allocations_from(raw: Raw, context: Context) -> Sequence[Allocation]:
    """What its money settles."""
    amounts: dict[tuple[str, str], Decimal] = {}
    found = list(settlements.links(raw))
    if "VendorRef" not in raw:
        money_paid = [share for share in settlements.shares(raw) if not share.memo]
        found = [(share.kind, share.document, share.amount) for share in money_paid]
    for kind, identity, amount in found:
        if kind in SETTLED:
            amounts[kind, identity] = amounts.get((kind, identity), Decimal(0)) + amount
    return [
        Allocation.model_validate(
            {
                "document": context.ids.local(SETTLED[kind], identity),
                "document_type": SETTLED[kind],
                "amount": amount,
            }
        )
        for (kind, identity), amount in amounts.items()
    ]


def _noted(payment: Payment, marker: str, free: str) -> notes.Noted:
    said = payment.reference.strip()
    labels = {"Reference": said if len(said) > NUMBER_LENGTH else "", "Link": payment.link}
    return notes.Noted(labels, payment.attributes, free, marker)
