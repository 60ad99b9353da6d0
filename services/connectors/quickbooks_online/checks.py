"""Before a call: what QuickBooks would refuse or round differently."""

from datetime import date, timedelta
from decimal import Decimal

from contracts.entities import (
    Bill,
    Contact,
    CreditNote,
    Entity,
    Invoice,
    Payment,
    PurchaseOrder,
    Refund,
)
from libs.connector.interface import Context
from libs.connector.money import cents
from services.connectors.quickbooks_online import document_checks
from services.connectors.quickbooks_online.document_checks import BY_HAND, held
from services.connectors.quickbooks_online.mapping import payments

EMAIL_LENGTH = 100


def check(entity: Entity, context: Context) -> None:
    """Raises Held, with what a person can do, where the call would fail or miss the totals."""
    if isinstance(entity, Contact):
        _check_contact(entity)
        _check_currency(entity, entity.currency or context.company.currency, context)
    elif isinstance(entity, Payment | Refund):
        _check_open(entity, entity.date, context)
        _check_currency(entity, entity.currency, context)
        _check_money(entity)
    elif isinstance(entity, Invoice | CreditNote | Bill | PurchaseOrder):
        _check_open(entity, entity.issue_date, context)
        _check_currency(entity, entity.currency, context)
        document_checks.check(entity, context)


def _check_contact(contact: Contact) -> None:
    if len(contact.email.strip()) > EMAIL_LENGTH:
        raise held(
            contact,
            f"has an e-mail address of more than {EMAIL_LENGTH} characters.",
            "too-long",
            "Correct the e-mail address in the product.",
        )


def _check_open(entity: Entity, day: date, context: Context) -> None:
    lock = context.company.lock_date
    if lock and day <= lock:
        raise held(
            entity,
            f"is dated {day}; the books of {context.company.name} are closed up to {lock}.",
            "period-locked",
            f"Re-date it to {lock + timedelta(days=1)} or later, issue a credit note in the open "
            "period, move the closing date in QuickBooks, or leave it.",
        )


def _check_currency(entity: Entity, currency: str, context: Context) -> None:
    known = context.company.currencies
    if known and currency not in known:
        raise held(
            entity,
            f"is in {currency}, which {context.company.name} does not use.",
            "currency",
            f"Switch on multicurrency and add {currency} in QuickBooks; it then goes on by itself.",
        )


def _check_money(entity: Payment | Refund) -> None:
    shares = sum((share.amount for share in entity.allocations), Decimal(0))
    amounts = [entity.amount, *(share.amount for share in entity.allocations)]
    if any(amount != cents(amount) or amount < 0 for amount in amounts):
        why = "has an amount that is negative or below a cent."
    elif shares > entity.amount:
        why = f"settles {shares}, more than its {entity.amount}."
    elif isinstance(entity, Refund):
        return
    elif any(share.document_type not in payments.TO for share in entity.allocations):
        why = "is not for invoices or bills: money given back is a refund."
    elif {"received": "bill", "paid": "invoice"}[entity.direction] in {
        share.document_type for share in entity.allocations
    }:
        why = f"is {entity.direction}: money received is for invoices, money paid for bills."
    elif entity.direction == "paid" and shares != entity.amount:
        why = f"pays {entity.amount}, {shares} of it bills: all of a bill payment is for bills."
    else:
        return
    raise held(entity, why, "cannot-say", BY_HAND)
