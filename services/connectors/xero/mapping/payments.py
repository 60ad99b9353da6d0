"""Payments (dossier section 6): each has one subject, and can only be made or deleted."""

from contracts.entities import Allocation, MoneyStatus, Payment
from contracts.values import EntityType
from libs.connector.interface import Context, Record, Write
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    day,
    marked,
    number,
    present,
    unmarked,
    updated,
)

SUBJECTS = {
    "invoice": ("Invoice", "InvoiceID", EntityType.INVOICE),
    "credit_note": ("CreditNote", "CreditNoteID", EntityType.CREDIT_NOTE),
}
RECEIVED = "ACCRECPAYMENT"
SALES = (RECEIVED, "ARCREDITPAYMENT")


def payment_element(write: Write, payment: Payment, context: Context) -> Element:
    """The element of a create: a payment cannot be changed."""
    return payment_to_xero(payment, write.marker, context)


def payment_to_xero(payment: Payment, marker: str, context: Context) -> Element:
    """A payment of one document."""
    allocation = payment.allocations[0]
    subject, identity, kind = SUBJECTS[allocation.document_type]
    return present(
        {
            subject: {identity: context.ids.external(kind, allocation.document)},
            "Account": _account(payment, context),
            "Date": payment.date.isoformat(),
            "Amount": payment.amount,
            "CurrencyRate": payment.exchange_rate,
            "Reference": marked(payment.reference, marker),
        }
    )


def payment_from_xero(raw: Raw, context: Context) -> Payment:
    """The record as an entity; its method is the account it went to."""
    reference, _ = unmarked(raw.get("Reference") or "")
    word = "credit_note" if raw.get("CreditNote") else "invoice"
    subject, identity, kind = SUBJECTS[word]
    document = raw.get(subject) or {}
    amount = number(raw, "Amount")
    account = raw.get("Account") or {}
    local = context.ids.local(kind, document[identity])
    return Payment.model_validate(
        {
            "id": str(raw.get("PaymentID") or "new"),
            "direction": "received" if raw.get("PaymentType", RECEIVED) == RECEIVED else "paid",
            "contact": _contact(document, context),
            "date": day(raw, "Date"),
            "amount": amount,
            "currency": document.get("CurrencyCode") or context.company.currency,
            "exchange_rate": _rate(raw, document, context),
            "method": account.get("Code") or account.get("AccountID") or "",
            "reference": reference,
            "allocations": [Allocation(document=local, document_type=word, amount=amount)],
            "status": MoneyStatus.VOID if raw.get("Status") == "DELETED" else MoneyStatus.ACTIVE,
        }
    )


def payment_record(raw: Raw) -> Record:
    """The record as the kernel keeps it; a deleted payment stays readable, so it is void."""
    return Record(
        EntityType.PAYMENT,
        raw["PaymentID"],
        raw,
        state="void" if raw.get("Status") == "DELETED" else "live",
        marker=unmarked(raw.get("Reference") or "")[1],
        updated_at=updated(raw),
        status=raw.get("Status") or "",
    )


def is_ours(raw: Raw) -> bool:
    """Whether it pays a sales invoice or refunds a sales credit note."""
    has_subject = bool(raw.get("Invoice") or raw.get("CreditNote"))
    return has_subject and raw.get("PaymentType", RECEIVED) in SALES


def _account(payment: Payment, context: Context) -> Element:
    account = context.mappings.external("payment_method", payment.method)
    codes = {known.code for known in context.company.accounts}
    return {"Code": account} if account in codes else {"AccountID": account}


def _contact(document: Raw, context: Context) -> str:
    """The payment's answer may hold its document without the contact."""
    contact = (document.get("Contact") or {}).get("ContactID")
    return context.ids.local(EntityType.CONTACT, contact) if contact else "of-its-document"


def _rate(raw: Raw, document: Raw, context: Context) -> object:
    currency = document.get("CurrencyCode") or context.company.currency
    return raw.get("CurrencyRate") if currency != context.company.currency else None
