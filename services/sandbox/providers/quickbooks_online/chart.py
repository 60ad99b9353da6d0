"""What companies are seeded with, by country: currency, tax codes, accounts, lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A tax code: its rates (name, percent, on top of the others?)."""

    name: str
    rates: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Country:
    """What differs by country; `iso3` is how CompanyInfo names it since 2025."""

    iso3: str
    currency: str
    agency: str
    codes: tuple[Code, ...]
    address: dict[str, str]
    zone: str


def _one(name: str, rate: str, percent: str) -> Code:
    return Code(name, ((rate, percent, False),))


US_CODES = (
    _one("Massachusetts", "MA State", "6.25"),
    Code("California", (("CA State", "7.25", False), ("Alameda County", "2", False))),
    _one("Out of state", "No tax", "0"),
)
AST_CODES = {
    "CA": Code("AST California", (("CA state tax", "6.25", False), ("CA district", "3", False))),
    "MA": _one("AST Massachusetts", "MA state tax", "6.25"),
    "NY": Code("AST New York", (("NY state tax", "4", False), ("NYC tax", "4.5", False))),
    "OR": _one("AST Oregon", "OR state tax", "0"),
}
"""Automated sales tax makes its own codes by place; the first is the company's."""

COUNTRIES = {
    "US": Country(
        "USA",
        "USD",
        "Department of Revenue",
        US_CODES,
        {"Line1": "123 Sierra Way", "City": "San Pablo", "CountrySubDivisionCode": "CA"},
        "America/Los_Angeles",
    ),
    "CA": Country(
        "CAN",
        "CAD",
        "Receiver General",
        (
            _one("GST", "GST 5%", "5"),
            _one("HST ON", "HST ON 13%", "13"),
            _one("PST BC", "PST BC 7%", "7"),
            Code("GST/PST BC", (("GST 5% (BC)", "5", False), ("PST 7% (BC)", "7", False))),
            Code("GST+QST", (("GST 5% (QC)", "5", False), ("QST 9.5% on GST", "9.5", True))),
            _one("Zero-rated", "Zero-rated 0%", "0"),
            _one("Exempt", "Exempt 0%", "0"),
        ),
        {"Line1": "80 King St W", "City": "Toronto", "CountrySubDivisionCode": "ON"},
        "America/Toronto",
    ),
    "GB": Country(
        "GBR",
        "GBP",
        "HMRC",
        (
            _one("20.0% S", "Standard 20%", "20"),
            _one("5.0% R", "Reduced 5%", "5"),
            _one("0.0% Z", "Zero 0%", "0"),
        ),
        {"Line1": "1 Pier Rd", "City": "London", "PostalCode": "SE1 9GF"},
        "Europe/London",
    ),
    "AU": Country(
        "AUS",
        "AUD",
        "ATO",
        (_one("GST", "GST 10%", "10"), _one("GST free", "GST free 0%", "0")),
        {"Line1": "3 George St", "City": "Sydney", "CountrySubDivisionCode": "NSW"},
        "Australia/Sydney",
    ),
    "NZ": Country(
        "NZL",
        "NZD",
        "Inland Revenue",
        (_one("15% GST", "GST 15%", "15"), _one("0% GST", "GST 0%", "0")),
        {"Line1": "9 Queen St", "City": "Auckland"},
        "Pacific/Auckland",
    ),
}
ALIASES = {"UK": "GB", "USA": "US"}
BY_CURRENCY = {one.currency: name for name, one in COUNTRIES.items()}
SEEDED = (
    ("9130357849203816", "Cedar Ridge Landscaping", "US"),
    ("9130357849203817", "Maple Works Ltd", "CA"),
)

# Name, type, sub-type, what the company itself uses it for.
ACCOUNTS: tuple[tuple[str, str, str, str | None], ...] = (
    ("Services", "Income", "ServiceFeeIncome", "INCOME"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome", None),
    ("Discounts given", "Income", "DiscountsRefundsGiven", "DISCOUNT"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "AR"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable", "AP"),
    ("Checking", "Bank", "Checking", "BANK"),
    ("Savings", "Bank", "Savings", None),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds", "UNDEPOSITED"),
    ("Inventory Asset", "Other Current Asset", "Inventory", "INVENTORY"),
    ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable", "TAX"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", "COSTS"),
    ("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses", None),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss", "EXCHANGE"),
    ("Visa", "Credit Card", "CreditCard", "CARD"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity", "EQUITY"),
)
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))
METHODS = (("Cash", False), ("Check", False), ("Visa", True))
CLASSES = ("Design", "Install")
DEPARTMENTS = ("North", "South")
