"""Xero's rounding (dossier section 4): per line half up, then summed; and what meets our totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.entities import Line, TaxMode, Totals
from libs.connector.money import HUNDRED, cents, share_cents

PRICE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Terms:
    """What Xero is told of a line's money."""

    quantity: Decimal
    price: Decimal
    discount: Decimal | None


@dataclass(frozen=True, slots=True)
class Rounded:
    """One line as Xero reckons it; `exact` is its tax before rounding."""

    amount: Decimal
    exact: Decimal


def terms(line: Line, *, discounts: bool) -> Terms:
    """A line's money at `unitdp=4`; where there are no discounts the price is what is left."""
    discount = line.discount_percent or Decimal(0)
    price = line.unit_price if discounts else line.unit_price * (HUNDRED - discount) / HUNDRED
    kept = discount if discounts and discount else None
    return Terms(line.quantity, price.quantize(PRICE, ROUND_HALF_UP), kept)


def rounded(told: Terms, rate: Decimal, mode: TaxMode) -> Rounded:
    """The amount is rounded first, then the tax on it."""
    left = HUNDRED - (told.discount or Decimal(0))
    amount = cents(told.quantity * told.price * left / HUNDRED)
    if mode == TaxMode.NONE:
        return Rounded(amount, Decimal(0))
    base = HUNDRED + rate if mode == TaxMode.INCLUSIVE else HUNDRED
    return Rounded(amount, amount * rate / base)


def predicted(lines: Sequence[Rounded], mode: TaxMode) -> Totals:
    """The totals Xero comes to when it is told no tax amounts."""
    return _totals(lines, [cents(line.exact) for line in lines], mode)


def same(a: Totals, b: Totals) -> bool:
    """Equal to the cent."""
    return (a.net, a.tax, a.gross) == (b.net, b.tax, b.gross)


def tax_amounts(lines: Sequence[Rounded], mode: TaxMode, wanted: Totals) -> list[Decimal] | None:
    """The tax of each line such that the document comes to `wanted`.

    Each is less than a cent from the exact tax of its line, as if rounded once for the document.
    None where that cannot be: the difference is not one of rounding.
    """
    shared = share_cents([line.exact for line in lines], wanted.tax)
    if shared is None or not same(_totals(lines, shared, mode), wanted):
        return None
    # Without the sign of a negative line's zero.
    return [tax + 0 for tax in shared]


def _totals(lines: Sequence[Rounded], taxes: Sequence[Decimal], mode: TaxMode) -> Totals:
    amount = sum((line.amount for line in lines), Decimal(0))
    tax = sum(taxes, Decimal(0))
    net = amount - tax if mode == TaxMode.INCLUSIVE else amount
    return Totals(net=net, tax=tax, gross=net + tax)
