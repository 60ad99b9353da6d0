"""Before a call: what Xero would refuse or round differently; and what it will show afterwards."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from contracts.entities import CreditNote, Entity, Invoice, Line, Payment, TaxMode
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.xero import rounding
from services.connectors.xero.mapping import documents, lines, payments
from services.connectors.xero.mapping.wire import Element

Sales = Invoice | CreditNote


def check(entity: Entity, context: Context) -> None:
    """Raises Held, with what a person can do, where the call would fail or miss the totals."""
    if isinstance(entity, Payment):
        _check_allocations(entity)
        _check_open(entity.type, entity.id, entity.date.isoformat(), context)
        _check_currency(entity.type, entity.id, entity.currency, context)
    if isinstance(entity, CreditNote) and entity.allocations:
        raise Held(
            f"Credit note {entity.id} is applied to invoices; Xero takes that as a second step "
            "that is not built yet.",
            reason="not-yet",
            action="Apply the credit in Xero by hand.",
        )
    if isinstance(entity, Sales):
        _check_open(entity.type, entity.id, entity.issue_date.isoformat(), context)
        _check_currency(entity.type, entity.id, entity.currency, context)
        _check_totals(entity, context)


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


def _check_totals(document: Sales, context: Context) -> None:
    ours = document.totals
    if ours.gross < 0:
        raise Held(
            f"{document.type} {document.id} comes to {ours.gross}: Xero takes no negative one.",
            reason="negative",
            action="Issue it as a credit note." if document.type == "invoice" else "Invoice it.",
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


def _check_allocations(payment: Payment) -> None:
    shares = payment.allocations
    if len(shares) == 1 and shares[0].amount == payment.amount:
        if shares[0].document_type in payments.SUBJECTS:
            return
    raise Held(
        f"Payment {payment.id} is not for exactly one sales document: batch payments and "
        "overpayments are not built yet.",
        reason="not-yet",
        action="Enter it in Xero by hand.",
    )


# What Xero shows after it stored an entity


def as_stored(document: Sales, context: Context) -> Sales:
    """The document in Xero's spelling, with our line ids."""
    element = documents.document_to_xero(document, "", context)
    contact = context.ids.external(EntityType.CONTACT, document.customer)
    sent = [_line_as_stored(line, document.tax_mode, context) for line in document.lines]
    stored = {**element, "LineItems": sent, "Contact": {"ContactID": contact}}
    shown = documents.document_from_xero(stored, document.type, context)
    # A reference we translated there and back is still the same record of ours.
    return shown.model_copy(update={"customer": document.customer, "lines": _same(shown, document)})


def _same(shown: Sales, document: Sales) -> tuple[Line, ...]:
    pairs = zip(shown.lines, document.lines, strict=True)
    return tuple(line.model_copy(update={"item": own.item}) for line, own in pairs)


def _line_as_stored(line: Line, mode: TaxMode, context: Context) -> Element:
    element = lines.line_to_xero(line, context)
    if mode == TaxMode.NONE:
        element.pop("TaxType", None)
    element["LineItemID"] = line.id
    element["UnitAmount"] = line.unit_price.quantize(rounding.PRICE, ROUND_HALF_UP)
    element["Quantity"] = Decimal(line.quantity)
    return element


def payment_as_stored(payment: Payment, context: Context) -> Payment:
    """The payment in Xero's spelling; what it cannot hold is as `check` finds it."""
    _check_allocations(payment)
    element = payments.payment_to_xero(payment, "", context)
    share = payment.allocations[0]
    subject, identity, kind = payments.SUBJECTS[share.document_type]
    document = {
        identity: context.ids.external(kind, share.document),
        "CurrencyCode": payment.currency,
        "Contact": {"ContactID": context.ids.external(EntityType.CONTACT, payment.contact)},
    }
    status = "DELETED" if payment.status == "void" else "AUTHORISED"
    stored = payments.payment_from_xero({**element, subject: document, "Status": status}, context)
    return stored.model_copy(
        update={"contact": payment.contact, "allocations": payment.allocations}
    )
