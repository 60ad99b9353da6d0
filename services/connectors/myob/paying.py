"""Payments in several calls: beside one stands the credit of what it does not allocate, and beside
that the settlements by which a bookkeeper has used it (dossier section 6)."""

from collections.abc import Mapping
from decimal import Decimal

from contracts.entities import Payment
from libs.connector.interface import Context, Step, Verb, Write
from services.connectors.myob import settlements
from services.connectors.myob.mapping import overpayments, payments, sales
from services.connectors.myob.mapping.wire import PLACE, place_of, sides
from services.connectors.myob.wanted import before, fields_of


def used(write: Write, payment: Payment, context: Context) -> str | None:
    """The settlement of its credit that is to be deleted first."""
    itself = payments.paid_itself(write.raw, context)
    wanted = settlements.less(settlements.amounts(payment), itself)
    return settlements.superfluous(write, wanted, context)


def wrong_rest(write: Write, payment: Payment) -> str | None:
    """The credit beside a payment that does not hold what it should."""
    wanted = payment.amount - payments.applied(write.raw)
    fits = overpayments.rest_from_myob(write.raw) == wanted
    return None if fits else next(iter(_credits(write)), None)


def step(write: Write, payment: Payment, context: Context) -> Step | None:
    """The next call of a write of a payment; one that is replaced loses what stands beside it."""
    rest = overpayments.rest_of(payment)
    if write.verb is Verb.CREATE:
        with_rest = rest > 0 and payment.allocations and payment.direction == "received"
        return Step(Verb.CREATE, _without_rest(payment)) if with_rest else None
    if not write.raw:
        return None
    one = used(write, payment, context)
    if _keeps_itself(write) and rest > 0 and one is None:
        stale = wrong_rest(write, payment)
        return Step(Verb.UPDATE, _without_rest(payment) if stale else payment, not stale)
    there = before(write, payment)
    if one:
        left = settlements.without(settlements.amounts(there), write, one, context)
        return Step(Verb.UPDATE, _applying(there, left))
    return Step(Verb.UPDATE, _without_rest(there)) if _credits(write) else None


def _keeps_itself(write: Write) -> bool:
    """Whether nothing but its rest differs."""
    paid = write.raw[PLACE] != sales.OVERPAID
    return paid and write.replaces and fields_of(write) == {"amount"}


def _credits(write: Write) -> list[str]:
    return [one for one in sides(write.raw) if place_of(one) == sales.OVERPAID]


def _without_rest(payment: Payment) -> Payment:
    return payment.model_copy(update={"amount": overpayments.allocated(payment)})


def _applying(payment: Payment, shares: Mapping[str, Decimal]) -> Payment:
    kept = tuple(
        share.model_copy(update={"amount": shares[share.document]})
        for share in payment.allocations
        if share.document in shares
    )
    return payment.model_copy(update={"allocations": kept})
