"""What company files are seeded with, by country: tax codes, currency, time zone, accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """What differs by country. Tax codes: code, description, type, rate, components."""

    currency: str
    zone: str
    codes: tuple[tuple[str, str, str, str, tuple[str, ...]], ...]
    taxed: str
    free: str


COUNTRIES = {
    "AU": Country(
        "AUD",
        "Australia/Sydney",
        (
            ("GST", "Goods & Services Tax", "GST_VAT", "10", ()),
            ("FRE", "GST Free", "GST_VAT", "0", ()),
            ("N-T", "Not Reportable", "GST_VAT", "0", ()),
            ("WET", "Wine Equalisation Tax", "SalesTax", "29", ()),
            ("GW", "Consolidated WET & GST", "Consolidated", "39", ("WET", "GST")),
        ),
        "GST",
        "FRE",
    ),
    "NZ": Country(
        "NZD",
        "Pacific/Auckland",
        (
            ("S15", "GST 15%", "GST_VAT", "15", ()),
            ("Z", "Zero Rated", "GST_VAT", "0", ()),
            ("N-T", "No Tax", "GST_VAT", "0", ()),
            ("LVY", "Levy", "SalesTax", "5", ()),
            ("CON", "Consolidated GST & levy", "Consolidated", "20", ("S15", "LVY")),
        ),
        "S15",
        "Z",
    ),
}
BY_CURRENCY = {"AUD": "AU", "NZD": "NZ"}
SEEDED = (("Wattle Print Pty Ltd", "AU"), ("Kauri Auto Care Ltd", "NZ"))

# Number, name, type, what the system uses it for.
ACCOUNTS: tuple[tuple[int, str, str, str], ...] = (
    (1110, "Business Bank Account", "Bank", ""),
    (1120, "Card Clearing Account", "Bank", ""),
    (1180, "Undeposited Funds", "Bank", "undeposited"),
    (1190, "Electronic Clearing Account", "Bank", "electronic"),
    (1200, "Trade Debtors", "AccountReceivable", "receivable"),
    (1300, "Inventory", "OtherCurrentAsset", ""),
    (1400, "Supplier Deposits", "OtherCurrentAsset", "Supplier_deposits"),
    (2100, "Business Credit Card", "CreditCard", ""),
    (2200, "Trade Creditors", "AccountsPayable", "payable"),
    (2310, "GST Collected", "OtherCurrentLiability", "collected"),
    (2330, "GST Paid", "OtherCurrentLiability", "paid"),
    (2340, "Other Taxes Payable", "OtherCurrentLiability", "other_taxes"),
    (2400, "Customer Deposits", "OtherCurrentLiability", "Customer_deposits"),
    (3100, "Owner's Equity", "Equity", ""),
    (3800, "Retained Earnings", "Equity", ""),
    (4100, "Sales", "Income", ""),
    (4200, "Services", "Income", ""),
    (4700, "Freight Collected", "Income", "freight_collected"),
    (4900, "Late Fees Collected", "Income", "late_fees"),
    (5100, "Cost of Goods Sold", "CostOfSales", ""),
    (5700, "Freight Paid", "CostOfSales", "freight_paid"),
    (6100, "Advertising", "Expense", ""),
    (6200, "Bank Fees", "Expense", ""),
    (6300, "General Expenses", "Expense", ""),
    (6400, "Discounts Given", "Expense", "discounts"),
    (9100, "Currency Gain/Loss", "OtherExpense", "gains"),
)
HEADERS = ((1000, "Assets", "Asset"), (4000, "Income", "Income"), (6000, "Expenses", "Expense"))
CURRENCIES = (
    ("AUD", "Australian Dollar", "1"),
    ("NZD", "New Zealand Dollar", "0.92"),
    ("USD", "United States Dollar", "1.5"),
    ("EUR", "Euro", "1.65"),
    ("GBP", "Pound Sterling", "1.95"),
)
"""Rates in Australian dollars, for want of a bank's."""

CATEGORIES = (("NTH", "North"), ("STH", "South"))
JOBS = (("100", "Events", True, ""), ("110", "Spring fair", False, "100"))
LOCATIONS = (("MAIN", "Main warehouse"), ("SHOP", "Shop"))
