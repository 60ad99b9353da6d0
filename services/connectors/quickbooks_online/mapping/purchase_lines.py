"""Lines of purchase orders and bills (dossier section 7): of an item, or of an account."""

from collections.abc import Sequence
from decimal import Decimal

from contracts.entities import Bill, Line, PurchaseOrder, TaxMode
from contracts.values import EntityType
from libs.connector.flat import join
from libs.connector.interface import Context, Write
from services.connectors.quickbooks_online import rounding
from services.connectors.quickbooks_online.mapping import (
    accounts,
    delivered,
    line_money,
    lines,
    tax,
    tracking,
)
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    present,
    ref,
    ref_of,
    text,
)

PurchaseDocument = Bill | PurchaseOrder
ITEM, ACCOUNT = "ItemBasedExpenseLineDetail", "AccountBasedExpenseLineDetail"


def reckoned(document: PurchaseDocument, context: Context) -> list[rounding.Sold]:
    """The lines as the ledger will reckon them."""
    found = []
    for line in document.lines:
        code = tax.tax_of(line, document, context, sales=False)
        known = tax.known_tax(code, context)
        found.append(rounding.bought(line, code, known.rate if known else Decimal(0)))
    return found


def lines_to_qbo(document: PurchaseDocument, context: Context) -> list[Element]:
    """All lines, new."""
    sold = reckoned(document, context)
    inclusive = document.tax_mode == TaxMode.INCLUSIVE
    nets = rounding.net_amounts(sold, document.totals) if inclusive else None
    found, links = [], delivered.links(document, context)
    for n, (line, money) in enumerate(zip(document.lines, sold, strict=True)):
        amount = nets[n] if nets else money.amount
        element = _line_to_qbo(line, document, money, amount, context)
        found.append({**element, **links.get(line.id, {})})
    return tracking.classed(found, document, context)


def lines_for(
    write: Write, document: PurchaseDocument, there_now: Raw, context: Context
) -> list[Element]:
    """All lines of a document that is there: what has not changed as it stands there."""
    known = dict(lines.shown_lines(there_now))
    inclusive = document.tax_mode == TaxMode.INCLUSIVE
    rebuilt = inclusive or bool(lines.ALL_LINES & write.changed)
    found = []
    for line, element in zip(document.lines, lines_to_qbo(document, context), strict=True):
        identity = write.lines.get(line.id, "")
        there = known.get(identity)
        untouched = not any(p.startswith(join("lines", line.id) + ".") for p in write.changed)
        if there is not None and untouched and not rebuilt:
            linked = {k: v for k, v in element.items() if k == "LinkedTxn"}
            found.append({**there, **linked})
        else:
            found.append(_over(element, there, identity))
    return found


def lines_from_qbo(raw: Raw, mode: TaxMode, context: Context) -> list[Line]:
    """The lines with the vendor's own ids."""
    return [
        _line_from(shown, identity, raw, mode, context)
        for identity, shown in lines.shown_lines(raw)
    ]


def orders_of(raw: Raw) -> Sequence[str]:
    """The purchase orders a bill delivers."""
    linked = [*(raw.get("LinkedTxn") or ())]
    for line in raw.get("Line") or ():
        linked += line.get("LinkedTxn") or ()
    found = (str(one["TxnId"]) for one in linked if one.get("TxnType") == delivered.ORDER)
    return list(dict.fromkeys(found))


def _line_to_qbo(
    line: Line, document: PurchaseDocument, sold: rounding.Sold, amount: Decimal, context: Context
) -> Element:
    inclusive = document.tax_mode == TaxMode.INCLUSIVE
    shared = {
        "TaxCodeRef": ref(tax.line_code(line, document, context, sales=False)),
        "TaxInclusiveAmt": sold.amount if inclusive else None,
    }
    if line.item is None:
        account = accounts.bought_account(line.account, line.kind, context)
        detail, name = {"AccountRef": ref(account), **shared}, ACCOUNT
    else:
        price = rounding.net_price(sold, amount) if inclusive else sold.price
        item = context.ids.external(EntityType.ITEM, line.item)
        detail = {"ItemRef": ref(item), "Qty": sold.quantity, "UnitPrice": price, **shared}
        name = ITEM
    said = line.description[: lines.DESCRIPTION_LENGTH].strip()
    return {"DetailType": name, "Amount": amount, "Description": said, name: present(detail)}


def _over(element: Element, there: Raw | None, identity: str) -> Element:
    if not identity or identity.startswith(lines.WITHOUT_ID):
        return element
    name = str(element["DetailType"])
    if there is None or name not in there:
        return {"Id": identity, **element}
    kept = {key: value for key, value in there[name].items() if key not in lines.DERIVED}
    return {**there, **element, name: {**kept, **element[name]}}


def _line_from(shown: Raw, identity: str, raw: Raw, mode: TaxMode, context: Context) -> Line:
    detail: Raw = shown.get(ITEM) or shown.get(ACCOUNT) or {}
    rate = tax.rate_from(detail, raw, mode, context) if not tax.is_us(context) else None
    code = tax.code_from(detail, raw, mode, context) if not tax.is_us(context) else None
    placed = tracking.of_line(detail, raw, context)
    money = line_money.told(shown, detail, rate, mode)
    item, account = ref_of(detail, "ItemRef"), ref_of(detail, "AccountRef")
    return Line(
        id=identity,
        item=context.ids.local(EntityType.ITEM, item) if item else None,
        description=text(shown, "Description", lines.DESCRIPTION_LENGTH),
        quantity=money.quantity,
        unit_price=money.price,
        tax_code=code,
        tax_rate=rate,
        account=(accounts.account_word(account, context) or None) if account else None,
        location=placed.location,
        tracking=placed.choices,
    )
