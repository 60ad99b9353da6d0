"""Before a call: what MYOB's payments and refunds cannot say (dossier section 6)."""

from datetime import date, timedelta

from contracts.entities import Payment, Refund
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import cents
from services.connectors.myob.mapping import currencies, overpayments
from services.connectors.myob.mapping.refs import UNDEPOSITED, money_to_myob

PAYS = {"received": "invoice", "paid": "bill"}
REFUNDED = ("credit_note", "payment")


def check_day(name: str, day: date, context: Context) -> None:
    """Raises Held where the books of that day are closed."""
    lock = context.company.lock_date
    if lock and day <= lock:
        raise Held(
            f"{name} is dated {day}; {context.company.name} is locked up to {lock}.",
            reason="period-locked",
            action=f"Re-date it to {lock + timedelta(days=1)} or later, issue a credit note in the "
            "open period, move the lock date in MYOB, or leave it.",
        )


def check_payment(payment: Payment, context: Context) -> None:
    """Raises Held where a payment is none that MYOB can hold."""
    check_day(f"Payment {payment.id}", payment.date, context)
    kind, rest = PAYS[payment.direction], overpayments.rest_of(payment)
    foreign = currencies.is_foreign(payment.currency, context)
    shares = [share.amount for share in payment.allocations]
    if any(share.document_type != kind for share in payment.allocations):
        raise _held(payment, f"is {payment.direction}: that pays a {kind} only", "allocations")
    if any(amount <= 0 or amount != cents(amount) for amount in [payment.amount, *shares]):
        raise _held(payment, "has an amount that is no sum of cents above zero", "amount")
    if rest < 0:
        raise _held(payment, f"is {payment.amount} and pays documents more than that", "amount")
    if rest and (payment.direction == "paid" or foreign or _undeposited(payment, context)):
        why = "MYOB holds such a rest for money received in its own currency on a bank account only"
        raise _held(payment, f"pays {rest} beyond its documents: {why}", "overpayment")


def check_refund(refund: Refund, context: Context) -> None:
    """Raises Held where a refund is none that MYOB can hold."""
    check_day(f"Refund {refund.id}", refund.date, context)
    shares = refund.allocations
    if len(shares) != 1 or shares[0].document_type not in REFUNDED:
        why = "refunds not exactly one credit note or payment, as a refund of MYOB does"
        raise _held(refund, why, "allocations")
    if shares[0].amount != refund.amount or refund.amount <= 0:
        raise _held(refund, f"is {refund.amount}, its credit {shares[0].amount}", "amount")
    if refund.amount != cents(refund.amount):
        raise _held(refund, "has an amount that is no sum of cents", "amount")
    if currencies.is_foreign(refund.currency, context):
        why = f"is in {refund.currency}: MYOB documents no refund in a foreign currency"
        raise _held(refund, why, "currency")


def _undeposited(payment: Payment, context: Context) -> bool:
    return money_to_myob(payment.method, context) == UNDEPOSITED


def _held(money: Payment | Refund, why: str, reason: str) -> Held:
    sentence = f"{money.type.capitalize()} {money.id} {why}."
    return Held(sentence, reason=reason, action="Correct it in the product, or enter it in MYOB.")
