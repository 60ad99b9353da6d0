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
CREDIT_CARD = "credit card"
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
            **_account(payment.method, resource, context),
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
    """What it settles, whole: what is not named is unlinked; credit used with it stays."""
    credit = [share for share in settlements.shares(there) if share.memo]
    amounts: dict[tuple[str, str], Decimal] = {}
    for allocation in payment.allocations:
        kind, entity = TO[allocation.document_type]
        key = (kind, context.ids.external(entity, allocation.document))
        amounts[key] = amounts.get(key, Decimal(0)) + cents(allocation.amount)
    for share in credit:
        key = (settlements.INVOICE, share.invoice)
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
            "method": accounts.account_word(_account_from(shown, resource), context),
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
        related=tuple(Notice(EntityType.CREDIT_NOTE, memo) for memo in memos),
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
        found = [(settlements.INVOICE, share.invoice, share.amount) for share in money_paid]
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


def _account(method: str, resource: str, context: Context) -> Element:
    word = context.mappings.external("payment_method", method)
    account = accounts.account_id(word, context)
    if resource == RECEIVED:
        return {"DepositToAccountRef": ref(account)}
    if accounts.account_kind(account, context) == CREDIT_CARD:
        return {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(account)}}
    return {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(account)}}


def _account_from(raw: Raw, resource: str) -> str:
    if resource == RECEIVED:
        return ref_of(raw, "DepositToAccountRef")
    check, card = raw.get("CheckPayment") or {}, raw.get("CreditCardPayment") or {}
    return ref_of(check, "BankAccountRef") or ref_of(card, "CCAccountRef")
