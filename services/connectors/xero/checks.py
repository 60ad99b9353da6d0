"""Before a call: what Xero would refuse or round differently; and what it will show afterwards."""

from datetime import timedelta

from contracts.entities import CreditNote, Entity, Invoice, Line, Payment
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import cents
from services.connectors.xero import rounding
from services.connectors.xero.mapping import documents, lines, payments

Sales = Invoice | CreditNote


def check(entity: Entity, context: Context) -> None:
    """Raises Held, with what a person can do, where the call would fail or miss the totals."""
    if isinstance(entity, Payment):
        _check_payment(entity)
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
            action="Issue it as a credit note." if isinstance(document, Invoice) else "Invoice it.",
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


def _check_payment(payment: Payment) -> None:
    """What Xero's payments cannot say (dossier section 6)."""
    shares = payment.allocations
    if len(shares) != 1 or shares[0].document_type not in payments.SUBJECTS:
        why = "is not for exactly one sales document: batch payments are not built yet"
    elif shares[0].amount != payment.amount:
        why = f"pays {payment.amount}, {shares[0].amount} of it a document: overpayments are not"
        why += " built yet"
    elif payment.direction != payments.DIRECTIONS[shares[0].document_type]:
        why = f"is {payment.direction}: money received pays an invoice, money paid a credit note"
    elif payment.amount != cents(payment.amount):
        why = f"has the amount {payment.amount}: Xero keeps cents"
    else:
        return
    raise Held(f"Payment {payment.id} {why}.", reason="not-yet", action="Enter it in Xero by hand.")


# What Xero shows after it stored an entity


def as_stored(document: Sales, context: Context) -> Sales:
    """The document in Xero's spelling, with our line ids."""
    element = documents.document_to_xero(document, "", context)
    shown = [
        {**lines.line_to_xero(line, document, context), "LineItemID": line.id}
        for line in document.lines
    ]
    stored = documents.document_from_xero({**element, "LineItems": shown}, document.type, context)
    # A reference we translated there and back is still the same record of ours.
    same = {"customer": document.customer, "lines": _same(stored, document)}
    return stored.model_copy(update=same)


def _same(shown: Sales, document: Sales) -> tuple[Line, ...]:
    pairs = zip(shown.lines, document.lines, strict=True)
    return tuple(line.model_copy(update={"item": own.item}) for line, own in pairs)


def payment_as_stored(payment: Payment, context: Context) -> Payment:
    """The payment in Xero's spelling; Held where it cannot hold it."""
    _check_payment(payment)
    element = payments.payment_to_xero(payment, "", context)
    share = payment.allocations[0]
    subject = payments.SUBJECTS[share.document_type][0]
    contact = context.ids.external(EntityType.CONTACT, payment.contact)
    document = {
        **element[subject],
        "CurrencyCode": payment.currency,
        "Contact": {"ContactID": contact},
    }
    status = "DELETED" if payment.status == "void" else "AUTHORISED"
    stored = payments.payment_from_xero({**element, subject: document, "Status": status}, context)
    return stored.model_copy(
        update={"contact": payment.contact, "allocations": payment.allocations}
    )
