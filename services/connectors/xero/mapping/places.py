"""Where Xero keeps a payment, and how its id says so: one kind of entity, several resources."""

from dataclasses import dataclass
from decimal import Decimal

from contracts.entities import Payment

PAYMENT, BATCH = "Payment", "BatchPayment"
OVERPAYMENT, PREPAYMENT, BANK = "Overpayment", "Prepayment", "BankTransaction"
CREDITS = (OVERPAYMENT, PREPAYMENT)


@dataclass(frozen=True, slots=True)
class Resource:
    """The list a record is in, and how its id is called there."""

    path: str
    id: str


RESOURCES = {
    name: Resource(f"{name}s", f"{name}ID")
    for name in (PAYMENT, BATCH, OVERPAYMENT, PREPAYMENT, BANK)
}


def spelled(place: str, guid: str) -> str:
    """The external id: a payment's own, else with the resource before it."""
    return guid if place == PAYMENT else f"{place}/{guid}"


def place_of(record: str) -> str:
    """The resource an external id names."""
    return record.partition("/")[0] if "/" in record else PAYMENT


def guid_of(record: str) -> str:
    """Xero's own id."""
    return record.rpartition("/")[2]


def unapplied(payment: Payment) -> Decimal:
    """What of a payment settles no document."""
    return payment.amount - sum((share.amount for share in payment.allocations), Decimal(0))


def place_for(payment: Payment, currency: str) -> str:
    """Where a new payment goes: `currency` is the company's.

    Money that is not all for documents is an overpayment. So is money in another currency for
    several of them: a batch payment takes no rate, a bank transaction does.
    """
    several = len(payment.allocations) > 1
    if unapplied(payment) or (several and payment.currency != currency):
        return OVERPAYMENT
    return BATCH if several else PAYMENT
