"""Amounts of one line: the derived third figure, discounts, completeness, tax."""

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.money import ZERO, number, rounded

HUNDRED = Decimal(100)
AMOUNTS = ("Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount")
UNITDP = "_unitdp"
"""Decimal places of one line's unit amount, where they are not the call's."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the document asks of its lines; `final` once it is submitted or approved."""

    sales: bool
    discounts: bool
    mode: str
    unitdp: int
    final: bool
    control: bool = False


Price = tuple[Decimal | None, Decimal | None, Decimal | None]


def priced(wire: Wire, details: Wire, rules: Rules) -> Price:
    """Quantity, unit amount and line amount: two are given, the third is derived."""
    quantity, unit, amount = (number(wire, key) for key in AMOUNTS[:3])
    places = int(wire.get(UNITDP, rules.unitdp))
    if unit is None and amount is None:
        unit = details.get("UnitPrice")
    if quantity is None and not rules.final and (unit is None) != (amount is None):
        quantity = Decimal(1)  # what a draft without a quantity has is UNCONFIRMED
    quantity = None if quantity is None else rounded(quantity, 4)
    unit = None if unit is None else rounded(unit, places)
    if amount is not None:
        amount = rounded(amount)
        if unit is None and quantity:
            unit = rounded(_before_discount(wire, amount) / quantity, places)
        elif quantity is None and unit:
            quantity = rounded(_before_discount(wire, amount) / unit, 4)
    return quantity, unit, amount


def _before_discount(wire: Wire, amount: Decimal) -> Decimal:
    """`LineAmount` is after discount."""
    rate = number(wire, "DiscountRate") or ZERO
    if rate and rate != HUNDRED:
        return amount / (1 - rate / HUNDRED)
    return amount + (number(wire, "DiscountAmount") or ZERO)


def complete(
    rules: Rules, description: str | None, quantity: Decimal | None, unit: Decimal | None
) -> None:
    """Raises Invalid when a submitted or approved line lacks something."""
    # The texts are UNCONFIRMED, the requirement is not (dossier section 4).
    missing = {
        "Description": not description,
        "Quantity": quantity is None,
        "UnitAmount": unit is None,
    }
    if rules.final and any(missing.values()):
        names = [name for name, absent in missing.items() if absent]
        raise Invalid(*(f"{name} must be specified for each line item" for name in names))


def discounted(
    wire: Wire, rules: Rules, quantity: Decimal | None, unit: Decimal | None, sent: Decimal | None
) -> tuple[Decimal, Wire]:
    """The line amount after discount, and the discount as it is stored."""
    rate, off = number(wire, "DiscountRate"), number(wire, "DiscountAmount")
    if (rate or off) and not rules.discounts:
        # The text is UNCONFIRMED.
        raise Invalid("Discounts are only available on sales invoices and quotes")
    if off == 0 and unit is not None and unit < 0:
        raise Invalid("The discount rate '0.00' is invalid. It must be between 0 and 100")
    if rate is not None and not ZERO <= rate <= HUNDRED:
        raise Invalid(f"The discount rate '{rate:.2f}' is invalid. It must be between 0 and 100")
    if quantity is None or unit is None:
        return sent or ZERO, {}
    gross = quantity * unit
    amount = rounded(gross * (1 - rate / HUNDRED) if rate else gross - (off or ZERO))
    if sent is not None and "Quantity" in wire and "UnitAmount" in wire and sent != amount:
        # All three given and at odds: the text is UNCONFIRMED.
        raise Invalid(f"The line total {sent} does not match the expected line total {amount}")
    shown = {"DiscountRate": rate} if rate else {"DiscountAmount": off} if off else {}
    return amount if sent is None else sent, shown


def tax(wire: Wire, mode: str, amount: Decimal, rate: Decimal) -> Decimal:
    """Per line, to the cent, half-up; `TaxAmount` overrides what is computed."""
    if mode == "NoTax":
        return ZERO
    if (given := number(wire, "TaxAmount")) is not None:
        return rounded(given)
    base = HUNDRED + rate if mode == "Inclusive" else HUNDRED
    return rounded(amount * rate / base)
