"""Before a call: what Xero would refuse or round differently."""

from datetime import timedelta
from decimal import Decimal

from contracts.entities import CreditNote, Entity, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import cents
from services.connectors.xero import rounding
from services.connectors.xero.mapping import lines, places, refunds
from services.connectors.xero.mapping.lines import AnyDocument

TAKES = {"received": "invoice", "paid": "bill"}
OPPOSITE = {
    EntityType.INVOICE: "Issue it as a credit note.",
    EntityType.CREDIT_NOTE: "Invoice it.",
}
MENDED = "Correct it in the product."


def check(entity: Entity, context: Context) -> None:
    """Raises Held, with what a person can do, where the call would fail or miss the totals."""
    if isinstance(entity, Payment):
        _check_shares(entity, _fault_of_payment(entity))
    if isinstance(entity, Refund):
        _check_shares(entity, _fault_of_refund(entity))
        refunds.subject_of(entity, context)
    if isinstance(entity, Payment | Refund):
        _check_open(entity.type, entity.id, entity.date.isoformat(), context)
        _check_currency(entity.type, entity.id, entity.currency, context)
    if isinstance(entity, AnyDocument):
        _check_open(entity.type, entity.id, entity.issue_date.isoformat(), context)
        _check_currency(entity.type, entity.id, entity.currency, context)
        _check_totals(entity, context)
    if isinstance(entity, CreditNote):
        _check_applied(entity)


def _check_open(kind: str, entity: str, day: str, context: Context) -> None:
    lock = context.company.lock_date
    if lock and day <= lock.isoformat():
        first = (lock + timedelta(days=1)).isoformat()
        raise Held(
            f"{kind} {entity} is dated {day}; {context.company.name} is locked up to {lock}.",
            reason="period-locked",
            action=f"Re-date it to {first} or later, issue a credit note in the open period, move "
            "the lock date in Xero, or leave it.",
        )


def _check_currency(kind: str, entity: str, currency: str, context: Context) -> None:
    known = context.company.currencies
    if known and currency not in known:
        raise Held(
            f"{kind} {entity} is in {currency}, which {context.company.name} does not use.",
            reason="currency",
            action=f"Add {currency} under Currencies in Xero; it then goes on by itself.",
        )


def _check_totals(document: AnyDocument, context: Context) -> None:
    ours = document.totals
    if not document.lines:
        raise Held(
            f"{document.type} {document.id} has no line: Xero takes none without.",
            reason="no-lines",
            action="Give it a line in the product.",
        )
    if ours.gross < 0:
        raise Held(
            f"{document.type} {document.id} comes to {ours.gross}: Xero takes no negative one.",
            reason="negative",
            action=OPPOSITE.get(document.type, MENDED),
        )
    found = lines.reckoned(document, context)
    theirs = rounding.predicted(found, document.tax_mode)
    met = rounding.tax_amounts(found, document.tax_mode, ours) is not None
    if not (rounding.same(theirs, ours) or met):
        raise Held(
            f"{document.type} {document.id} comes to {ours.net} + {ours.tax} = {ours.gross} here; "
            f"Xero would make it {theirs.net} + {theirs.tax} = {theirs.gross}.",
            reason="rounding",
            action="Correct the prices, the tax codes or the totals in the product.",
        )


def _check_shares(money: Payment | Refund, fault: str) -> None:
    """What Xero's payments cannot say (dossier section 6)."""
    amounts = (money.amount, *(share.amount for share in money.allocations))
    if any(amount <= 0 for amount in amounts):
        fault = "has an amount that is not above 0: Xero takes none"
    elif odd := next((amount for amount in amounts if amount != cents(amount)), None):
        fault = f"has the amount {odd}: Xero keeps cents"
    if fault:
        raise Held(f"{money.type} {money.id} {fault}.", reason="amounts", action=MENDED)


def _fault_of_payment(payment: Payment) -> str:
    kinds = {share.document_type for share in payment.allocations}
    if "credit_note" in kinds:
        raise Held(
            f"Payment {payment.id} gives back a credit note: that is a refund.",
            reason="refund",
            action="Send it as a refund of the credit note.",
        )
    if kinds - {TAKES[payment.direction]}:
        return (
            f"is money {payment.direction} for {' and '.join(sorted(kinds))}: Xero takes money "
            "received for invoices and money paid for bills"
        )
    if places.unapplied(payment) < 0:
        return f"of {payment.amount} settles more than that"
    return ""


def _fault_of_refund(refund: Refund) -> str:
    shares = refund.allocations
    if len(shares) != 1 or shares[0].amount != refund.amount:
        return "is not for exactly one credit note or payment: Xero takes one refund of each"
    if shares[0].document_type not in ("credit_note", "payment"):
        return f"gives back an {shares[0].document_type}: refund a credit note for it"
    return ""


def _check_applied(note: CreditNote) -> None:
    applied = sum((share.amount for share in note.allocations), Decimal(0))
    if applied > note.totals.gross:
        raise Held(
            f"Credit note {note.id} of {note.totals.gross} is applied to {applied}.",
            reason="amounts",
            action=MENDED,
        )
    if any(share.document_type != "invoice" for share in note.allocations):
        raise Held(
            f"Credit note {note.id} is applied to something that is no invoice.",
            reason="amounts",
            action=MENDED,
        )
