"""What payments, refunds and bank transactions share: account, rate, whose they are."""

from decimal import Decimal

from contracts.entities import MoneyStatus, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    currency_rate,
    day,
    home_rate,
    number,
    reference,
    text,
    unmarked,
)

Money = Payment | Refund
ENDED = ("DELETED", "VOIDED")
REFERENCE = 4000


def account_to(method: str, context: Context) -> Element:
    """The bank account that is chosen for a payment method: by its code, else by its id."""
    account = context.mappings.external("payment_method", method)
    codes = {known.code for known in context.company.accounts}
    return {"Code": account} if account in codes else {"AccountID": account}


def method_from(shown: Raw, context: Context) -> str:
    """The account's code, else its id: answers show one or the other, or both."""
    code, identity = text(shown, "Code"), text(shown, "AccountID")
    known = {account.id: account.code for account in context.company.accounts}
    return code or known.get(identity) or identity


def rate_to(money: Money, context: Context) -> Decimal | None:
    """Xero's rate, for foreign money only."""
    foreign = money.currency != context.company.currency
    return currency_rate(money.exchange_rate) if foreign else None


def head_of(raw: Raw, subject: Raw, account: Raw, context: Context) -> Element:
    """The fields that all kinds of money have; `subject` tells whose it is and in what currency.

    Raises Held where Xero does not tell whose it is.
    """
    currency = subject.get("CurrencyCode") or context.company.currency
    foreign = currency != context.company.currency
    return {
        "contact": _contact(raw, subject, context),
        "date": day(raw, "Date"),
        "currency": currency,
        "exchange_rate": home_rate(number(raw, "CurrencyRate", 12)) if foreign else None,
        "method": method_from(account, context),
        "reference": reference_of(raw),
        "status": MoneyStatus.VOID if raw.get("Status") in ENDED else MoneyStatus.ACTIVE,
    }


def reference_of(raw: Raw) -> str:
    """What people read of it."""
    return unmarked(text(raw, "Reference", REFERENCE))[0][:255]


def contact_of(subject: Raw) -> str:
    """The id of the contact whose it is, "" where an answer leaves it out."""
    return str((subject.get("Contact") or {}).get("ContactID") or "")


def as_stored(money: Money, context: Context) -> Money:
    """The payment or refund in Xero's spelling; Held where nothing is mapped to its method."""
    kept: Element = {
        "exchange_rate": home_rate(rate_to(money, context)),
        "method": method_from(account_to(money.method, context), context),
        "reference": reference(money.reference),
        "attributes": {},
        "link": "",
    }
    return money.model_copy(update=kept)


def _contact(raw: Raw, subject: Raw, context: Context) -> str:
    contact = contact_of(subject)
    if not contact:
        raise Held(
            f"Xero does not tell whose payment {raw.get('PaymentID')} is.",
            reason="incomplete",
            action="Look at it in Xero; then ledgerbridge retry.",
        )
    return context.ids.local(EntityType.CONTACT, contact)
