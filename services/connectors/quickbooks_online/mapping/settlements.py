"""What applies credit memos to invoices (dossier section 6): payments, mostly of nothing.

A payment names the invoices it settles and the credit memos it uses up. What the memos bring goes
to its invoices in turn; the rest of each is paid by money. One of nothing is no payment of ours
but a side record of its credit memo. A cheque to the customer is owed like an invoice: what pays it
is what it gives back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from contracts.entities import Allocation, CreditNote
from contracts.events import ExternalId
from contracts.values import EntityType
from libs.connector.interface import Context, Write
from services.connectors.quickbooks_online.mapping import contacts, notes
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    number,
    ref,
)

INVOICE, MEMO = "Invoice", "CreditMemo"
PAYMENT = "Payment"
CHEQUES = frozenset({"Check", "Expense", "CashPurchase", "Purchase"})
"""What a payment may call a Purchase; which of them it does is unconfirmed."""
OWED = CHEQUES | {INVOICE}
Links = Sequence[tuple[str, str, Decimal]]
"""Kind, id and amount of what a payment names."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one source pays of one invoice or cheque; `memo` is "" for money."""

    memo: str
    kind: str
    document: str
    amount: Decimal


def links(payment: Raw) -> Links:
    """What a payment is linked to, in its order."""
    return [
        (str(link.get("TxnType")), str(link.get("TxnId")), number(line, "Amount", 2))
        for line in payment.get("Line") or ()
        for link in line.get("LinkedTxn") or ()
    ]


def is_settlement(payment: Raw) -> bool:
    """Whether no money comes with it, only credit."""
    memos = any(kind == MEMO for kind, _, _ in links(payment))
    return memos and not number(payment, "TotalAmt", 2)


def memos_of(payment: Raw) -> list[str]:
    """The credit memos it uses."""
    return [identity for kind, identity, _ in links(payment) if kind == MEMO]


def shares(payment: Raw) -> list[Share]:
    """Who pays what: credit memos first, in turn, then the money."""
    named = links(payment)
    sources = [(identity, left) for kind, identity, left in named if kind == MEMO]
    found: list[Share] = []
    for kind, document, open_amount in named:
        due = open_amount
        while kind in OWED and due and sources:
            memo, left = sources[0]
            used = min(due, left)
            found.append(Share(memo, kind, document, used))
            due -= used
            sources[0] = (memo, left - used)
            if not sources[0][1]:
                sources.pop(0)
        if kind in OWED and due:
            found.append(Share("", kind, document, due))
    return found


def cheques_of(payment: Raw) -> list[str]:
    """The cheques it is set against."""
    return [identity for kind, identity, _ in links(payment) if kind in CHEQUES]


def allocations_of(memo: str, payments: Iterable[Raw], context: Context) -> list[Allocation]:
    """What a credit memo settles."""
    amounts: dict[str, Decimal] = {}
    for payment in payments:
        for share in shares(payment):
            if (share.memo, share.kind) == (memo, INVOICE):
                amounts[share.document] = amounts.get(share.document, Decimal(0)) + share.amount
    return [
        Allocation(
            document=context.ids.local(EntityType.INVOICE, invoice),
            document_type="invoice",
            amount=amount,
        )
        for invoice, amount in amounts.items()
    ]


def sides(memo: str, payments: Iterable[Raw]) -> tuple[ExternalId, ...]:
    """The side records of a credit memo: what settles with it alone."""
    return tuple(
        ExternalId(type=EntityType.PAYMENT, id=f"{PAYMENT}/{payment['Id']}")
        for payment in payments
        if is_settlement(payment) and set(memos_of(payment)) == {memo}
    )


def new_settlement(write: Write, note: CreditNote, share: Allocation, context: Context) -> Element:
    """A payment of nothing that applies the credit memo to one invoice."""
    invoice = context.ids.external(EntityType.INVOICE, share.document)
    marker = notes.Noted(marker="", side=notes.side_of(write.marker))
    element: Element = {
        "CustomerRef": ref(contacts.reference(note.customer, contacts.CUSTOMER, context)),
        "TotalAmt": Decimal(0),
        "TxnDate": note.issue_date.isoformat(),
        "PrivateNote": notes.written(marker),
        "Line": linked([(INVOICE, invoice, share.amount)], write.record),
    }
    if contacts.MULTICURRENCY in context.company.features:
        element["CurrencyRef"] = ref(note.currency)
    return element


def linked(invoices: Links, memo: str) -> list[Element]:
    """The lines that apply a credit memo."""
    amount = sum((one[2] for one in invoices), Decimal(0))
    named = [*invoices, (MEMO, memo, amount)]
    return [
        {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}
        for kind, identity, amount in named
    ]


def of_invoice(payments: Iterable[Raw], memo: str, invoice: str) -> list[Raw]:
    """The settlements that apply a memo to an invoice."""
    return [
        payment
        for payment in payments
        if any(
            (share.memo, share.kind, share.document) == (memo, INVOICE, invoice)
            for share in shares(payment)
        )
    ]


def known(write: Write) -> list[Mapping[str, Raw]]:
    """The settlements read for a write."""
    return list(write.raw.get("Payments") or ())
