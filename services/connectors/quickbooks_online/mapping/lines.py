"""Lines of sales (dossier section 4): their whole array is replaced, so all of them are sent."""

from collections.abc import Mapping
from decimal import Decimal

from contracts.entities import CreditNote, Invoice, Line, LineKind, TaxMode
from contracts.values import EntityType
from libs.connector.flat import join
from libs.connector.interface import Context, Write
from services.connectors.quickbooks_online import rounding
from services.connectors.quickbooks_online.mapping import accounts, line_money, tax, tracking
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    number,
    present,
    ref,
    ref_of,
    text,
)

SalesDocument = Invoice | CreditNote
SALES, DISCOUNT = "SalesItemLineDetail", "DiscountLineDetail"
DESCRIPTION, GROUP, SUBTOTAL = "DescriptionOnly", "GroupLineDetail", "SubTotalLineDetail"
DESCRIPTION_LENGTH = 4000
ALL_LINES = frozenset({"tax_mode", "location"})
"""What of a document its lines say."""
DERIVED = ("ItemAccountRef", "ClassRef", "TaxInclusiveAmt", *line_money.DISCOUNT_FIELDS)
"""Of a line that is there what would contradict what we say of it."""
WITHOUT_ID = "#"
"""Begins the line ids that are ours: discounts may come without one."""


def reckoned(document: SalesDocument, context: Context) -> list[rounding.Sold]:
    """The lines as the ledger will reckon them."""
    found = []
    for line in document.lines:
        code = tax.tax_of(line, document, context, sales=True)
        known = tax.known_tax(code, context)
        rate = known.rate if known else (line.tax_rate or Decimal(0)) if code else Decimal(0)
        found.append(rounding.sold(line, code, rate))
    return found


def lines_to_qbo(document: SalesDocument, context: Context) -> list[Element]:
    """All lines, new."""
    sold = reckoned(document, context)
    nets = rounding.net_amounts(sold, document.totals) if _inclusive(document) else None
    amounts = nets or [line.amount for line in sold]
    elements = [
        _line_to_qbo(line, document, money, amount, context)
        for line, money, amount in zip(document.lines, sold, amounts, strict=True)
    ]
    return tracking.classed(elements, document, context)


def lines_for(
    write: Write, document: SalesDocument, there_now: Raw, context: Context
) -> list[Element]:
    """All lines of a document that is there: what has not changed as it stands there."""
    known = dict(shown_lines(there_now))
    rebuilt = _inclusive(document) or bool(ALL_LINES & write.changed)
    found = []
    for line, element in zip(document.lines, lines_to_qbo(document, context), strict=True):
        there = known.get(write.lines.get(line.id, ""))
        untouched = not any(p.startswith(join("lines", line.id) + ".") for p in write.changed)
        if there is not None and untouched and (not rebuilt or SALES not in there):
            found.append(dict(there))
        else:
            found.append(_over(element, there, write.lines.get(line.id, "")))
    return found


def shown_lines(raw: Raw) -> list[tuple[str, Raw]]:
    """The lines that say something, with their ids; the server's subtotals do not."""
    found: list[tuple[str, Raw]] = []
    for line in raw.get("Line") or ():
        if line.get("DetailType") != SUBTOTAL:
            own = str(line.get("Id") or "")
            twins = sum(1 for identity, _ in found if identity.startswith(WITHOUT_ID))
            found.append((own or f"{WITHOUT_ID}{twins + 1}", line))
    return found


def lines_from_qbo(raw: Raw, mode: TaxMode, context: Context, *, void: bool) -> list[Line]:
    """The lines with the vendor's own ids; of a voided document only what they were about."""
    found = []
    for identity, shown in shown_lines(raw):
        line = _line_from(shown, identity, raw, mode, context)
        found.append(emptied(line) if void else line)
    return found


def emptied(line: Line) -> Line:
    """A line of a voided document: its amounts are gone."""
    return Line(
        id=line.id,
        item=line.item,
        description=line.description,
        quantity=Decimal(0),
        unit_price=Decimal(0),
    )


def _inclusive(document: SalesDocument) -> bool:
    return document.tax_mode == TaxMode.INCLUSIVE


def _line_to_qbo(
    line: Line, document: SalesDocument, sold: rounding.Sold, amount: Decimal, context: Context
) -> Element:
    said = line.description[:DESCRIPTION_LENGTH].strip()
    price = rounding.net_price(sold, amount) if _inclusive(document) else sold.price
    detail = {
        "ItemRef": ref(_item(line, context)),
        "Qty": sold.quantity,
        "UnitPrice": price,
        **line_money.discount_to(sold),
        "TaxCodeRef": ref(tax.line_code(line, document, context, sales=True)),
        "TaxInclusiveAmt": sold.amount if _inclusive(document) else None,
    }
    return {
        "DetailType": SALES,
        "Amount": amount,
        "Description": said,
        SALES: present(detail),
    }


def _item(line: Line, context: Context) -> str:
    if line.item is None:
        return accounts.generic_item(line, context)
    return context.ids.external(EntityType.ITEM, line.item)


def _over(element: Element, there: Raw | None, identity: str) -> Element:
    """The element over the line that is there, so that what we have no word for stays."""
    if not identity or identity.startswith(WITHOUT_ID):
        return element
    if there is None or SALES not in there:
        return {"Id": identity, **element}
    kept = {key: value for key, value in there[SALES].items() if key not in DERIVED}
    return {**there, **element, SALES: {**kept, **element[SALES]}}


def _line_from(shown: Raw, identity: str, raw: Raw, mode: TaxMode, context: Context) -> Line:
    if SALES in shown:
        return _sale_from(shown, identity, raw, mode, context)
    amount = number(shown, "Amount", 2)
    said = text(shown, "Description", DESCRIPTION_LENGTH)
    if DISCOUNT in shown:
        account = ref_of(shown[DISCOUNT], "DiscountAccountRef")
        return Line(
            id=identity,
            kind=LineKind.FEE,
            description=said or "Discount",
            quantity=Decimal(1),
            unit_price=-amount,
            account=accounts.account_word(account, context) or None,
        )
    one = Decimal(1) if amount else Decimal(0)
    return Line(id=identity, description=said, quantity=one, unit_price=amount)


def _sale_from(shown: Raw, identity: str, raw: Raw, mode: TaxMode, context: Context) -> Line:
    detail: Mapping[str, Raw] = shown[SALES] or {}
    item = ref_of(detail, "ItemRef")
    generic = not item or accounts.is_generic(item, context)
    rate = tax.rate_from(detail, raw, mode, context)
    placed = tracking.of_line(detail, raw, context)
    money = line_money.told(shown, detail, rate, mode)
    posts_to = accounts.generic_items(context).get(item, "")
    return Line(
        id=identity,
        item=None if generic else context.ids.local(EntityType.ITEM, item),
        description=text(shown, "Description", DESCRIPTION_LENGTH),
        quantity=money.quantity,
        unit_price=money.price,
        discount_percent=money.discount,
        tax_code=tax.code_from(detail, raw, mode, context),
        tax_rate=rate,
        account=(accounts.account_word(posts_to, context) or None) if generic else None,
        location=placed.location,
        tracking=placed.choices,
    )
