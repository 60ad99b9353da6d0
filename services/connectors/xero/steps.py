"""Writes that take several calls, and edits that Xero takes only after a person has acted."""

from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Step, Verb, Write
from services.connectors.xero.mapping import allocations, orders, payments
from services.connectors.xero.mapping.wire import Raw, number

SETTLED = (EntityType.INVOICE, EntityType.BILL)
WORDS = {"AmountPaid": "paid", "AmountCredited": "credited"}
LISTED = {
    "Payments": ("payment", "PaymentID"),
    "CreditNotes": ("credit note", "CreditNoteNumber"),
    "Overpayments": ("overpayment", "OverpaymentID"),
    "Prepayments": ("prepayment", "PrepaymentID"),
}


def step(write: Write, context: Context) -> Step | None:
    """See Steps.step."""
    if write.type is EntityType.PAYMENT:
        _check_unreconciled(write)
        return payments.step(write, context)
    if write.type is EntityType.CREDIT_NOTE:
        return allocations.next_step(write)
    if write.type is EntityType.PURCHASE_ORDER:
        return orders.step(write)
    if write.type in SETTLED and write.verb is not Verb.CREATE:
        _check_unpaid(write)
    return None


def _check_unreconciled(write: Write) -> None:
    """To end a payment that the bank statement is matched with would undo somebody's work.

    Raises Held, which a later read of the payment lifts.
    """
    if write.verb is Verb.CREATE or not write.raw.get("IsReconciled"):
        return
    raise Held(
        f"Payment {write.id} is reconciled with the bank statement in Xero.",
        reason="reconciled",
        action="Un-reconcile it in Xero: the change then goes by itself. Or leave it as it is.",
    )


def _check_unpaid(write: Write) -> None:
    """Xero edits and voids nothing of a document that is paid in part (dossier section 4).

    Raises Held, which a later read of the document lifts.
    """
    settled = [name for name in ("AmountPaid", "AmountCredited") if number(write.raw, name)]
    if not settled:
        return
    amounts = " and ".join(f"{number(write.raw, name)} {WORDS[name]}" for name in settled)
    raise Held(
        f"{write.type} {write.id} has {amounts} in Xero, which changes nothing of a document that "
        f"is settled in part ({', '.join(_names(write.raw))}).",
        reason="paid",
        action="Void its payments and un-apply its credits, in the product or in Xero: the change "
        "then goes by itself, and they can be entered again. Or issue a credit note instead. An "
        "edit can also have this done for it: ledgerbridge policy --paid-edits reapply.",
    )


def _names(raw: Raw) -> list[str]:
    """What settles it, as far as it is shown."""
    return [
        f"{word} {shown.get('Reference') or shown.get(identity)}"
        for path, (word, identity) in LISTED.items()
        for shown in raw.get(path) or ()
    ] or ["see its payments there"]
