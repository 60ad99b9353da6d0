"""Reads the company: its settings, accounts, taxes, classes, locations and generic items."""

from collections.abc import Iterable, Mapping
from typing import Any

from libs.connector.errors import Unavailable
from libs.connector.interface import Company, LedgerAccount, LedgerTracking, Session
from services.connectors.quickbooks_online import query, taxes
from services.connectors.quickbooks_online.mapping import accounts, contacts, tax, tracking
from services.connectors.quickbooks_online.mapping.countries import alpha2
from services.connectors.quickbooks_online.mapping.wire import Raw, day, ref_of

KINDS = {
    "Bank": "bank",
    "Accounts Receivable": "receivable",
    "Credit Card": "credit card",
    "Accounts Payable": "payable",
    "Equity": "equity",
    "Income": "income",
    "Other Income": "income",
    "Expense": "expense",
    "Other Expense": "expense",
    "Cost of Goods Sold": "expense",
}
LIABILITY = "Liability"
NO_ITEM = "income without an item"
UNDEPOSITED = "UndepositedFunds"
GENERIC = ("sales", "services", "hours")
"""The vendor's own names for items that mean nothing in particular."""


async def describe(session: Session) -> Company:
    """About eight calls; lists are paged by a thousand."""
    identity, info = await _company(session)
    prefs = (await query.body_of(session, "/preferences", {}))["Preferences"]
    chart = await query.whole(session, "Account")
    generic = _generic(await query.whole(session, "Item"))
    us = alpha2(str(info.get("Country") or "US")) == "US"
    return Company(
        id=identity,
        name=str(info.get("CompanyName") or identity),
        currency=_home(prefs, us=us),
        country=alpha2(str(info.get("Country") or "")) or "",
        time_zone=str(info.get("DefaultTimeZone") or ""),
        currencies=await _currencies(session, prefs, us=us),
        accounts=tuple(_account(raw, generic) for raw in chart),
        tax_codes=await taxes.read(session, us=us),
        trackings=await _trackings(session, prefs),
        lock_date=day(prefs.get("AccountingInfoPrefs") or {}, "BookCloseDate"),
        features=frozenset(_features(prefs, chart, generic, us=us)),
    )


async def _company(session: Session) -> tuple[str, Raw]:
    """The company's id stands in the address of each call, and in no object."""
    page = await query.ask(session, "CompanyInfo")
    if not page.found:
        raise Unavailable("QuickBooks does not show the company.")
    return session.company, page.found[0]


def _home(prefs: Raw, *, us: bool) -> str:
    shown = ref_of(prefs.get("CurrencyPrefs") or {}, "HomeCurrency")
    return shown or ("USD" if us else "")


def _many(prefs: Raw) -> bool:
    return bool((prefs.get("CurrencyPrefs") or {}).get("MultiCurrencyEnabled"))


async def _currencies(session: Session, prefs: Raw, *, us: bool) -> tuple[str, ...]:
    """The company's own and those it has added."""
    home = _home(prefs, us=us)
    if not _many(prefs):
        return (home,)
    added = await query.whole(session, "CompanyCurrency")
    codes = [str(raw["Code"]) for raw in added if raw.get("Active") is not False]
    return tuple(dict.fromkeys([home, *codes]))


def _account(raw: Raw, generic: Mapping[str, str]) -> LedgerAccount:
    identity, shown = str(raw["Id"]), str(raw.get("AccountType") or "")
    fallback = "liability" if LIABILITY in shown else "asset"
    kind = KINDS.get(shown, fallback)
    if kind == "income" and identity not in generic:
        kind = NO_ITEM
    return LedgerAccount(
        id=identity,
        code=str(raw.get("AcctNum") or ""),
        name=str(raw.get("FullyQualifiedName") or raw["Name"]),
        kind=kind,
        active=raw.get("Active") is not False,
        takes_payments=kind == "bank" or raw.get("AccountSubType") == UNDEPOSITED,
    )


def _generic(items: Iterable[Raw]) -> dict[str, str]:
    """Income account -> the item that stands for no item: one named so, else the oldest service."""
    found: dict[str, Raw] = {}
    usable = (raw for raw in items if raw.get("Type") in ("Service", "NonInventory"))
    for raw in sorted((raw for raw in usable if raw.get("Active") is not False), key=_rank):
        account = ref_of(raw, "IncomeAccountRef")
        if account:
            found.setdefault(account, raw)
    return {account: str(raw["Id"]) for account, raw in found.items()}


def _rank(raw: Raw) -> tuple[bool, bool, int, str]:
    identity = str(raw["Id"])
    named = str(raw.get("Name") or "").lower() in GENERIC
    return not named, raw.get("Type") != "Service", len(identity), identity


async def _trackings(session: Session, prefs: Raw) -> tuple[LedgerTracking, ...]:
    shown: Mapping[str, Any] = prefs.get("AccountingInfoPrefs") or {}
    wanted = {
        tracking.CLASS: shown.get("ClassTrackingPerTxnLine") or shown.get("ClassTrackingPerTxn"),
        tracking.DEPARTMENT: shown.get("TrackDepartments"),
    }
    found = []
    for resource in [name for name, on in wanted.items() if on]:
        rows = await query.whole(session, resource)
        options = {
            tracking.option_id(resource, str(raw["Id"])): str(
                raw.get("FullyQualifiedName") or raw["Name"]
            )
            for raw in rows
        }
        found.append(LedgerTracking(id=resource, name=resource, options=options))
    return tuple(found)


def _features(
    prefs: Raw, chart: Iterable[Raw], generic: Mapping[str, str], *, us: bool
) -> Iterable[str]:
    yield from (
        accounts.fact(accounts.GENERIC, posts_to, item) for posts_to, item in generic.items()
    )
    for raw in chart:
        if raw.get("AccountType") == "Accounts Payable" and raw.get("Active") is not False:
            yield accounts.fact(accounts.PAYABLE, str(raw["Id"]))
    if _is_class_of_documents(prefs):
        yield tracking.PER_DOCUMENT
    if us:
        yield tax.US
    if us and (prefs.get("TaxPrefs") or {}).get("PartnerTaxEnabled"):
        yield tax.AST
    if _many(prefs):
        yield contacts.MULTICURRENCY


def _is_class_of_documents(prefs: Raw) -> bool:
    shown: Mapping[str, Any] = prefs.get("AccountingInfoPrefs") or {}
    return bool(shown.get("ClassTrackingPerTxn")) and not shown.get("ClassTrackingPerTxnLine")
