"""Tax of a transaction: the US models (one code, or automated) and the others (code per line)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire, business, required
from services.sandbox.providers.quickbooks_online.fields import id_in, ref
from services.sandbox.providers.quickbooks_online.money import ZERO, decimal_of, rounded, spread
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.taxes import Rate, effective, rates, taxes

MODES = ("TaxExcluded", "TaxInclusive", "NotApplicable")
Taken = tuple[Rate, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Taxable:
    """What tax is reckoned on: details with their lines, the discount, the side."""

    lines: list[tuple[Row, Row]]
    """Line and its detail; the detail's `_code` is what was sent."""

    discount: Decimal = ZERO
    after_discount: bool = False
    purchase: bool = False

    def net(self) -> Decimal:
        """Sum of the lines."""
        return sum((line["Amount"] for line, _ in self.lines), ZERO)

    def share(self, amount: Decimal) -> Decimal:
        """An amount less its part of the discount, where tax comes after it."""
        whole = self.net()
        if not self.after_discount or not whole:
            return amount
        return amount - rounded(self.discount * amount / whole)


def taxed(call: Call, wire: Wire, before: Row | None, row: Row, base: Taxable) -> Wire:
    """The `TxnTaxDetail`; line codes and modes are put in. Raises Invalid."""
    sent = wire.get("TxnTaxDetail") or {}
    if call.sparse and before and not sent and "Line" not in wire:
        if not call.books.american:
            row["GlobalTaxCalculation"] = before["GlobalTaxCalculation"]
        return dict(before["TxnTaxDetail"])
    if call.books.american:
        return _american(call, sent, before, row, base)
    return _elsewhere(call, wire, sent, before, row, base)


def _american(call: Call, sent: Wire, before: Row | None, row: Row, base: Taxable) -> Wire:
    books = call.books
    taxable = ZERO
    for line, detail in base.lines:
        code = detail.pop("_code", None) or (detail.get("TaxCodeRef") or {}).get("value") or "NON"
        if code not in {"TAX", "NON"}:
            raise bad_line_code(code)
        detail["TaxCodeRef"] = {"value": code}
        taxable += line["Amount"] if code == "TAX" else ZERO
    code = None if base.purchase else _us_code(call, sent, before, row)
    taxable = base.share(taxable)
    taken = taxes(taxable, rates(books, code)) if code and taxable else []
    total = sum((tax for _, _, tax in taken), ZERO)
    stated = _stated(sent)
    honoured = not (books.ast and books.habits.ast_overrides_total)
    if stated is not None and honoured and taxable and not base.purchase:
        taken, total = _overridden(taken, stated), stated
    detail = {"TxnTaxCodeRef": {"value": code}} if code and taxable else {}
    return {**detail, "TotalTax": total, "TaxLine": _tax_lines(taken)}


def bad_line_code(code: object) -> Invalid:
    """6100."""
    detail = f"Invalid tax code for the line : {code}. Only TAX and NON are valid."
    return Invalid("6100", "Invalid tax code", detail, "Line.SalesItemLineDetail.TaxCodeRef")


def _us_code(call: Call, sent: Wire, before: Row | None, row: Row) -> str | None:
    """The code for the whole form; automated tax replaces what was sent."""
    if call.books.ast:
        place = row.get("ShipAddr") or row.get("BillAddr") or {}
        return _place_code(call.books, str(place.get("CountrySubDivisionCode", "")))
    if (code := id_in(sent.get("TxnTaxCodeRef"))) is not None:
        found = ref("TaxCode", path="TxnTaxDetail.TxnTaxCodeRef")(call, code, "TxnTaxCodeRef")
        return str(found["value"])
    if call.sparse and before:
        kept = (before["TxnTaxDetail"].get("TxnTaxCodeRef") or {}).get("value")
        return str(kept) if kept else None
    customer = call.books.tables["Customer"].get((row.get("CustomerRef") or {}).get("value"))
    default = (customer or {}).get("DefaultTaxCodeRef")
    return str(default["value"]) if default else None


