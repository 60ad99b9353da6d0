"""Xero's rounding (dossier section 4): per line half up, then summed; and what meets our totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.entities import Line, TaxMode, Totals
from libs.connector.money import HUNDRED, cents, share_cents

PRICE = Decimal("0.0001")
QUANTITY = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Rounded:
    """One line as Xero reckons it; `exact` is its tax before rounding."""

    amount: Decimal
    exact: Decimal


def rounded(line: Line, rate: Decimal, mode: TaxMode) -> Rounded:
    """A line at `unitdp=4`: the price is rounded first, then the amount, then the tax."""
    price = line.unit_price.quantize(PRICE, ROUND_HALF_UP)
    discount = line.discount_percent or Decimal(0)
    amount = cents(line.quantity.quantize(QUANTITY) * price * (HUNDRED - discount) / HUNDRED)
    if mode == TaxMode.NONE:
        return Rounded(amount, Decimal(0))
    base = HUNDRED + rate if mode == TaxMode.INCLUSIVE else HUNDRED
    return Rounded(amount, amount * rate / base)


def predicted(lines: Sequence[Rounded], mode: TaxMode) -> Totals:
    """The totals Xero comes to when it is told no tax amounts."""
    amount = sum((line.amount for line in lines), Decimal(0))
    tax = sum((cents(line.exact) for line in lines), Decimal(0))
    if mode == TaxMode.INCLUSIVE:
        return Totals(net=amount - tax, tax=tax, gross=amount)
    return Totals(net=amount, tax=tax, gross=amount + tax)


def same(a: Totals, b: Totals) -> bool:
    """Equal to the cent."""
    return (a.net, a.tax, a.gross) == (b.net, b.tax, b.gross)


def tax_amounts(lines: Sequence[Rounded], mode: TaxMode, wanted: Totals) -> list[Decimal] | None:
    """The tax of each line such that the document comes to `wanted`.

    Each is less than a cent from the exact tax of its line, as if rounded once for the document.
    None where that cannot be: the difference is not one of rounding.
    """
    shared = share_cents([line.exact for line in lines], wanted.tax)
    if shared is None:
        return None
    amount = sum((line.amount for line in lines), Decimal(0))
    tax = sum(shared, Decimal(0))
    net = amount - tax if mode == TaxMode.INCLUSIVE else amount
    return shared if same(Totals(net=net, tax=tax, gross=net + tax), wanted) else None
