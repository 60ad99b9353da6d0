"""Payments (dossier section 6): money received or paid, over any number of documents, no PUT."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Bill, Invoice, Payment
from contracts.values import EntityType
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping import currencies, overpayments
from services.connectors.myob.mapping.refs import (
    UNDEPOSITED,
    account_from_myob,
    account_to_myob,
    card_from_myob,
    card_to_myob,
    document_to_myob,
    money_to_myob,
)
from services.connectors.myob.mapping.sales import OVERPAID, parts_of, settled
from services.connectors.myob.mapping.wire import (
    PLACE,
    SPELLED,
    Element,
    Raw,
    day_of,
    linked,
    marked,
    midnight,
    moment,
    number,
    present,
    sides,
    spelled,
    text,
    unmarked,
)

RECEIVED, PAID = "CustomerPayment", "SupplierPayment"
PATHS = {RECEIVED: "/Sale/CustomerPayment", PAID: "/Purchase/SupplierPayment"}
DOCUMENTS = {RECEIVED: EntityType.INVOICE, PAID: EntityType.BILL}


def main_place(payment: Payment) -> str:
    """Where a payment lies; one that pays no document is a credit alone."""
    if payment.direction == "paid":
        return PAID
    return RECEIVED if payment.allocations else OVERPAID


def payment_to_myob(payment: Payment, marker: str, context: Context) -> Element:
    """What of the payment pays documents."""
    received = payment.direction == "received"
    money = currencies.currency_to_myob(payment.currency, payment.exchange_rate, context)
    amount = "AmountAppliedForeign" if money["ForeignCurrency"] else "AmountApplied"
    rows = [
        _row_to(received, share.document, context) | {amount: share.amount}
        for share in payment.allocations
    ]
    shared = {
        **_account_to(payment, "DepositTo" if received else "PayFrom", context),
        "Date": midnight(payment.date),
        "Memo": marked(payment.reference, marker),
        **money,
    }
    if received:
        card = card_to_myob(payer(payment, context), "Customer", context)
        return present({**shared, "Customer": card, "Invoices": rows})
    card = card_to_myob(payer(payment, context), "Supplier", context)
    return present({**shared, "Supplier": card, "Lines": rows})


def payer(payment: Payment, context: Context) -> str:
    """Nobody pays for another there: whose the documents are, where all of them are one's."""
    shown = [
        context.ids.shown(EntityType(share.document_type), share.document)
        for share in payment.allocations
    ]
    whose = {one.customer for one in shown if isinstance(one, Invoice)}
    whose |= {one.supplier for one in shown if isinstance(one, Bill)}
    return whose.pop() if len(whose) == 1 else payment.contact


def payment_from_myob(raw: Raw, context: Context) -> Payment:
    """The record and the credit of its rest as an entity; its method is the account."""
    place = str(raw[PLACE])
    rest = overpayments.rest_from_myob(raw)
    if place == OVERPAID:
        advance = overpayments.advance_from_myob(raw, rest, context)
        used = _allocations(EntityType.INVOICE, settled(raw, context))
        return advance.model_copy(update={"allocations": tuple(used)})
    currency, rate = currencies.currency_from_myob(raw, context)
    foreign = currencies.is_foreign(currency, context)
    shares = paid_itself(raw, context, foreign=foreign)
    for document, amount in settled(raw, context).items():
        shares[document] = shares.get(document, Decimal(0)) + amount
    said: dict[str, Any] = {
        "direction": "received" if place == RECEIVED else "paid",
        "contact": card_from_myob(raw, "Customer" if place == RECEIVED else "Supplier", context),
        "amount": applied(raw, foreign=foreign) + rest,
        "currency": currency,
        "exchange_rate": rate,
        "method": _method(raw, context),
        "reference": unmarked(text(raw, "Memo", 4000))[0][:255],
        "allocations": _allocations(DOCUMENTS[place], shares),
    }
    shared = {"id": str(raw.get("UID") or "new"), "date": day_of(raw, "Date")}
    return Payment.model_validate({**shared, **said})


def payment_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    memo = raw.get("JournalMemo") if raw[PLACE] == OVERPAID else raw.get("Memo")
    return Record(
        EntityType.PAYMENT,
        spelled(raw[PLACE], raw["UID"]),
        raw,
        version=str(raw.get("RowVersion") or ""),
        marker=unmarked(str(memo or ""))[1],
        number=str(raw.get("ReceiptNumber") or raw.get("PaymentNumber") or ""),
        updated_at=moment(raw.get("LastModified")),
        parts=parts_of(EntityType.PAYMENT, sides(raw)),
    )


def _row_to(received: bool, document: str, context: Context) -> Element:  # noqa: FBT001
    if received:
        return {"Type": "Invoice", **document_to_myob(EntityType.INVOICE, document, context)}
    return {"Type": "Bill", "Purchase": document_to_myob(EntityType.BILL, document, context)}


def _account_to(payment: Payment, name: str, context: Context) -> Element:
    word = money_to_myob(payment.method, context)
    if word == UNDEPOSITED:
        return {name: UNDEPOSITED}
    return {name: "Account", "Account": account_to_myob(word, context)}


def _method(raw: Raw, context: Context) -> str:
    if raw.get("DepositTo") == UNDEPOSITED:
        return UNDEPOSITED
    return account_from_myob(raw, "Account", context) or ""


def _rows(raw: Raw, place: str) -> list[tuple[str, str, Raw]]:
    """(type, UID, row) of what it pays; a credit alone pays nothing itself."""
    if place == OVERPAID:
        return []
    if place == RECEIVED:
        shown = raw.get("Invoices") or ()
        return [(str(r.get("Type") or "Invoice"), str(r.get("UID") or ""), r) for r in shown]
    shown = raw.get("Lines") or ()
    return [(str(r.get("Type") or "Bill"), linked(r, "Purchase"), r) for r in shown]


def applied(raw: Raw, *, foreign: bool = False) -> Decimal:
    """What it pays itself, of orders too."""
    place, name = str(raw[PLACE]), f"AmountApplied{'Foreign' if foreign else ''}"
    return sum((number(row, name) for _, _, row in _rows(raw, place)), Decimal(0))


def paid_itself(raw: Raw, context: Context, *, foreign: bool = False) -> dict[str, Decimal]:
    """What it pays of documents, by our id, without what its credit settles; what is paid on an
    order is not allocated to us."""
    place, known = str(raw[PLACE]), raw.get(SPELLED) or {}
    name = f"AmountApplied{'Foreign' if foreign else ''}"
    found: dict[str, Decimal] = {}
    for type_, uid, row in _rows(raw, place):
        if type_ != "Order" and uid:
            local = context.ids.local(DOCUMENTS[place], known.get(uid, uid))
            found[local] = found.get(local, Decimal(0)) + number(row, name)
    return found


def _allocations(kind: EntityType, shares: Mapping[str, Decimal]) -> list[Allocation]:
    return [
        Allocation.model_validate({"document": one, "document_type": kind, "amount": shares[one]})
        for one in shares
    ]
