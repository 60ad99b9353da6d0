"""Overpayments and prepayments (dossier section 6): made by a bank transaction, applied later.

A record is shown in two places: `/Overpayments` has what it is applied to, `/BankTransactions` the
account and our marker. Both are read as one.
"""

from contracts.entities import Payment
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Notice, Record
from libs.connector.money import cents
from services.connectors.xero.mapping import allocations, money
from services.connectors.xero.mapping.places import (
    BANK,
    CREDITS,
    RESOURCES,
    spelled,
)
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    marked,
    number,
    present,
    unmarked,
    updated,
)

TYPES = {"received": "RECEIVE-OVERPAYMENT", "paid": "SPEND-OVERPAYMENT"}
OWED = {"received": "receivable", "paid": "payable"}
SPENT = ("SPEND", "AP")
"""How the types of money paid begin."""


def is_credit(raw: Raw) -> bool:
    """Whether it is an overpayment or a prepayment, or the bank transaction behind one."""
    return bool(_place(raw)) and "PaymentID" not in raw


def credit_to_xero(payment: Payment, marker: str, context: Context) -> Element:
    """The bank transaction, nothing of it applied yet.

    Our marker is in the line too: the OpenAPI file says that only plain bank transactions keep a
    reference.
    """
    said = marked(payment.reference, marker)
    line = {
        "Description": said,
        "Quantity": 1,
        "UnitAmount": cents(payment.amount),
        **_owed(payment, context),
    }
    contact = context.ids.external(EntityType.CONTACT, payment.contact)
    return present(
        {
            "Type": TYPES[payment.direction],
            "Contact": {"ContactID": contact},
            "BankAccount": money.account_to(payment.method, context),
            "Date": payment.date.isoformat(),
            "LineAmountTypes": "NoTax",
            "LineItems": [line],
            "CurrencyCode": payment.currency,
            "CurrencyRate": money.rate_to(payment, context),
            "Reference": said,
        }
    )


def credit_from_xero(raw: Raw, context: Context) -> Payment:
    """The record as an entity; a prepayment's amount is with its tax."""
    paid = str(raw.get("Type") or "").startswith(SPENT)
    kind = EntityType.BILL if paid else EntityType.INVOICE
    head = money.head_of(raw, raw, raw.get("BankAccount") or {}, context)
    place = _place(raw)
    return Payment.model_validate(
        {
            **head,
            "id": str(raw[RESOURCES[place].id]),
            "direction": "paid" if paid else "received",
            "amount": number(raw, "Total"),
            "reference": money.reference_of({"Reference": said(raw)}),
            "allocations": allocations.shown(raw, kind, context),
        }
    )


def credit_record(raw: Raw) -> Record:
    """The record as the kernel keeps it: the bank transaction is its side record."""
    place = _place(raw)
    bank = raw.get(RESOURCES[BANK].id)
    left = raw.get("RemainingCredit")
    return Record(
        EntityType.PAYMENT,
        spelled(place, raw[RESOURCES[place].id]),
        raw,
        state="void" if raw.get("Status") in money.ENDED else "live",
        marker=unmarked(said(raw))[1],
        updated_at=updated(raw),
        status=raw.get("Status") or "",
        balance=None if left is None else number(raw, "RemainingCredit"),
        parts=(ExternalId(type=EntityType.PAYMENT, id=spelled(BANK, bank)),) if bank else (),
        related=tuple(
            Notice(EntityType.REFUND, refund["PaymentID"]) for refund in raw.get("Payments") or ()
        ),
    )


def _place(raw: Raw) -> str:
    return next((place for place in CREDITS if RESOURCES[place].id in raw), "")


def said(raw: Raw) -> str:
    """What a record says of itself: the reference, else what the line says of ours."""
    said = str(raw.get("Reference") or "")
    lines = raw.get("LineItems") or ()
    described = str(lines[0].get("Description") or "") if lines else ""
    return said or (described if unmarked(described)[1] else "")


def _owed(payment: Payment, context: Context) -> Element:
    """What customers owe, or what is owed to suppliers: the system account."""
    kind = OWED[payment.direction]
    known = [one for one in context.company.accounts if one.kind == kind and one.active]
    if not known:
        raise Held(
            f"{context.company.name} shows no account {kind}: payment {payment.id} is not all for "
            "documents, and Xero keeps the rest there.",
            reason="account",
            action="Restore the system account in Xero; or apply all of the payment.",
        )
    return {"AccountCode": known[0].code} if known[0].code else {"AccountID": known[0].id}
