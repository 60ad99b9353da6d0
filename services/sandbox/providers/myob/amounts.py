"""What a document comes to: tax per line, freight, totals, in both currencies."""

from decimal import Decimal

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.money import HUNDRED, ZERO, rounded


def rate_of(books: Books, code: str | None) -> Decimal:
    """A tax code's rate in percent, negative where it says so."""
    if code is None:
        return ZERO
    row = books.tables["tax_codes"].rows[code]
    rate: Decimal = row["Rate"]
    return -rate if row["IsRateNegative"] else rate


def tax_on(amount: Decimal, rate: Decimal, *, inclusive: bool) -> Decimal:
    """To the cent, half-up; of an inclusive amount the part that is tax."""
    return rounded(amount * rate / (HUNDRED + rate if inclusive else HUNDRED))


def taxed(books: Books, row: Row) -> Row:
    """With each line's tax and the totals, in the document's currency and the file's."""
    inclusive = row["IsTaxInclusive"]
    lines = [_with_tax(books, line, inclusive=inclusive) for line in row["Lines"]]
    if books.habits.tax_by_code:
        lines = _by_code(books, lines, inclusive=inclusive)
    freight = rounded(row["Freight"] / row["_rate"])
    freight_rate = rate_of(books, row["FreightTaxCode"]) if freight else ZERO
    freight_tax = tax_on(freight, freight_rate, inclusive=inclusive)
    subtotal = sum((line["_amount"] for line in lines), ZERO)
    tax = sum((line["_tax"] for line in lines), ZERO) + freight_tax
    total = subtotal + freight + (ZERO if inclusive else tax)
    return {
        **row,
        "Lines": lines,
        "_freight": freight,
        "_freight_tax": freight_tax,
        "_total": total,
        **totals(row, Subtotal=subtotal, TotalTax=tax, TotalAmount=total),
        "FreightForeign": freight if row["_foreign"] else None,
    }


def totals(row: Row, **amounts: Decimal) -> Row:
    """Amounts in the file's currency, and as `…Foreign` in the document's own."""
    shown: Row = {name: rounded(value * row["_rate"]) for name, value in amounts.items()}
    for name, value in amounts.items():
        shown[f"{name}Foreign"] = value if row["_foreign"] else None
    return shown


def _with_tax(books: Books, line: Row, *, inclusive: bool) -> Row:
    rate = rate_of(books, line["TaxCode"])
    return {**line, "_tax": tax_on(line["_amount"], rate, inclusive=inclusive)}


def _by_code(books: Books, lines: list[Row], *, inclusive: bool) -> list[Row]:
    """Rounded once per code: the difference goes to the last line of each."""
    out = list(lines)
    for code in {line["TaxCode"] for line in lines if line["TaxCode"]}:
        of_code = [at for at, line in enumerate(lines) if line["TaxCode"] == code]
        amount = sum((lines[at]["_amount"] for at in of_code), ZERO)
        whole = tax_on(amount, rate_of(books, code), inclusive=inclusive)
        gap = whole - sum((lines[at]["_tax"] for at in of_code), ZERO)
        last = of_code[-1]
        out[last] = {**out[last], "_tax": out[last]["_tax"] + gap}
    return out


def split(books: Books, code: str, tax: Decimal) -> list[tuple[str, Decimal]]:
    """A consolidated code's tax by component, in proportion; the last takes the rest."""
    row = books.tables["tax_codes"].rows[code]
    components: list[str] = row.get("_components") or [code]
    whole = sum((rate_of(books, one) for one in components), ZERO)
    out, left = [], tax
    for one in components[:-1]:
        share = rounded(tax * rate_of(books, one) / whole) if whole else ZERO
        out.append((one, share))
        left -= share
    return [*out, (components[-1], left)]
