"""Lines of documents and the tax amounts that bring a document to the product's totals."""

from collections.abc import Collection
from decimal import Decimal

from contracts.entities import CreditNote, Invoice, Line, LineKind, TaxMode
from contracts.values import EntityType
from libs.connector.interface import Context
from services.connectors.xero import rounding
from services.connectors.xero.mapping.items import item_code
from services.connectors.xero.mapping.wire import Element, Raw, present

DESCRIPTION_LENGTH = 4000
AMOUNTS = {"quantity", "unit_price", "discount_percent"}
TAXES = {"tax_code", "tax_rate"}
ACCOUNTS = {"account", "kind"}
ITEMS = {"item", "description"}


def line_to_xero(line: Line, context: Context) -> Element:
    """A new line, whole."""
    return changed_line(line, None, AMOUNTS | TAXES | ACCOUNTS | ITEMS, context)


def changed_line(
    line: Line, known: str | None, changed: Collection[str], context: Context
) -> Element:
    """A line by its id with what has changed of it; one that Xero has no id for is sent whole."""
    if known is None:
        changed = AMOUNTS | TAXES | ACCOUNTS | ITEMS
    element: Element = {"LineItemID": known}
    if ITEMS & set(changed):
        element["Description"] = _description(line, context)
        element["ItemCode"] = _code(line, context)
    if AMOUNTS & set(changed):
        element["Quantity"], element["UnitAmount"] = line.quantity, line.unit_price
        # A discount of 0 is refused on a line with a negative price.
        element["DiscountRate"] = line.discount_percent or None
    if TAXES & set(changed):
        element["TaxType"] = tax_type(line, context)
    if ACCOUNTS & set(changed):
        element["AccountCode"] = context.mappings.account(line.account, line.kind)
    return present(element)


def with_tax(sent: list[Element], amounts: list[Decimal] | None) -> list[Element]:
    """The elements with the tax they are told to have, where Xero's own would miss our totals."""
    if amounts is None:
        return sent
    return [{**line, "TaxAmount": tax} for line, tax in zip(sent, amounts, strict=True)]


def tax_type(line: Line, context: Context) -> str:
    """Xero's tax code of the line; one without any tax takes the rate 0."""
    no_tax = line.tax_code is None and line.tax_rate is None
    rate = Decimal(0) if no_tax else line.tax_rate
    return context.mappings.tax(line.tax_code, rate, sales=True)


def tax_rate(code: str | None, context: Context) -> Decimal | None:
    """The rate the company's tax code has now."""
    return next((tax.rate for tax in context.company.tax_codes if tax.id == code), None)


def reckoned(document: Invoice | CreditNote, context: Context) -> list[rounding.Rounded]:
    """The lines as Xero will reckon them."""
    found = []
    for line in document.lines:
        taxed = document.tax_mode != TaxMode.NONE
        rate = tax_rate(tax_type(line, context), context) if taxed else None
        found.append(rounding.rounded(line, rate or Decimal(0), document.tax_mode))
    return found


def tax_amounts(document: Invoice | CreditNote, context: Context) -> list[Decimal] | None:
    """Tax per line, where Xero's own rounding would not come to the product's totals."""
    lines = reckoned(document, context)
    if rounding.same(rounding.predicted(lines, document.tax_mode), document.totals):
        return None
    return rounding.tax_amounts(lines, document.tax_mode, document.totals)


def line_from_xero(raw: Raw, mode: TaxMode, context: Context) -> Line:
    """A line with Xero's own id, tax and account codes: they hold whatever is mapped to them."""
    code = raw.get("TaxType") or None
    item = raw.get("ItemCode") or None
    return Line(
        id=str(raw["LineItemID"]),
        kind=LineKind.PART,
        item=context.ids.numbered(EntityType.ITEM, item) if item else None,
        description=raw.get("Description") or "",
        quantity=Decimal(raw.get("Quantity") or 0),
        unit_price=Decimal(raw.get("UnitAmount") or 0),
        discount_percent=raw.get("DiscountRate") or None,
        tax_code=None if mode == TaxMode.NONE else code,
        tax_rate=None if mode == TaxMode.NONE else tax_rate(code, context),
        account=raw.get("AccountCode") or None,
    )


def _description(line: Line, context: Context) -> str:
    """Xero asks every line for one: without, it takes its stock code."""
    text = line.description or _code(line, context) or str(line.kind).capitalize()
    return text[:DESCRIPTION_LENGTH]


def _code(line: Line, context: Context) -> str | None:
    if line.item is None:
        return None
    return item_code(context.ids.number(EntityType.ITEM, line.item))