def _place_code(books: Books, state: str) -> str:
    return books.system.get(f"AST-{state.upper()}") or books.system["AST-HOME"]


def _elsewhere(
    call: Call, wire: Wire, sent: Wire, before: Row | None, row: Row, base: Taxable
) -> Wire:
    mode = wire.get("GlobalTaxCalculation") or (before and before["GlobalTaxCalculation"])
    if is_blank(mode):
        if call.books.habits.tax_mode_required:
            raise required("GlobalTaxCalculation")
        mode = MODES[0]
    row["GlobalTaxCalculation"] = mode
    sums: dict[str, list[Decimal]] = {}
    for line, detail in base.lines:
        code = _line_code(call, detail, str(mode))
        if code is not None:
            net, tax = _line_tax(call.books, line, detail, code, str(mode), base)
            both = sums.setdefault(code, [ZERO, ZERO])
            both[0], both[1] = both[0] + net, both[1] + tax
    taken = _by_rate(call.books, sums, base, inclusive=mode == "TaxInclusive")
    if call.books.habits.tax_lines_honoured and (stated := _stated(sent)) is not None:
        taken = _overridden(taken, stated)
    total = sum((tax for _, _, tax in taken), ZERO)
    return {"TotalTax": total, "TaxLine": _tax_lines(taken)}


def _line_code(call: Call, detail: Row, mode: str) -> str | None:
    sent = detail.pop("_code", None) or (detail.get("TaxCodeRef") or {}).get("value")
    if mode == "NotApplicable":
        detail.pop("TaxCodeRef", None)
        return None
    if sent is None:
        raise business("Make sure all your transactions have a tax rate before you save.")
    found: Wire = ref("TaxCode", path="Line.TaxCodeRef")(call, sent, "Line.TaxCodeRef")
    detail["TaxCodeRef"] = found
    return str(found["value"])


def _line_tax(
    books: Books, line: Row, detail: Row, code: str, mode: str, base: Taxable
) -> tuple[Decimal, Decimal]:
    """Net and tax of a line; a gross amount at odds with the net wins over it."""
    if mode != "TaxInclusive":
        detail.pop("TaxInclusiveAmt", None)
        return base.share(line["Amount"]), ZERO
    factor = 1 + effective(rates(books, code, purchase=base.purchase))
    gross = detail.setdefault("TaxInclusiveAmt", rounded(line["Amount"] * factor))
    if abs(rounded(gross / factor) - line["Amount"]) > Decimal("0.01"):
        line["Amount"] = rounded(gross / factor)
    return base.share(line["Amount"]), base.share(gross - line["Amount"])


def _by_rate(
    books: Books, sums: dict[str, list[Decimal]], base: Taxable, *, inclusive: bool
) -> list[Taken]:
    """Tax rounded once per rate over all it is taken on; inclusive tax is what is in the gross."""
    found: dict[str, Taken] = {}
    for code, (net, inside) in sums.items():
        taken = taxes(net, rates(books, code, purchase=base.purchase))
        if inclusive:
            taken = _overridden(taken, inside)
        for rate, on, tax in taken:
            _, before, sofar = found.get(rate.id, (rate, ZERO, ZERO))
            whole = before + on
            added = sofar + tax if inclusive else rounded(whole * rate.percent / 100)
            found[rate.id] = (rate, whole, added)
    return list(found.values())


def _stated(sent: Wire) -> Decimal | None:
    value = sent.get("TotalTax")
    return None if is_blank(value) else rounded(decimal_of(value, "TxnTaxDetail.TotalTax"))


def _overridden(taken: list[Taken], total: Decimal) -> list[Taken]:
    """A stated total, spread over the rates that apply."""
    shares = spread(total, [tax for _, _, tax in taken])
    return [(rate, on, share) for (rate, on, _), share in zip(taken, shares, strict=True)]


def _tax_lines(taken: Iterable[Taken]) -> list[Wire]:
    return [
        {
            "Amount": tax,
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": rate.id},
                "PercentBased": True,
                "TaxPercent": rate.percent,
                "NetAmountTaxable": on,
            },
        }
        for rate, on, tax in taken
    ]
