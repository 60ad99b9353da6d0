"""Reads the company's tax codes and their rates (dossier section 5)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from contracts.entities import TaxComponent
from libs.connector.interface import LedgerTax, Session
from services.connectors.quickbooks_online import query
from services.connectors.quickbooks_online.mapping import tax
from services.connectors.quickbooks_online.mapping.wire import Raw, number, ref_of, rounded

ON_TAX, ON_BOTH = "TaxOnTax", "TaxOnAmountPlusTax"


async def read(session: Session, *, us: bool) -> tuple[LedgerTax, ...]:
    """All of them; of a US company also the one for what is not taxed."""
    rates = {str(raw["Id"]): raw for raw in await query.whole(session, "TaxRate")}
    codes = [
        raw for raw in await query.whole(session, "TaxCode") if raw["Id"] not in (tax.TAX, tax.NON)
    ]
    found = tuple(_tax(raw, rates) for raw in codes)
    none = LedgerTax(id=tax.NON, name="Non-taxable", rate=Decimal(0), purchases=False)
    return (*found, none) if us else found


def _tax(raw: Raw, rates: Mapping[str, Raw]) -> LedgerTax:
    sales, bought = _rates(raw, "SalesTaxRateList"), _rates(raw, "PurchaseTaxRateList")
    parts, effective = _components(sales or bought, rates)
    return LedgerTax(
        id=str(raw["Id"]),
        name=str(raw["Name"]),
        rate=rounded(effective, 6),
        components=tuple(parts),
        sales=bool(sales),
        purchases=bool(bought),
        active=raw.get("Active") is not False,
    )


def _rates(raw: Raw, name: str) -> Sequence[Raw]:
    listed: Sequence[Raw] = (raw.get(name) or {}).get("TaxRateDetail") or ()
    return sorted(listed, key=lambda one: int(one.get("TaxOrder") or 0))


def _components(
    details: Iterable[Raw], rates: Mapping[str, Raw]
) -> tuple[list[TaxComponent], Decimal]:
    """The taxes of a code and what they come to; a tax on tax alone is told by what it adds."""
    parts: list[TaxComponent] = []
    effective = Decimal(0)
    for detail in details:
        raw: Raw = rates.get(ref_of(detail, "TaxRateRef"), {})
        applies, rate = detail.get("TaxTypeApplicable"), number(raw, "RateValue", 6)
        if applies == ON_TAX:
            rate = rounded(rate * effective / 100, 6)
        compound = applies == ON_BOTH
        name = str(raw.get("Name") or "tax")[:255]
        parts.append(TaxComponent(name=name, rate=rate, compound=compound))
        effective += rate * (1 + effective / 100) if compound else rate
    return parts, effective
