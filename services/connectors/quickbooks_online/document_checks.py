"""Before a document is sent: what QuickBooks would refuse or round differently."""

from collections.abc import Callable
from decimal import Decimal

from contracts.entities import (
    Bill,
    CreditNote,
    Document,
    DocumentStatus,
    Entity,
    Invoice,
    PurchaseOrder,
    TaxMode,
    Totals,
)
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import cents
from services.connectors.quickbooks_online import rounding
from services.connectors.quickbooks_online.mapping import (
    accounts,
    lines,
    purchase_lines,
    tax,
    tracking,
)

AnyDocument = Invoice | CreditNote | Bill | PurchaseOrder
MOST_LINES = 750
BY_HAND = "Enter it in QuickBooks by hand."


def held(entity: Entity, why: str, reason: str, action: str) -> Held:
    """Why it waits, and for whom."""
    what = entity.type.replace("_", " ").capitalize()
    return Held(f"{what} {entity.id} {why}", reason=reason, action=action)


RECKONED: dict[type[Document], Callable[..., list[rounding.Sold]]] = {
    Invoice: lines.reckoned,
    CreditNote: lines.reckoned,
    Bill: purchase_lines.reckoned,
    PurchaseOrder: purchase_lines.reckoned,
}


def check(document: AnyDocument, context: Context) -> None:
    """Raises Held, with what a person can do."""
    if document.status == DocumentStatus.DRAFT:
        raise held(document, "is a draft: QuickBooks has none.", "draft", "Approve it.")
    if not document.lines:
        raise held(document, "has no line.", "no-lines", "Give it a line in the product.")
    if len(document.lines) > MOST_LINES:
        raise held(document, f"has more than {MOST_LINES} lines.", "too-large", "Split it.")
    if document.totals.gross < 0:
        other = "a credit note" if isinstance(document, Invoice) else "the opposite document"
        raise held(
            document,
            f"comes to {document.totals.gross}: QuickBooks takes no negative one.",
            "negative",
            f"Issue it as {other}.",
        )
    if isinstance(document, CreditNote):
        _check_allocations(document)
    if isinstance(document, PurchaseOrder) and accounts.payable(context) is None:
        raise held(document, "needs an accounts-payable account.", "account", BY_HAND)
    tracking.header(document, context)
    _check_taxes(document, context)
    _check_totals(document, context)


def _check_allocations(note: CreditNote) -> None:
    applied = sum((share.amount for share in note.allocations), Decimal(0))
    wrong = any(share.document_type != "invoice" for share in note.allocations)
    if wrong or applied > note.totals.gross:
        raise held(
            note,
            f"is applied to more than invoices, or with {applied} to more than it comes to.",
            "cannot-say",
            "Correct what it is applied to in the product.",
        )


def _check_taxes(document: AnyDocument, context: Context) -> None:
    if not tax.is_us(context):
        return
    sales = isinstance(document, Invoice | CreditNote)
    if document.tax_mode == TaxMode.INCLUSIVE and document.totals.tax:
        raise held(
            document,
            "has prices that contain tax; a US company has prices without.",
            "tax-mode",
            "Save it with prices before tax in the product.",
        )
    if sales and len(tax.taxes(document, context)) > 1:
        raise held(
            document,
            "has lines of several sales taxes; a US company has one for the whole document.",
            "tax-code",
            "Choose one tax for all its taxed lines, or split it.",
        )
    if not sales and document.totals.tax:
        raise held(
            document,
            "has tax; a US company keeps none on what it buys.",
            "tax-mode",
            "Give the tax as a line of its own in the product.",
        )


def predicted(document: Document, sold: list[rounding.Sold], context: Context) -> Totals | None:
    """What the ledger will come to; None where a US tax is not that of its rates."""
    taxes = {known.id: known for known in context.company.tax_codes}
    if not tax.is_us(context):
        return rounding.predicted(sold, document.tax_mode, taxes)
    return rounding.told(sold, document.totals)


def _check_totals(document: AnyDocument, context: Context) -> None:
    sold = RECKONED[type(document)](document, context)
    ours, theirs = document.totals, predicted(document, sold, context)
    if theirs is None or not rounding.same(theirs, ours):
        made = _spelled(theirs) if theirs else "another tax"
        raise held(
            document,
            f"comes to {_spelled(ours)} here; QuickBooks would make it {made}.",
            "rounding",
            "Correct the prices, the tax codes or the totals in the product.",
        )
    if not all(_tellable(line, document.tax_mode) for line in sold):
        raise held(
            document,
            "has a line whose quantity is too large for its price to be told to the cent.",
            "rounding",
            "Split the line, or price it by the hundred.",
        )
    if document.tax_mode == TaxMode.INCLUSIVE and rounding.net_amounts(sold, ours) is None:
        raise held(document, "cannot be shared out over its lines.", "rounding", BY_HAND)


def _tellable(line: rounding.Sold, mode: TaxMode) -> bool:
    """Whether amount, quantity and price fit together in both directions (6070)."""
    share = line.quantity * line.left
    if not share or mode != TaxMode.INCLUSIVE:
        return True
    shown = rounding.price_of(line.amount, line.quantity, line.left)
    net = cents(line.amount * 100 / (100 + line.rate))
    near = all(
        cents(rounding.net_price(line, net + off) * share) == net + off
        for off in (Decimal(0), Decimal("0.01"), Decimal("-0.01"))
    )
    return near and cents(shown * share) == line.amount


def _spelled(totals: Totals) -> str:
    return f"{totals.net} + {totals.tax} tax = {totals.gross}"
