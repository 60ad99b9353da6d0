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
    """A line's money as it is told: its amount contains tax where the document's prices do.

    `discount`: percent of the price, 0 for none.
    """

    quantity: Decimal
    price: Decimal
    amount: Decimal
    code: str
    rate: Decimal
    discount: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """The share of the price that the discount leaves."""
        return left_by(self.discount)


def left_by(discount: Decimal) -> Decimal:
    """The share of a price that a discount of so many percent leaves."""
    return (HUNDRED - discount) / HUNDRED


def sold(line: Line, code: str, rate: Decimal) -> Sold:
    """What a line of a sale comes to; what is no discount to the vendor changes its price."""
    discount = line.discount_percent or ZERO
    if not ZERO <= discount <= HUNDRED:
        return bought(line, code, rate)
    price = trimmed(line.unit_price.quantize(PRICE, ROUND_HALF_UP))
    amount = cents(line.quantity * price * left_by(discount))
    return Sold(line.quantity, price, amount, code, rate, discount)


def bought(line: Line, code: str, rate: Decimal) -> Sold:
    """What a bought line comes to: it has no discount there, only the price that is left."""
    exact = line.unit_price * left_by(line.discount_percent or ZERO)
    price = trimmed(exact.quantize(PRICE, ROUND_HALF_UP))
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
    """A price that gives the net amount; where nothing is left the price itself, without tax."""
    share = line.quantity * line.left
    exact = net / share if share else line.price * HUNDRED / (HUNDRED + line.rate)
    return trimmed(exact.quantize(NET_PRICE, ROUND_HALF_UP))


def price_of(amount: Decimal, quantity: Decimal, left: Decimal = Decimal(1)) -> Decimal:
    """The shortest price that gives the amount, at most 6 decimals; `left` by a discount."""
    if not quantity:
        return ZERO
    exact = amount / (quantity * left)
    spelled = (exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in range(2, 7))
    fitting = (price for price in spelled if cents(price * quantity * left) == amount)
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
