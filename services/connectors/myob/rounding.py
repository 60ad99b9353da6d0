"""MYOB's rounding (dossier section 4): money has two places, and lines take no tax of their own.

Whether tax is rounded for each line or once for each tax code is not documented, and no call can
say it. So a document goes out where both come to the product's totals; where they differ, what the
company's own documents prove decides, or what a person has chosen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from contracts.entities import TaxMode, Totals
from libs.connector.money import HUNDRED, cents

Rule = Literal["line", "code"]
RULES: tuple[Rule, ...] = get_args(Rule)
FEATURE = "tax-rounded-per-"


@dataclass(frozen=True, slots=True)
class Amount:
    """A line's total as it is told to MYOB, with its tax code and that code's rate."""

    total: Decimal
    code: str
    rate: Decimal


def tax_of(lines: Iterable[Amount], mode: TaxMode, rule: Rule) -> Decimal:
    """The document's tax under a rule."""
    inclusive = mode == TaxMode.INCLUSIVE
    if rule == "line":
        found = (_tax(one.total, one.rate, inclusive=inclusive) for one in lines)
        return sum(map(cents, found), Decimal(0))
    groups: dict[tuple[str, Decimal], Decimal] = {}
    for one in lines:
        key = (one.code, one.rate)
        groups[key] = groups.get(key, Decimal(0)) + one.total
    exact = (_tax(total, rate, inclusive=inclusive) for (_, rate), total in groups.items())
    return sum(map(cents, exact), Decimal(0))


def predicted(lines: Sequence[Amount], mode: TaxMode, rule: Rule) -> Totals:
    """The totals that MYOB comes to under a rule."""
    amount = sum((one.total for one in lines), Decimal(0))
    tax = tax_of(lines, mode, rule)
    net = amount - tax if mode == TaxMode.INCLUSIVE else amount
    return Totals(net=net, tax=tax, gross=net + tax)


def same(a: Totals, b: Totals) -> bool:
    """Equal to the cent."""
    return (a.net, a.tax, a.gross) == (b.net, b.tax, b.gross)


def proven(documents: Iterable[Mapping[str, object]], rates: Mapping[str, Decimal]) -> set[Rule]:
    """The rules that every document of the company fits; both, as long as none tells."""
    left: set[Rule] = set(RULES)
    for raw in documents:
        lines, mode, tax = _read(raw, rates)
        fits = {rule for rule in RULES if lines and tax_of(lines, mode, rule) == tax}
        # A document that fits neither was overtyped, or its code's rate has changed since.
        left = left & fits if fits else left
    return left or set(RULES)


def _read(
    raw: Mapping[str, object], rates: Mapping[str, Decimal]
) -> tuple[list[Amount], TaxMode, Decimal]:
    """An invoice's lines as MYOB shows them; none where it has more than lines."""
    mode = TaxMode.INCLUSIVE if raw.get("IsTaxInclusive", True) else TaxMode.EXCLUSIVE
    shown = raw.get("Lines")
    rows = shown if isinstance(shown, list) and not raw.get("Freight") else []
    lines = []
    for row in rows:
        code = str((row.get("TaxCode") or {}).get("UID") or "")
        if code in rates:
            lines.append(Amount(Decimal(row.get("Total") or 0), code, rates[code]))
    return lines, mode, Decimal(str(raw.get("TotalTax") or 0))


def _tax(total: Decimal, rate: Decimal, *, inclusive: bool) -> Decimal:
    return total * rate / (HUNDRED + rate if inclusive else HUNDRED)
