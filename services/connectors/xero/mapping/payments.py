"""Payments (dossier section 6): each has one subject, and can only be made or deleted."""

from decimal import Decimal
from typing import Literal

from contracts.entities import Allocation, MoneyStatus, Payment
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record, Write
from libs.connector.money import cents
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    currency_rate,
    day,
    home_rate,
    marked,
    number,
    present,
    text,
    unmarked,
    updated,
)

Subject = Literal["invoice", "credit_note"]

SUBJECTS = {
    "invoice": ("Invoice", "InvoiceID", EntityType.INVOICE),
    "credit_note": ("CreditNote", "CreditNoteID", EntityType.CREDIT_NOTE),
}
DIRECTIONS = {"invoice": "received", "credit_note": "paid"}
RECEIVED, REFUNDED = "ACCRECPAYMENT", "ARCREDITPAYMENT"
SALES = {"Invoice": "ACCREC", "CreditNote": "ACCRECCREDIT"}


def payment_element(write: Write, payment: Payment, context: Context) -> Element:
    """The element of a create: a payment cannot be changed."""
    return payment_to_xero(payment, write.marker, context)


def payment_to_xero(payment: Payment, marker: str, context: Context) -> Element:
    """A payment of one document."""
    allocation = payment.allocations[0]
    subject, identity, kind = SUBJECTS[allocation.document_type]
    foreign = payment.currency != context.company.currency
    return present(
        {
            subject: {identity: context.ids.external(kind, allocation.document)},
            "Account": _account(payment, context),
            "Date": payment.date.isoformat(),
            "Amount": cents(payment.amount),
            "CurrencyRate": currency_rate(payment.exchange_rate) if foreign else None,
            "Reference": marked(payment.reference, marker),
        }
    )


def payment_from_xero(raw: Raw, context: Context) -> Payment:
    """The record as an entity; its method is the account it went to.

    Raises Held where Xero does not tell whose payment it is.
    """
    word, document, identity = _subject(raw)
    amount = number(raw, "Amount")
    local = context.ids.local(SUBJECTS[word][2], identity)
    return Payment.model_validate(
        {
            "id": str(raw.get("PaymentID") or "new"),
            "direction": DIRECTIONS[word],
            "contact": _contact(raw, document, context),
            "date": day(raw, "Date"),
            "amount": amount,
            "currency": document.get("CurrencyCode") or context.company.currency,
            "exchange_rate": _rate(raw, document, context),
            "method": _method(raw.get("Account") or {}, context),
            "reference": unmarked(text(raw, "Reference", 4000))[0][:255],
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
    if raw.get("PaymentType"):
        return raw["PaymentType"] in (RECEIVED, REFUNDED)
    return any(
        raw.get(subject) and (raw[subject].get("Type") or kind) in SALES.values()
        for subject, kind in SALES.items()
    )


def _subject(raw: Raw) -> tuple[Subject, Raw, str]:
    """What it pays: the vendor's examples show a credit note under `Invoice`, told by the type."""
    note, invoice = raw.get("CreditNote") or {}, raw.get("Invoice") or {}
    if note:
        return "credit_note", note, note["CreditNoteID"]
    refund = raw.get("PaymentType") == REFUNDED or invoice.get("Type") == SALES["CreditNote"]
    return "credit_note" if refund else "invoice", invoice, invoice["InvoiceID"]


def _account(payment: Payment, context: Context) -> Element:
    account = context.mappings.external("payment_method", payment.method)
    codes = {known.code for known in context.company.accounts}
    return {"Code": account} if account in codes else {"AccountID": account}


def _method(shown: Raw, context: Context) -> str:
    """The account's code, else its id: answers show one or the other, or both."""
    code, identity = text(shown, "Code"), text(shown, "AccountID")
    known = {account.id: account.code for account in context.company.accounts}
    return code or known.get(identity) or identity


def _contact(raw: Raw, document: Raw, context: Context) -> str:
    contact = (document.get("Contact") or {}).get("ContactID")
    if not contact:
        raise Held(
            f"Xero does not tell whose payment {raw.get('PaymentID')} is.",
            reason="incomplete",
            action="Look at it in Xero; then ledgerbridge retry.",
        )
    return context.ids.local(EntityType.CONTACT, contact)


def _rate(raw: Raw, document: Raw, context: Context) -> Decimal | None:
    currency = document.get("CurrencyCode") or context.company.currency
    foreign = currency != context.company.currency
    return home_rate(number(raw, "CurrencyRate", 12)) if foreign else None
