"""Tax of a document: one rate for all in the US, a code per line elsewhere (dossier section 4)."""

import re
from decimal import Decimal

from contracts.entities import Document, Line, TaxMode
from libs.connector.errors import Held
from libs.connector.interface import Context, LedgerTax
from services.connectors.quickbooks_online.mapping import notes
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, number, ref, ref_of

US, AST = "us", "automated-sales-tax"
TAX, NON = "TAX", "NON"
RATE_LABEL = "Tax rate"
_RATE = re.compile(r"\d+(\.\d+)?")
MODE_TO = {
    TaxMode.EXCLUSIVE: "TaxExcluded",
    TaxMode.INCLUSIVE: "TaxInclusive",
    TaxMode.NONE: "NotApplicable",
}
MODE_FROM = {qbo: mode for mode, qbo in MODE_TO.items()}


def is_us(context: Context) -> bool:
    """Whether the company has the tax model of the US."""
    return US in context.company.features


def is_automated(context: Context) -> bool:
    """Whether the vendor chooses the rates itself."""
    return AST in context.company.features


def known_tax(code: str, context: Context) -> LedgerTax | None:
    """The company's tax code."""
    return next((tax for tax in context.company.tax_codes if tax.id == code), None)


def tax_of(line: Line, document: Document, context: Context, *, sales: bool) -> str:
    """The tax code of a line, "" for none: of the US the one behind its TAX.

    Raises Held where nothing is chosen for its tax.
    """
    if document.tax_mode == TaxMode.NONE or (is_us(context) and not sales):
        return ""
    bare = line.tax_code is None and not line.tax_rate
    if not is_us(context):
        return context.mappings.tax(
            line.tax_code, Decimal(0) if bare else line.tax_rate, sales=sales
        )
    if bare or line.tax_code == NON:
        return ""
    try:
        code = context.mappings.tax(line.tax_code, line.tax_rate, sales=True)
    except Held:
        if line.tax_code is not None or not is_automated(context):
            raise
        return TAX
    found = known_tax(code, context)
    return code if code != NON and (found is None or found.rate) else ""


def line_code(line: Line, document: Document, context: Context, *, sales: bool) -> str | None:
    """What the line itself says."""
    code = tax_of(line, document, context, sales=sales)
    if is_us(context):
        return (TAX if code else NON) if sales else None
    return code or None


def header(document: Document, context: Context, *, sales: bool) -> Element:
    """How the document as a whole is taxed; a US total is told, not left to be reckoned."""
    if not is_us(context):
        return {"GlobalTaxCalculation": MODE_TO[document.tax_mode]}
    if not sales:
        return {}
    codes = taxes(document, context)
    chosen = ref(codes[0]) if codes and codes[0] != TAX else None
    detail: Element = {"TxnTaxCodeRef": chosen} if chosen else {}
    return {"TxnTaxDetail": {**detail, "TotalTax": document.totals.tax}}


def taxes(document: Document, context: Context) -> list[str]:
    """The taxes a US document has on its lines."""
    codes = (tax_of(line, document, context, sales=True) for line in document.lines)
    return sorted({code for code in codes if code})


def mode_from(raw: Raw, context: Context) -> TaxMode:
    """Whether prices contain tax; a US document cannot say that it has none."""
    if is_us(context):
        return TaxMode.EXCLUSIVE
    return MODE_FROM.get(str(raw.get("GlobalTaxCalculation") or ""), TaxMode.EXCLUSIVE)


def code_from(detail: Raw, raw: Raw, mode: TaxMode, context: Context) -> str | None:
    """The vendor's own code of a line; the mappings take it, too."""
    if mode == TaxMode.NONE:
        return None
    said = ref_of(detail, "TaxCodeRef")
    if not is_us(context) or not said or said == NON:
        return said or None
    if is_automated(context):
        # Whatever code stands there is the vendor's choice, and none of ours.
        return None
    return ref_of(raw.get("TxnTaxDetail") or {}, "TxnTaxCodeRef") or None


def rate_from(detail: Raw, raw: Raw, mode: TaxMode, context: Context) -> Decimal | None:
    """The rate of a line's tax now; under automated sales tax that of the document's tax lines."""
    code = code_from(detail, raw, mode, context)
    known = known_tax(code, context) if code else None
    if known is not None:
        return known.rate
    if code == NON:
        return Decimal(0)
    if not is_us(context) or ref_of(detail, "TaxCodeRef") != TAX:
        return None
    return _meant_rate(raw) or _shown_rate(raw, context)


def rate_label(document: Document, context: Context) -> str:
    """The rate behind a told tax: an automated company may show rates of its own beside it."""
    if not is_automated(context) or not taxes(document, context):
        return ""
    rates = {line.tax_rate for line in document.lines if line.tax_rate}
    return format(next(iter(rates)).normalize(), "f") if len(rates) == 1 else ""


def _meant_rate(raw: Raw) -> Decimal | None:
    """The rate our note names, while the document's tax is still what comes of it."""
    said = notes.parsed(raw.get("PrivateNote")).labels.get(RATE_LABEL, "")
    if not _RATE.fullmatch(said):
        return None
    told = number(raw.get("TxnTaxDetail") or {}, "TotalTax", 2)
    taxed = [line for line in raw.get("Line") or () if _is_taxed(line)]
    exact = sum((number(line, "Amount", 2) for line in taxed), Decimal(0)) * Decimal(said) / 100
    return Decimal(said) if abs(exact - told) < Decimal("0.01") * max(len(taxed), 1) else None


def _is_taxed(line: Raw) -> bool:
    return ref_of(line.get("SalesItemLineDetail") or {}, "TaxCodeRef") == TAX


def _shown_rate(raw: Raw, context: Context) -> Decimal | None:
    shown = raw.get("TxnTaxDetail") or {}
    details = [line.get("TaxLineDetail") or {} for line in shown.get("TaxLine") or ()]
    rates = [number(detail, "TaxPercent", 6) for detail in details if detail.get("PercentBased")]
    if rates:
        return sum(rates, Decimal(0))
    known = known_tax(ref_of(shown, "TxnTaxCodeRef"), context)
    return known.rate if known else None
