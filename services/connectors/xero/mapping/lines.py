"""Lines of documents and the tax amounts that bring a document to the product's totals."""

import hashlib
from collections.abc import Collection, Sequence
from decimal import Decimal

from contracts.entities import Bill, CreditNote, Invoice, Line, LineKind, PurchaseOrder, TaxMode
from contracts.values import EntityType
from libs.connector.interface import Context
from services.connectors.xero import rounding
from services.connectors.xero.mapping import tracking
from services.connectors.xero.mapping.items import item_code
from services.connectors.xero.mapping.wire import Element, Raw, number, present, rounded, text

AnyDocument = Invoice | CreditNote | PurchaseOrder | Bill

DESCRIPTION_LENGTH = 4000
AMOUNTS = frozenset({"quantity", "unit_price", "discount_percent"})
TAXES = frozenset({"tax_code", "tax_rate"})
ACCOUNTS = frozenset({"account", "kind"})
TRACKED = frozenset({"tracking", "location"})
WHOLE = AMOUNTS | TAXES | ACCOUNTS | TRACKED | {"item", "description"}
PURCHASE = "purchase_"
"""Before the kind of a line that is bought, in the mapping of kinds to accounts."""
MADE_UP = "#"
"""Begins the line ids that are ours and not Xero's: credit notes come without."""


def line_to_xero(line: Line, document: AnyDocument, context: Context) -> Element:
    """A new line, whole."""
    return changed_line(line, document, None, WHOLE, context)


def changed_line(
    line: Line,
    document: AnyDocument,
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
        element["TaxType"] = tax_type(line, document, context)
    if wanted & ACCOUNTS:
        kind = f"{'' if is_sale(document) else PURCHASE}{line.kind}"
        element["AccountCode"] = context.mappings.account(line.account, kind)
    if wanted & TRACKED:
        chosen = tracking.tracking_to(line, document.location, context)
        element["Tracking"] = chosen if chosen or known else None  # a new line has none to empty
    return present(element)


def with_tax(sent: Sequence[Element], amounts: Sequence[Decimal] | None) -> list[Element]:
    """The elements with the tax they are told to have."""
    if amounts is None:
        return list(sent)
    return [{**line, "TaxAmount": tax} for line, tax in zip(sent, amounts, strict=True)]


def tax_type(line: Line, document: AnyDocument, context: Context) -> str:
    """Xero's tax code of the line; one without any tax takes the rate 0."""
    no_tax = line.tax_code is None and line.tax_rate is None
    rate = Decimal(0) if no_tax else line.tax_rate
    return context.mappings.tax(line.tax_code, rate, sales=is_sale(document))


def tax_rate(code: str | None, context: Context) -> Decimal | None:
    """The rate the company's tax code has now."""
    return next((tax.rate for tax in context.company.tax_codes if tax.id == code), None)


def reckoned(document: AnyDocument, context: Context) -> list[rounding.Rounded]:
    """The lines as Xero will reckon them."""
    found = []
    for line in document.lines:
        taxed = document.tax_mode != TaxMode.NONE
        rate = tax_rate(tax_type(line, document, context), context) if taxed else None
        told = rounding.terms(line, discounts=takes_discounts(document))
        found.append(rounding.rounded(told, rate or Decimal(0), document.tax_mode))
    return found


def tax_amounts(
    document: AnyDocument, context: Context, *, always: bool = False
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


def is_sale(document: AnyDocument) -> bool:
    """Whether it is to a customer; else it is from a supplier."""
    return isinstance(document, Invoice | CreditNote)


def takes_discounts(document: AnyDocument) -> bool:
    """Only invoices do: elsewhere the price is what is left (dossier section 4)."""
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
    found, known = list[str](), dict[str, int]()
    for line in shown:
        own = str(line.get("LineItemID") or "") or MADE_UP + _digest(line)
        twins = known[own] = known.get(own, -1) + 1
        found.append(f"{own}/{twins}" if twins else own)
    return found


def line_from_xero(raw: Raw, identity: str, mode: TaxMode, context: Context) -> Line:
    """A line with Xero's own tax and account codes: they hold whatever is mapped to them."""
    code, item = text(raw, "TaxType") or None, text(raw, "ItemCode") or None
    placed = tracking.tracking_from(raw, context)
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
        location=placed.location,
        tracking=placed.choices,
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


def _amounts(line: Line, document: AnyDocument, *, cleared: bool) -> Element:
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
