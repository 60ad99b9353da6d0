"""Tax rates; one with several components is the tax group."""

from decimal import Decimal

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, text, truth
from services.sandbox.providers.xero.errors import Invalid, Wire, malformed, not_found
from services.sandbox.providers.xero.money import ZERO, number, rounded, trimmed
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.rendering import kept
from services.sandbox.providers.xero.table import Row

NAME = "TaxRates"
HUNDRED = Decimal(100)
APPLIES = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")
STATUSES = frozenset({"ACTIVE", "DELETED", "ARCHIVED"})
LISTED = Listed(
    NAME,
    frozenset({"Name", "TaxType", "Status", "ReportTaxType", "EffectiveRate", "DisplayTaxRate"})
    | {f"CanApplyTo{name}" for name in APPLIES},
    paged=False,
)


def build(wire: Wire) -> Row:
    """A rate from its components; used by the seed too."""
    components = wire["TaxComponents"]
    plain = sum((one["Rate"] for one in components if not one["IsCompound"]), ZERO)
    compound = sum((one["Rate"] for one in components if one["IsCompound"]), ZERO)
    shown = plain + compound * (1 + plain / HUNDRED)
    row: Row = {
        "Status": "ACTIVE",
        **{f"CanApplyTo{name}": True for name in APPLIES},
        **wire,
        "DisplayTaxRate": shown,
        "EffectiveRate": rounded(shown, 4),
    }
    return row


def write(call: Call, wire: Wire) -> Row:
    """PUT makes a custom rate (`TAX001`, …); POST also changes one."""
    books = call.books
    before = books.tax_rates.rows.get(text(wire, "TaxType") or "")
    row = {**(before or {}), **kept(wire, "Name", "ReportTaxType")}
    if wire.get("TaxComponents") is not None or before is None:
        row["TaxComponents"] = _components(wire)
    if not row.get("Name"):
        raise Invalid("Tax rate Name must be specified")  # UNCONFIRMED text
    if before is None and any(other["Name"] == row["Name"] for other in books.tax_rates):
        raise Invalid("The tax rate name must be unique")  # UNCONFIRMED text
    row.setdefault("TaxType", f"TAX{_customs(books) + 1:03d}")
    if (status := text(wire, "Status")) is not None:
        if status not in STATUSES:
            raise Invalid(f"'{status}' is not a valid Status")
        row["Status"] = status
    return books.save(books.tax_rates, build(row))


def _customs(books: Books) -> int:
    return sum(1 for type_ in books.tax_rates.rows if type_.startswith("TAX"))


def _components(wire: Wire) -> list[Wire]:
    sent = wire.get("TaxComponents")
    if not isinstance(sent, list) or not sent or not all(isinstance(one, dict) for one in sent):
        raise malformed("TaxComponents must be an array of components")
    return [
        {
            "Name": text(one, "Name") or "",
            "Rate": trimmed(number(one, "Rate") or ZERO),
            "IsCompound": bool(truth(one, "IsCompound")),
            "IsNonRecoverable": bool(truth(one, "IsNonRecoverable")),
        }
        for one in sent
    ]


def view(row: Row) -> Wire:
    """A tax rate."""
    return {
        **kept(row, "Name", "TaxType", "ReportTaxType"),
        **{f"CanApplyTo{name}": row[f"CanApplyTo{name}"] for name in APPLIES},
        "DisplayTaxRate": trimmed(row["DisplayTaxRate"]),
        "EffectiveRate": trimmed(row["EffectiveRate"]),
        "Status": row["Status"],
        "TaxComponents": row["TaxComponents"],
    }


def _echo(wire: Wire) -> Wire:
    return kept(wire, "Name", "TaxType", "ReportTaxType", "Status")


BULK = Bulk(NAME, write, lambda _, row: view(row), _echo, None, status_key=False)


def index(call: Call) -> Answer:
    """All of them; never paged."""
    rows, _ = listed(call, call.books.tax_rates, LISTED)
    return Answer({NAME: [view(row) for row in rows]})


def one(call: Call, tax_type: str) -> Answer:
    """By TaxType."""
    row = call.books.tax_rates.rows.get(tax_type)
    if row is None:
        raise not_found()
    return Answer({NAME: [view(row)]})


def save(call: Call) -> Answer:
    """PUT or POST."""
    return run(call, BULK, call.elements_of(NAME))
