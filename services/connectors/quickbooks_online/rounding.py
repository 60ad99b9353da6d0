"""The ledger's rounding (dossier section 4): lines half up to cents, tax per rate over their sum.

Whether it holds in every country is unconfirmed, so the totals are compared after each write, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.entities import Line, TaxComponent, TaxMode, Totals
from libs.connector.companies import LedgerTax
from libs.connector.money import CENT, HUNDRED, cents, share_cents

PRICE = Decimal("0.000001")
NET_PRICE = Decimal("0.0000001")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line's money as it is told: its amount contains tax where the document's prices do."""

    quantity: Decimal
    price: Decimal
    amount: Decimal
    code: str
    rate: Decimal


def price_left(line: Line) -> Decimal:
    """A price after the line's discount, which the vendor has no sure field for."""
    discount = line.discount_percent or ZERO
    return trimmed(
        (line.unit_price * (HUNDRED - discount) / HUNDRED).quantize(PRICE, ROUND_HALF_UP)
    )


def sold(line: Line, code: str, rate: Decimal) -> Sold:
    """What a line comes to."""
    price = price_left(line)
    return Sold(line.quantity, price, cents(line.quantity * price), code, rate)


def predicted(lines: Sequence[Sold], mode: TaxMode, taxes: Mapping[str, LedgerTax]) -> Totals:
    """The totals of a document outside the US."""
    amount = sum((line.amount for line in lines), ZERO)
    if mode == TaxMode.NONE:
        return Totals(net=amount, tax=ZERO, gross=amount)
    tax = ZERO
    for code in sorted({line.code for line in lines}):
        base = sum((line.amount for line in lines if line.code == code), ZERO)
        if mode == TaxMode.INCLUSIVE:
            rate = next(line.rate for line in lines if line.code == code)
            tax += cents(base * rate / (HUNDRED + rate))
        else:
            tax += _added(base, code, lines, taxes)
    if mode == TaxMode.INCLUSIVE:
        return Totals(net=amount - tax, tax=tax, gross=amount)
    return Totals(net=amount, tax=tax, gross=amount + tax)


def told(lines: Sequence[Sold], totals: Totals) -> Totals | None:
    """The totals of a US document, whose tax is told: None where ours is not that of its rates.

    A cent per line is what rounding may make of it.
    """
    net = sum((line.amount for line in lines), ZERO)
    tax = sum((line.amount * line.rate / HUNDRED for line in lines), ZERO)
    taxed = any(line.code for line in lines)
    if abs(totals.tax - tax) >= CENT * max(len(lines), 1) or (totals.tax and not taxed):
        return None
    return Totals(net=net, tax=totals.tax, gross=net + totals.tax)


def net_amounts(lines: Sequence[Sold], totals: Totals) -> list[Decimal] | None:
    """The net of each line whose amount contains tax, so that they come to the document's net."""
    exact = [line.amount * HUNDRED / (HUNDRED + line.rate) for line in lines]
    return share_cents(exact, totals.net)


def net_price(line: Sold, net: Decimal) -> Decimal:
    """A price that gives the net amount; with no quantity the price itself, without tax."""
    if not line.quantity:
        exact = line.price * HUNDRED / (HUNDRED + line.rate)
    else:
        exact = net / line.quantity
    return trimmed(exact.quantize(NET_PRICE, ROUND_HALF_UP))


def price_of(amount: Decimal, quantity: Decimal) -> Decimal:
    """The shortest price that gives the amount, at most 6 decimals."""
    if not quantity:
        return ZERO
    exact = amount / quantity
    spelled = (exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in range(2, 7))
    fitting = (price for price in spelled if cents(price * quantity) == amount)
    return next(fitting, exact.quantize(PRICE, ROUND_HALF_UP))


def trimmed(price: Decimal) -> Decimal:
    """Without zeros at its end, but with cents."""
    plain = price.normalize()
    return plain if plain.as_tuple().exponent < -2 else price.quantize(CENT)  # type: ignore[operator]


def same(a: Totals, b: Totals) -> bool:
    """Equal to the cent."""
    return (a.net, a.tax, a.gross) == (b.net, b.tax, b.gross)


def _added(
    base: Decimal, code: str, lines: Sequence[Sold], taxes: Mapping[str, LedgerTax]
) -> Decimal:
    known = taxes.get(code)
    rate = next(line.rate for line in lines if line.code == code)
    parts = known.components if known else ()
    total = ZERO
    for part in parts or (TaxComponent(name=code or "none", rate=rate),):
        total += cents((base + total if part.compound else base) * part.rate / HUNDRED)
    return total
