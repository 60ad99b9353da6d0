"""What companies are seeded with, by country: tax, currency, time zone, chart of accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """What differs by country: edition, currency, time zone and the names of its tax."""

    version: str
    currency: str
    zone: str
    timezone: str
    tax: str
    rate: str
    zero: str
    sales_basis: str


COUNTRIES = {
    "NZ": Country(
        "NZ",
        "NZD",
        "Pacific/Auckland",
        "NEWZEALANDSTANDARDTIME",
        "GST",
        "15",
        "ZERORATED",
        "PAYMENTS",
    ),
    "GB": Country(
        "UK", "GBP", "Europe/London", "GMTSTANDARDTIME", "VAT", "20", "ZERORATEDOUTPUT", "ACCRUALS"
    ),
    "AU": Country(
        "AU",
        "AUD",
        "Australia/Sydney",
        "AUSEASTERNSTANDARDTIME",
        "GST",
        "10",
        "EXEMPTOUTPUT",
        "ACCRUAL",
    ),
}
BY_CURRENCY = {"NZD": "NZ", "GBP": "GB", "AUD": "AU"}
SEEDED = (("Kauri Print Ltd", "NZ"), ("Thames Auto Care Ltd", "GB"))

# Code, name, type, tax, system account.
CHART: tuple[tuple[str | None, str, str, str, str | None], ...] = (
    ("090", "Business Bank Account", "BANK", "NONE", None),
    (None, "Card Clearing Account", "BANK", "NONE", None),
    ("200", "Sales", "REVENUE", "SALES", None),
    ("210", "Labour", "REVENUE", "SALES", None),
    ("260", "Other Revenue", "REVENUE", "SALES", None),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "PURCHASES", None),
    ("400", "Advertising", "OVERHEADS", "PURCHASES", None),
    ("404", "Bank Fees", "OVERHEADS", "NONE", None),
    ("429", "General Expenses", "OVERHEADS", "PURCHASES", None),
    ("497", "Bank Revaluations", "EXPENSE", "NONE", "BANKCURRENCYGAIN"),
    ("498", "Unrealised Currency Gains", "EXPENSE", "NONE", "UNREALISEDCURRENCYGAIN"),
    ("499", "Realised Currency Gains", "EXPENSE", "NONE", "REALISEDCURRENCYGAIN"),
    ("610", "Accounts Receivable", "CURRENT", "NONE", "DEBTORS"),
    ("630", "Inventory", "INVENTORY", "NONE", None),
    ("800", "Accounts Payable", "CURRLIAB", "NONE", "CREDITORS"),
    ("820", "Sales Tax", "CURRLIAB", "NONE", "GST"),
    ("860", "Rounding", "CURRLIAB", "NONE", "ROUNDING"),
    ("880", "Owner A Drawings", "EQUITY", "NONE", None),
    ("960", "Retained Earnings", "EQUITY", "NONE", "RETAINEDEARNINGS"),
    ("970", "Owner A Funds Introduced", "EQUITY", "NONE", None),
)
PAYMENTS_ENABLED = frozenset({"880", "970"})
