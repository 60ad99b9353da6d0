"""What a customer paid beyond its documents (dossier section 6).

It is an invoice with a negative total over the bank account itself: the bank has the money, the
customer the credit. So no document is ever paid more than its balance, and whether MYOB would take
that does not matter.
"""

from decimal import Decimal

from contracts.entities import Payment
from libs.connector.interface import Context
from services.connectors.myob.mapping.refs import (
    account_from_myob,
    account_to_myob,
    card_from_myob,
    card_to_myob,
    reference,
    tax_uid,
)
from services.connectors.myob.mapping.sales import OVERPAID
from services.connectors.myob.mapping.wire import (
    Element,
    Raw,
    day_of,
    marked,
    midnight,
    number,
    place_of,
    sides,
    text,
    unmarked,
)

DESCRIPTION = "Paid in advance"


def allocated(payment: Payment) -> Decimal:
    """What of it pays documents."""
    return sum((share.amount for share in payment.allocations), Decimal(0))


def rest_of(payment: Payment) -> Decimal:
    """What of it pays none."""
    return payment.amount - allocated(payment)


def rest_from_myob(raw: Raw) -> Decimal:
    """What the credits beside a payment hold, what has been used of them since included."""
    held = (raw for one, raw in sides(raw).items() if place_of(one) == OVERPAID)
    return sum((-number(one, "TotalAmount") for one in held), Decimal(0))


def overpayment_to_myob(payment: Payment, marker: str, context: Context) -> Element:
    """The credit of what it does not allocate."""
    account = account_to_myob(context.mappings.external("payment_method", payment.method), context)
    tax = tax_uid(context.mappings.tax(None, Decimal(0), sales=True), context)
    line = {
        "Type": "Transaction",
        "Description": f"{DESCRIPTION} {payment.reference}".strip(),
        "Total": -rest_of(payment),
        "Account": account,
        "TaxCode": reference(tax),
    }
    return {
        "Date": midnight(payment.date),
        "Customer": card_to_myob(payment.contact, "Customer", context),
        "IsTaxInclusive": False,
        "JournalMemo": marked(f"{OVERPAID} {payment.reference}", marker),
        "Lines": [line],
    }


def advance_from_myob(raw: Raw, rest: Decimal, context: Context) -> Payment:
    """A payment that is a credit alone; its method is the account of the credit's line."""
    memo = unmarked(text(raw, "JournalMemo", 4000))[0]
    first: Raw = next(iter(raw.get("Lines") or ()), {})
    return Payment.model_validate(
        {
            "id": str(raw.get("UID") or "new"),
            "contact": card_from_myob(raw, "Customer", context),
            "date": day_of(raw, "Date"),
            "amount": rest - number(raw, "TotalAmount"),
            "currency": context.company.currency,
            "method": account_from_myob(first, "Account", context) or "",
            "reference": memo.removeprefix(OVERPAID).strip()[:255],
        }
    )
