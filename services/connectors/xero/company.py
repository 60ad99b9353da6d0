"""Reads the organisation: accounts, tax rates, tracking, lock dates (dossier section 5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from contracts.entities import TaxComponent
from libs.connector.errors import Unavailable
from libs.connector.interface import Company, LedgerAccount, LedgerTax, LedgerTracking, Session
from services.connectors.xero.mapping.wire import moment, number

KINDS = {"BANK": "bank", "REVENUE": "income", "SALES": "income", "OTHERINCOME": "income"}
SYSTEM = {"DEBTORS": "receivable", "CREDITORS": "payable"}
CLASSES = {
    "ASSET": "asset",
    "EQUITY": "equity",
    "EXPENSE": "expense",
    "LIABILITY": "liability",
    "REVENUE": "income",
}


async def describe(session: Session) -> Company:
    """Five calls; the lists are unpaged."""
    organisation = (await _list(session, "Organisation", "Organisations"))[0]
    accounts = await _list(session, "Accounts")
    rates = await _list(session, "TaxRates")
    categories = await _list(session, "TrackingCategories")
    currencies = await _list(session, "Currencies")
    return Company(
        id=organisation["OrganisationID"],
        name=organisation["Name"],
        currency=organisation["BaseCurrency"],
        country=organisation.get("CountryCode") or "",
        time_zone=organisation.get("Timezone") or "",
        code=organisation.get("ShortCode") or "",
        currencies=tuple(currency["Code"] for currency in currencies),
        accounts=tuple(_account(account) for account in accounts),
        tax_codes=tuple(_tax(rate) for rate in rates),
        trackings=tuple(_tracking(category) for category in categories),
        lock_date=_lock_date(organisation),
    )


async def _list(session: Session, path: str, name: str = "") -> list[Mapping[str, Any]]:
    answer = await session.get(f"/{path}")
    if answer.status != 200:
        raise Unavailable(f"Xero has no {path}.")
    found: list[Mapping[str, Any]] = answer.json()[name or path]
    return found


def _lock_date(organisation: Mapping[str, Any]) -> date | None:
    """Nothing may be dated on or before the later of the two."""
    names = ("PeriodLockDate", "EndOfYearLockDate")
    days = [moment(organisation[name]).date() for name in names if organisation.get(name)]
    return max(days, default=None)


def _account(raw: Mapping[str, Any]) -> LedgerAccount:
    kind = KINDS.get(raw["Type"]) or CLASSES.get(raw.get("Class") or "", "asset")
    kind = SYSTEM.get(raw.get("SystemAccount") or "", kind)
    return LedgerAccount(
        id=raw["AccountID"],
        code=raw.get("Code") or "",
        name=raw["Name"],
        kind=kind,
        active=raw.get("Status") == "ACTIVE",
        takes_payments=raw["Type"] == "BANK" or bool(raw.get("EnablePaymentsToAccount")),
    )


def _tax(raw: Mapping[str, Any]) -> LedgerTax:
    return LedgerTax(
        id=raw["TaxType"],
        name=raw["Name"],
        rate=number(raw, "EffectiveRate", 6),
        components=tuple(
            TaxComponent(
                name=part["Name"],
                rate=number(part, "Rate", 6),
                compound=bool(part.get("IsCompound")),
            )
            for part in raw.get("TaxComponents") or ()
        ),
        sales=bool(raw.get("CanApplyToRevenue")),
        purchases=bool(raw.get("CanApplyToExpenses")),
        active=raw.get("Status", "ACTIVE") == "ACTIVE",
    )


def _tracking(raw: Mapping[str, Any]) -> LedgerTracking:
    options = raw.get("Options") or ()
    return LedgerTracking(
        id=raw["TrackingCategoryID"],
        name=raw["Name"],
        options={option["TrackingOptionID"]: option["Name"] for option in options},
    )
