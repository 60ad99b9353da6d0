"""Companies as they are made: chart of accounts, tax rates, lock dates, an item."""

from datetime import UTC, date, datetime
from decimal import Decimal

from services.sandbox.clock import Clock
from services.sandbox.providers.xero import accounts, tax_rates
from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.chart import CHART, COUNTRIES, PAYMENTS_ENABLED, Country
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.settings import CURRENCIES
from services.sandbox.providers.xero.table import Row

MADE = datetime(2008, 4, 1, tzinfo=UTC)
YEAR_LOCK = date(2008, 12, 31)
PERIOD_LOCK = date(2009, 12, 31)


def company(
    clock: Clock,
    name: str,
    country: str = "NZ",
    currency: str | None = None,
    id_: str | None = None,
) -> Books:
    """A company ready for its first invoice."""
    local = COUNTRIES[country]
    id_ = id_ or new_id()
    books = Books(id_, clock, _organisation(id_, name, country, local, currency or local.currency))
    books.currencies[books.currency] = CURRENCIES.get(books.currency, books.currency)
    books.branding_themes.append(
        {
            "BrandingThemeID": new_id(),
            "Name": "Standard",
            "SortOrder": 0,
            "CreatedDateUTC": MADE,
            "_services": [],
        }
    )
    books.users.append(_user())
    for wire in _tax_rates(local):
        books.save(books.tax_rates, tax_rates.build(wire))
    for row in _accounts(books.currency):
        books.save(books.accounts, row)
        if system := row.get("SystemAccount"):
            books.system[system] = row["AccountID"]
    books.save(books.items, _item())
    books.commit()
    return books


def _organisation(id_: str, name: str, country: str, local: Country, currency: str) -> Row:
    return {
        "OrganisationID": id_,
        "Name": name,
        "LegalName": name,
        "PaysTax": True,
        "Version": local.version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": currency,
        "CountryCode": country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": local.sales_basis,
        "SalesTaxPeriod": "TWOMONTHS" if country == "NZ" else "QUARTERLY",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "PeriodLockDate": PERIOD_LOCK,
        "EndOfYearLockDate": YEAR_LOCK,
        "CreatedDateUTC": MADE,
        "OrganisationEntityType": "COMPANY",
        "Timezone": local.timezone,
        "ShortCode": f"!{id_[:5]}",
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
        "_zone": local.zone,
        "_last_invoice": 0,
        "_last_credit_note": 0,
        "_last_order": 0,
    }


def _user() -> Row:
    return {
        "UserID": new_id(),
        "EmailAddress": "bookkeeper@sandbox.example",
        "FirstName": "Sandbox",
        "LastName": "Bookkeeper",
        "UpdatedDateUTC": MADE,
        "IsSubscriber": True,
        "OrganisationRole": "FINANCIALADVISER",
    }


def _tax_rates(local: Country) -> list[Wire]:
    name, rate = local.tax, Decimal(local.rate)
    sales, expenses = {"CanApplyToExpenses": False}, {"CanApplyToRevenue": False}
    codes = ("OUTPUT", "INPUT") if local.version == "AU" else ("OUTPUT2", "INPUT2")
    return [
        _rate(f"{rate}% {name} on Income", codes[0], rate, "OUTPUT", name) | sales,
        _rate(f"{rate}% {name} on Expenses", codes[1], rate, "INPUT", name) | expenses,
        _rate("Zero Rated Income", local.zero, Decimal(0), "ZERORATEDOUTPUT", name) | sales,
        _rate(f"No {name}", "NONE", Decimal(0), "NONE", f"No {name}"),
    ]


def _rate(name: str, type_: str, rate: Decimal, report: str, component: str) -> Wire:
    one = {"Name": component, "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}
    return {"Name": name, "TaxType": type_, "ReportTaxType": report, "TaxComponents": [one]}


def _accounts(currency: str) -> list[Row]:
    codes = {"SALES": "OUTPUT2", "PURCHASES": "INPUT2", "NONE": "NONE"}
    if currency == "AUD":
        codes |= {"SALES": "OUTPUT", "PURCHASES": "INPUT"}
    out = []
    for code, name, type_, tax, system in CHART:
        wire: Wire = {"Name": name, "Type": type_, "TaxType": codes[tax]}
        if code is not None:
            wire["Code"] = code
        if system is not None:
            wire["SystemAccount"] = system
        if type_ == "BANK":
            account = {"BankAccountType": "BANK", "BankAccountNumber": "0209087654321050"}
            wire |= account | {"CurrencyCode": currency}
        out.append(accounts.build(wire) | {"EnablePaymentsToAccount": code in PAYMENTS_ENABLED})
    return out


def _item() -> Row:
    return {
        "ItemID": new_id(),
        "Code": "FLYER",
        "Name": "Flyers",
        "Description": "Flyers, A5",
        "IsSold": True,
        "IsPurchased": False,
        "SalesDetails": {"UnitPrice": Decimal("0.25"), "AccountCode": "200"},
    }
