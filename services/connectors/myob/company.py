"""Reads the company file: accounts, tax codes, tracking, currencies, lock date (section 5)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from libs.connector.errors import Unavailable
from libs.connector.interface import Company, LedgerAccount, LedgerTax, LedgerTracking, Session
from services.connectors.myob import listing, rounding
from services.connectors.myob.mapping import currencies, tracking
from services.connectors.myob.mapping.wire import Raw, day_of, linked, number

KINDS = {"Bank": "bank", "AccountReceivable": "receivable", "Equity": "equity"}
CLASSES = {
    "Asset": "asset",
    "Liability": "liability",
    "Equity": "equity",
    "Income": "income",
    "OtherIncome": "income",
    "CostOfSales": "expense",
    "Expense": "expense",
    "OtherExpense": "expense",
}
SOLD = frozenset({"GST_VAT", "SalesTax", "Consolidated", "InputTaxed", "QST", "ECSalesVAT"})
BOUGHT = frozenset({"GST_VAT", "SalesTax", "Consolidated", "InputTaxed", "QST", "ECPurchVAT"})
MONEY = {"AU": "AUD", "NZ": "NZD"}
ZONES = {"AU": "Australia/Sydney", "NZ": "Pacific/Auckland"}
"""MYOB names no time zone; most of Australia's people keep Sydney's."""
RATES = {Decimal(10): "AU", Decimal(15): "NZ"}
REVERSAL_ONLY = "reversal-only"
PROOFS = "200"


async def describe(session: Session) -> Company:
    """Some ten calls; what a product level does not have answers 404."""
    file = await _file(session)
    preferences = (await _one(session, "/Company/Preferences")).get("System") or {}
    codes = await listing.every(session, "/GeneralLedger/TaxCode")
    accounts = await listing.every(session, "/GeneralLedger/Account")
    taxes = tuple(_tax(raw) for raw in codes)
    country = _country(file, taxes)
    foreign = await listing.every(session, "/GeneralLedger/Currency", missing_ok=True)
    return Company(
        id=str(file["Id"]),
        name=str(file["Name"]),
        currency=MONEY[country],
        country=country,
        time_zone=ZONES[country],
        currencies=tuple(sorted({MONEY[country], *(str(raw["Code"]) for raw in foreign)})),
        accounts=tuple(_account(raw) for raw in accounts if not raw.get("IsHeader")),
        tax_codes=taxes,
        trackings=await _trackings(session),
        lock_date=_lock_date(preferences),
        features=_features(preferences, foreign) | await _rounding(session, taxes),
    )


async def _one(session: Session, path: str) -> Raw:
    answer = await session.get(path)
    if answer.status != 200:
        raise Unavailable(f"MYOB has no {path}.")
    found: Raw = answer.json()
    return found


async def _file(session: Session) -> Raw:
    body = await _one(session, "/")
    found: Raw = body.get("CompanyFile") or body
    return found


def _country(file: Raw, taxes: Sequence[LedgerTax]) -> str:
    """By the file, else by its tax: the country decides the currency, which nothing names.

    Raises Unavailable where neither tells: a guess would post foreign money as home money.
    """
    said = str(file.get("Country") or "").strip().upper()
    if said[:2] in MONEY:
        return said[:2]
    if said == "NEW ZEALAND":
        return "NZ"
    found = {RATES[tax.rate] for tax in taxes if tax.rate in RATES}
    if len(found) != 1:
        raise Unavailable("MYOB does not tell the country of the company file.")
    return found.pop()


def _lock_date(preferences: Raw) -> date | None:
    """MYOB names the first open day; ours is the last closed one."""
    first = day_of(preferences, "LockPeriodPriorTo")
    return first - timedelta(days=1) if first and first.year > 1 else None


def _account(raw: Raw) -> LedgerAccount:
    kind = KINDS.get(str(raw.get("Type"))) or CLASSES.get(str(raw.get("Classification")), "asset")
    return LedgerAccount(
        id=raw["UID"],
        code=str(raw.get("DisplayID") or ""),
        name=str(raw["Name"]),
        kind=kind,
        active=bool(raw.get("IsActive", True)),
        takes_payments=raw.get("Type") == "Bank",
    )


def _tax(raw: Raw) -> LedgerTax:
    """Groups are codes of their own; what they consist of is not told."""
    kind = str(raw.get("Type") or "GST_VAT")
    return LedgerTax(
        id=raw["UID"],
        name=str(raw["Code"]),
        rate=number(raw, "Rate", 6),
        sales=kind in SOLD,
        purchases=kind in BOUGHT,
    )


async def _trackings(session: Session) -> tuple[LedgerTracking, ...]:
    """Categories for documents, detail jobs and locations for lines."""
    found = []
    for dimension, name, path in (
        (tracking.CATEGORY, "Category", "/GeneralLedger/Category"),
        (tracking.JOB, "Job", "/GeneralLedger/Job"),
        (tracking.LOCATION, "Location", "/Inventory/Location"),
    ):
        rows = await listing.every(session, path, missing_ok=True)
        options = {
            str(raw["UID"]): str(raw.get("Number") or raw.get("DisplayID") or raw.get("Name"))
            for raw in rows
            if raw.get("IsActive", True) and not raw.get("IsHeader")
        }
        if options:
            found.append(LedgerTracking(id=dimension, name=name, options=options))
    return tuple(found)


def _features(preferences: Raw, foreign: Sequence[Raw]) -> frozenset[str]:
    found = {currencies.feature(str(raw["Code"]), str(raw["UID"])) for raw in foreign}
    if preferences.get("TransactionsCannotBeChangedMustBeReversed"):
        found.add(REVERSAL_ONLY)
    if preferences.get("CategoryTracking") == "OnAndRequired":
        found.add(tracking.REQUIRED)
    return frozenset(found)


async def _rounding(session: Session, taxes: Sequence[LedgerTax]) -> set[str]:
    """What the company's own invoices prove of the rounding of tax, if they prove anything."""
    rates = {tax.id: tax.rate for tax in taxes}
    shown: list[Raw] = []
    for layout in ("Service", "Item"):
        page = await listing.page(session, f"/Sale/Invoice/{layout}", {"$top": PROOFS})
        shown += [raw for raw in page.items if not linked(raw, "ForeignCurrency")]
    left = rounding.proven(shown, rates)
    return {f"{rounding.FEATURE}{rule}" for rule in left} if len(left) == 1 else set()
