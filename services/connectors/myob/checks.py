"""Before a call: what MYOB would refuse, could not tell apart or might round differently."""

from collections.abc import Callable
from decimal import Decimal

from contracts.entities import Bill, CreditNote, Entity, Line, Payment, Refund
from libs.connector.errors import Held
from libs.connector.interface import Context
from libs.connector.money import cents, line_amount
from services.connectors.myob import money, rounding
from services.connectors.myob.mapping import purchases
from services.connectors.myob.mapping.documents import KINDS, Paper
from services.connectors.myob.mapping.lines import layout_of
from services.connectors.myob.mapping.refs import line_tax, tax_rate


def check(entity: Entity, context: Context) -> None:
    """Raises Held, with what a person can do, where the call would fail or miss the totals."""
    if isinstance(entity, Payment):
        money.check_payment(entity, context)
    if isinstance(entity, Refund):
        money.check_refund(entity, context)
    if isinstance(entity, Paper):
        _check_document(entity, context)


def _check_document(document: Paper, context: Context) -> None:
    for reason, rule in RULES:
        if found := rule(document, context):
            sentence, action = found
            raise Held(f"{_name(document)} {sentence}", reason=reason, action=action)
    money.check_day(_name(document), document.issue_date, context)
    _check_totals(document, context)


Found = tuple[str, str] | None


def _is_draft(document: Paper, context: Context) -> Found:
    del context
    if document.status != "draft":
        return None
    return "is a draft: MYOB has none.", "Approve it in the product."


def _is_empty(document: Paper, context: Context) -> Found:
    del context
    return None if document.lines else ("has no line.", "Give it a line in the product.")


def _has_wrong_sign(document: Paper, context: Context) -> Found:
    """An invoice with a negative total is a credit note there, and the other way round."""
    del context
    gross = document.totals.gross
    if isinstance(document, CreditNote) and gross <= 0:
        return f"comes to {gross}: MYOB would take it for an invoice.", "Issue it as an invoice."
    if gross < 0:
        return f"comes to {gross}: MYOB would take it for a credit.", "Issue it as a credit note."
    return None


def _is_due_too_early(document: Paper, context: Context) -> Found:
    del context
    due = getattr(document, "due_date", None)
    if due is None or due >= document.issue_date:
        return None
    return f"is due on {due}, before its own date.", "Correct the due date in the product."


def _has_wrong_orders(document: Paper, context: Context) -> Found:
    if not isinstance(document, Bill) or not document.purchase_orders:
        return None
    if len(document.purchase_orders) > 1:
        return "delivers several orders; a bill of MYOB has one.", "Make a bill for each order."
    plain = layout_of(document.lines) != "Item"
    if plain and purchases.purchase_layout(document, context) == "Item":
        return (
            "has a line without an item; its order in MYOB takes items only.",
            "Give every line an item, or take the order off the bill.",
        )
    return None


def _applies_too_much(document: Paper, context: Context) -> Found:
    del context
    if not isinstance(document, CreditNote):
        return None
    if any(share.document_type != "invoice" for share in document.allocations):
        return "is applied to what is no invoice.", "Apply it to invoices only."
    shares = [share.amount for share in document.allocations]
    if any(amount <= 0 or amount != cents(amount) for amount in shares):
        return "is applied in parts of cents, or in none.", "Correct the amounts in the product."
    applied = sum(shares, Decimal(0))
    if applied > document.totals.gross:
        return f"is applied to {applied}, more than its total.", "Correct the amounts."
    return None


RULES: tuple[tuple[str, Callable[[Paper, Context], Found]], ...] = (
    ("draft", _is_draft),
    ("no-lines", _is_empty),
    ("negative", _has_wrong_sign),
    ("terms", _is_due_too_early),
    ("orders", _has_wrong_orders),
    ("allocations", _applies_too_much),
)


def _check_totals(document: Paper, context: Context) -> None:
    """Each rule of rounding that may be MYOB's must come to the product's totals."""
    found = amounts(document, context)
    met = {
        rule
        for rule in rounding.RULES
        if rounding.same(rounding.predicted(found, document.tax_mode, rule), document.totals)
    }
    if met == set(rounding.RULES):
        return
    rule = _rule(context)
    if rule in met:
        return
    ours, theirs = document.totals, rounding.predicted(found, document.tax_mode, rule or "line")
    sentence = (
        f"{_name(document)} comes to {ours.net} + {ours.tax} = {ours.gross} here; MYOB would make "
        f"it {theirs.net} + {theirs.tax} = {theirs.gross}"
    )
    if met and rule is None:
        raise Held(
            f"{sentence}, if it rounds the tax of each line; whether it does, no document of "
            f"{context.company.name} tells yet.",
            reason="rounding",
            action="Find out how MYOB rounds the tax of several lines, then: ledgerbridge map "
            "tax_code rounding line, or ledgerbridge map tax_code rounding code.",
        )
    raise Held(
        f"{sentence}.",
        reason="rounding",
        action="Correct the prices, the tax codes or the totals in the product.",
    )


def _rule(context: Context) -> rounding.Rule | None:
    """How this company file rounds: what a person chose, else what its documents prove."""
    try:
        chosen = context.mappings.external("tax_code", "rounding")
    except Held:
        chosen = ""
    proven = context.company.features
    return next(
        (r for r in rounding.RULES if r == chosen),
        next((r for r in rounding.RULES if f"{rounding.FEATURE}{r}" in proven), None),
    )


def amounts(document: Paper, context: Context) -> list[rounding.Amount]:
    """The lines as MYOB is told them."""
    return [_amount(line, document, context) for line in document.lines]


def _amount(line: Line, document: Paper, context: Context) -> rounding.Amount:
    code = line_tax(line, document.tax_mode, context, sales=KINDS[document.type].sales)
    rate = tax_rate(code, context) or Decimal(0)
    return rounding.Amount(line_amount(line), code, rate)


def _name(document: Paper) -> str:
    return f"{document.type.replace('_', ' ').capitalize()} {document.number or document.id}"
