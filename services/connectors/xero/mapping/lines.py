"""Lines of documents and the tax amounts that bring a document to the product's totals."""

import hashlib
from collections.abc import Collection, Sequence
from decimal import Decimal

from contracts.entities import CreditNote, Invoice, Line, LineKind, TaxMode
from contracts.values import EntityType
from libs.connector.interface import Context
from services.connectors.xero import rounding
from services.connectors.xero.mapping.items import item_code
from services.connectors.xero.mapping.wire import Element, Raw, number, present, rounded, text

SalesDocument = Invoice | CreditNote

DESCRIPTION_LENGTH = 4000
AMOUNTS = frozenset({"quantity", "unit_price", "discount_percent"})
TAXES = frozenset({"tax_code", "tax_rate"})
ACCOUNTS = frozenset({"account", "kind"})
WHOLE = AMOUNTS | TAXES | ACCOUNTS | {"item", "description"}
MADE_UP = "#"
"""Begins the line ids that are ours and not Xero's: credit notes come without."""


def line_to_xero(line: Line, document: SalesDocument, context: Context) -> Element:
    """A new line, whole."""
    return changed_line(line, document, None, WHOLE, context)


def changed_line(
    line: Line,
    document: SalesDocument,
    known: str | None,
    changed: Collection[str],
    context: Context,
) -> Element:
    """A line by its id with what has changed of it.

    One that Xero has no id for is sent whole. So is one that lost its item, and without its id:
    Xero then makes it anew, while an absent field would stay as it is.
    """
    wanted = set(changed)
    cleared = "item" in wanted and line.item is None
    if known is None or known.startswith(MADE_UP) or cleared:
        known, wanted = None, set(WHOLE)
    elif "item" in wanted:
        # An item code fills in what the line does not say itself.
        wanted = set(WHOLE)
    element = {"LineItemID": known, **_texts(line, wanted, context)}
    if wanted & AMOUNTS:
        element |= _amounts(line, document, cleared=bool(known) and "discount_percent" in changed)
    if wanted & TAXES and document.tax_mode != TaxMode.NONE:
        element["TaxType"] = tax_type(line, context)
    if wanted & ACCOUNTS:
        element["AccountCode"] = context.mappings.account(line.account, line.kind)
    return present(element)


def with_tax(sent: Sequence[Element], amounts: Sequence[Decimal] | None) -> list[Element]:
    """The elements with the tax they are told to have."""
    if amounts is None:
        return list(sent)
    return [{**line, "TaxAmount": tax} for line, tax in zip(sent, amounts, strict=True)]


def tax_type(line: Line, context: Context) -> str:
    """Xero's tax code of the line; one without any tax takes the rate 0."""
    no_tax = line.tax_code is None and line.tax_rate is None
    rate = Decimal(0) if no_tax else line.tax_rate
    return context.mappings.tax(line.tax_code, rate, sales=True)


def tax_rate(code: str | None, context: Context) -> Decimal | None:
    """The rate the company's tax code has now."""
    return next((tax.rate for tax in context.company.tax_codes if tax.id == code), None)


def reckoned(document: SalesDocument, context: Context) -> list[rounding.Rounded]:
    """The lines as Xero will reckon them."""
    found = []
    for line in document.lines:
        taxed = document.tax_mode != TaxMode.NONE
        rate = tax_rate(tax_type(line, context), context) if taxed else None
        told = rounding.terms(line, discounts=takes_discounts(document))
        found.append(rounding.rounded(told, rate or Decimal(0), document.tax_mode))
    return found


def tax_amounts(
    document: SalesDocument, context: Context, *, always: bool = False
) -> list[Decimal] | None:
    """Tax per line, where Xero's own rounding would not come to the product's totals.

    `always`: also where it would, for lines that may hold a tax they were told before.
    """
    if document.tax_mode == TaxMode.NONE:
        return None
    lines = reckoned(document, context)
    meets = rounding.same(rounding.predicted(lines, document.tax_mode), document.totals)
    if meets and not always:
        return None
    return rounding.tax_amounts(lines, document.tax_mode, document.totals)


def takes_discounts(document: SalesDocument) -> bool:
    """Credit notes do not: their price is what is left (dossier section 4)."""
    return isinstance(document, Invoice)


def lines_from_xero(raw: Raw, mode: TaxMode, context: Context) -> list[Line]:
    """The lines of a document with Xero's own ids."""
    shown = raw.get("LineItems") or ()
    return [
        line_from_xero(line, identity, mode, context)
        for line, identity in zip(shown, line_ids(shown), strict=True)
    ]


def line_ids(shown: Sequence[Raw]) -> list[str]:
    """Xero's own; lines of credit notes come without, then by what they say, twins counted."""
    found: list[str] = []
    for line in shown:
        own = str(line.get("LineItemID") or "") or MADE_UP + _digest(line)
        twins = sum(1 for known in found if known.partition("/")[0] == own)
        found.append(f"{own}/{twins}" if twins else own)
    return found


def line_from_xero(raw: Raw, identity: str, mode: TaxMode, context: Context) -> Line:
    """A line with Xero's own tax and account codes: they hold whatever is mapped to them."""
    code = text(raw, "TaxType") or None
    item = text(raw, "ItemCode") or None
    return Line(
        id=identity,
        kind=LineKind.PART,
        item=context.ids.numbered(EntityType.ITEM, item) if item else None,
        description=text(raw, "Description", DESCRIPTION_LENGTH),
        quantity=number(raw, "Quantity"),
        unit_price=number(raw, "UnitAmount", 6),
        discount_percent=_discount(raw),
        tax_code=None if mode == TaxMode.NONE else code,
        tax_rate=None if mode == TaxMode.NONE else tax_rate(code, context),
        account=text(raw, "AccountCode") or None,
    )


def _texts(line: Line, wanted: Collection[str], context: Context) -> Element:
    element: Element = {}
    if "description" in wanted:
        # Xero asks every line for one: without, it takes its stock code.
        said = line.description if line.description.strip() else _code(line, context)
        element["Description"] = (said or str(line.kind).capitalize())[:DESCRIPTION_LENGTH]
    if "item" in wanted:
        element["ItemCode"] = _code(line, context)
    return element


def _amounts(line: Line, document: SalesDocument, *, cleared: bool) -> Element:
    told = rounding.terms(line, discounts=takes_discounts(document))
    discount = told.discount
    if discount is None and cleared and takes_discounts(document) and told.price >= 0:
        # An absent discount would stay; one of 0 is refused on a line with a negative price.
        discount = Decimal(0)
    return {"Quantity": told.quantity, "UnitAmount": told.price, "DiscountRate": discount}


def _code(line: Line, context: Context) -> str | None:
    if line.item is None:
        return None
    return item_code(context.ids.number(EntityType.ITEM, line.item))


def _discount(raw: Raw) -> Decimal | None:
    """In percent, also where the bookkeeper gave an amount."""
    if raw.get("DiscountRate"):
        return number(raw, "DiscountRate", 6)
    full = number(raw, "Quantity") * number(raw, "UnitAmount", 6)
    amount = number(raw, "DiscountAmount")
    return rounded(amount * 100 / full, 6) if amount and full else None


def _digest(raw: Raw) -> str:
    names = ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "ItemCode")
    said = [f"{v.normalize():f}" if isinstance(v := raw.get(n), Decimal) else str(v) for n in names]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]
