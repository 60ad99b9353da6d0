"""Companies as they are made: accounts, taxes, lists, items, preferences."""

from decimal import Decimal

from services.sandbox.clock import Clock
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.chart import (
    ACCOUNTS,
    AST_CODES,
    CLASSES,
    COUNTRIES,
    DEPARTMENTS,
    METHODS,
    TERMS,
    Code,
)
from services.sandbox.providers.quickbooks_online.dates import today
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.rendering import CURRENCIES
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.taxes import add_code, add_rate
from services.sandbox.providers.quickbooks_online.writes import save

START = "2015-01-01"


def company(clock: Clock, id_: str, name: str, country: str, wanted: Wire) -> Books:
    """A company ready for its first invoice."""
    books = Books(id_, clock, country, ast=bool(wanted.get("ast")) and country == "US")
    books.plan = str(wanted.get("plan") or "Plus")
    local = COUNTRIES[country]
    currency = str(wanted.get("currency") or local.currency)
    foreign = bool(wanted.get("multicurrency", country != "US"))
    _company_rows(books, name, currency, foreign=foreign)
    call = Call(books)
    plan, books.plan = books.plan, "Plus"
    for code in CURRENCIES:
        if foreign or code == currency:
            row = {"Code": code, "Name": CURRENCIES[code], "Active": True}
            # References to currencies are by their code, not by the row's id.
            books.save("CompanyCurrency", row)
    _accounts(call)
    _taxes(call)
    for entity, wires in _lists().items():
        for wire in wires:
            save(call, KINDS[entity], wire)
    _items(call)
    books.plan = plan
    books.commit()
    return books


def _company_rows(books: Books, name: str, currency: str, *, foreign: bool) -> None:
    local = COUNTRIES[books.country]
    info: Row = {
        "Id": "1",
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": {"Id": "1", **local.address, "Country": local.iso3},
        "Country": local.iso3,
        "CompanyStartDate": START,
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "DefaultTimeZone": local.zone,
    }
    books.counters["address"] = 1
    books.save("CompanyInfo", info)
    books.save("Preferences", _preferences(books, currency, foreign=foreign))


def _preferences(books: Books, currency: str, *, foreign: bool) -> Row:
    return {
        "Id": "1",
        "AccountingInfoPrefs": {
            "UseAccountNumbers": False,
            "TrackDepartments": True,
            "DepartmentTerminology": "Location",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "CustomerTerminology": "Customers",
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": False,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "ETransactionPaymentEnabled": False,
            "AllowServiceDate": True,
            "AllowShipping": False,
        },
        "VendorAndPurchasesPrefs": {"UsingInventory": True, "TrackingByCustomer": True},
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": books.ast},
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": foreign,
            "HomeCurrency": {"value": currency},
        },
    }


def _accounts(call: Call) -> None:
    for name, type_, subtype, use in ACCOUNTS:
        wire = {"Name": name, "AccountType": type_, "AccountSubType": subtype}
        row = save(call, KINDS["Account"], wire)
        if use is not None:
            call.books.system[use] = row["Id"]


def _taxes(call: Call) -> None:
    books, local = call.books, COUNTRIES[call.books.country]
    agency = save(call, KINDS["TaxAgency"], {"DisplayName": local.agency})["Id"]
    if books.american:
        for code in ("TAX", "NON"):
            add_code(call, code, {}, code)
    if not books.ast:
        for code_ in local.codes:
            _code(call, code_, agency)
        return
    for state, code_ in AST_CODES.items():
        id_ = _code(call, code_, agency)
        books.system[f"AST-{state}"] = id_
        books.system.setdefault("AST-HOME", id_)


def _code(call: Call, code: Code, agency: str) -> str:
    sides = {"Sales": ""} if call.books.american else {"Sales": "", "Purchase": " (purchases)"}
    applied: dict[str, list[tuple[str, bool]]] = {}
    for side, suffix in sides.items():
        for name, percent, compound in code.rates:
            rate = add_rate(call, name + suffix, Decimal(percent), agency)
            applied.setdefault(side, []).append((rate["Id"], compound))
    return str(add_code(call, code.name, applied)["Id"])


def _lists() -> dict[str, list[Wire]]:
    return {
        "Term": [{"Name": name, "DueDays": days} for name, days in TERMS],
        "PaymentMethod": [
            {"Name": name, "Type": "CREDIT_CARD" if card else "NON_CREDIT_CARD"}
            for name, card in METHODS
        ],
        "Class": [{"Name": name} for name in CLASSES],
        "Department": [{"Name": name} for name in DEPARTMENTS],
    }


def _items(call: Call) -> None:
    books = call.books
    income, costs, stock = (books.system[key] for key in ("INCOME", "COSTS", "INVENTORY"))
    base = {"IncomeAccountRef": {"value": income}, "ExpenseAccountRef": {"value": costs}}
    hours = save(call, KINDS["Item"], {"Name": "Services", "Type": "Service", **base})
    books.system["ITEM"] = hours["Id"]
    pump = {
        "Name": "Garden Pump",
        "Type": "Inventory",
        "UnitPrice": 20,
        "PurchaseCost": 12,
        "QtyOnHand": 100,
        "InvStartDate": today(books.clock.now()),
        "TrackQtyOnHand": True,
        "AssetAccountRef": {"value": stock},
        **base,
    }
    made = save(call, KINDS["Item"], pump)["Id"]
    parts = [{"ItemRef": {"value": made}, "Qty": 1}, {"ItemRef": {"value": hours["Id"]}, "Qty": 2}]
    bundle = {"Name": "Garden Kit", "Type": "Group", "ItemGroupDetail": {"ItemGroupLine": parts}}
    save(call, KINDS["Item"], bundle)
