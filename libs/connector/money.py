"""Totals of documents, reckoned as EN 16931 does, and cents shared out over lines."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from contracts.entities import Line, TaxMode, Totals

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """Rounded half up (away from zero) to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_amount(line: Line) -> Decimal:
    """Quantity times price less the discount, to the cent (BT-131)."""
    discount = line.discount_percent or Decimal(0)
    return cents(line.quantity * line.unit_price * (HUNDRED - discount) / HUNDRED)


def totals_of(lines: Iterable[Line], mode: TaxMode | str) -> Totals:
    """The totals of a document: tax per rate on the sum of its lines, rounded once (BR-CO-17)."""
    groups: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = Decimal(0) if mode == TaxMode.NONE else line.tax_rate or Decimal(0)
        groups[rate] = groups.get(rate, Decimal(0)) + line_amount(line)
    amount = sum(groups.values(), Decimal(0))
    if mode == TaxMode.INCLUSIVE:
        tax = sum((cents(a * r / (HUNDRED + r)) for r, a in groups.items()), Decimal(0))
        return Totals(net=cents(amount - tax), tax=cents(tax), gross=cents(amount))
    tax = sum((cents(a * r / HUNDRED) for r, a in groups.items()), Decimal(0))
    return Totals(net=cents(amount), tax=cents(tax), gross=cents(amount + tax))


def share_cents(exact: Sequence[Decimal], total: Decimal) -> list[Decimal] | None:
    """Amounts to the cent that add up to `total`, each less than a cent from its exact value.

    The lines whose rounding lost most take the difference; None where `total` is out of reach.
    """
    rounded = [cents(amount) for amount in exact]
    missing = int((total - sum(rounded, Decimal(0))) / CENT)
    step = CENT if missing > 0 else -CENT
    error = [(exact[i] - rounded[i]) * (1 if missing > 0 else -1) for i in range(len(exact))]
    for i in sorted(range(len(exact)), key=lambda i: (-error[i], i))[: abs(missing)]:
        rounded[i] += step
    near = all(abs(a - b) < CENT for a, b in zip(rounded, exact, strict=True))
    return rounded if near and sum(rounded, Decimal(0)) == total else None
