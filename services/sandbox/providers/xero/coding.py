"""How lines are coded: items, accounts, tax types and tracking, with the vendor's refusals."""

from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import text
from services.sandbox.providers.xero.errors import Invalid, Wire, malformed
from services.sandbox.providers.xero.money import ZERO
from services.sandbox.providers.xero.table import Row

MOST_TRACKING = 2
_APPLIES = {
    "REVENUE": "CanApplyToRevenue",
    "EXPENSE": "CanApplyToExpenses",
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "LIABILITY": "CanApplyToLiabilities",
}


@dataclass(frozen=True, slots=True)
class Coding:
    """The side of the document, its tax mode, and whether everything must be there.

    `control` allows lines on the receivables and payables accounts.
    """

    sales: bool
    mode: str
    final: bool
    control: bool


def item_of(books: Books, wire: Wire) -> Row | None:
    """The item a line names by code."""
    code = text(wire, "ItemCode")
    if not code:
        return None
    found = books.items.find("code", code)
    if not found:
        raise Invalid(f"Item code '{code}' is not valid")  # UNCONFIRMED text
    return found[0]


def account_of(books: Books, wire: Wire, details: Wire, coding: Coding) -> Row | None:
    """The account a line is posted to: its own, else the item's."""
    id_, code = text(wire, "AccountID"), text(wire, "AccountCode")
    code = code or details.get("AccountCode")
    if not id_ and not code:
        if coding.final:
            raise Invalid("Account code must be specified for each line item")  # UNCONFIRMED text
        return None
    account = books.accounts.get(id_) if id_ else None
    if account is None and code:
        account = next(iter(books.accounts.find("code", code)), None)
    name = code or id_
    if account is None or not _codable(account, coding):
        raise Invalid(f"Account code '{name}' is not a valid code for this document.")
    return usable(account)


def _codable(account: Row, coding: Coding) -> bool:
    if account.get("SystemAccount") in {"DEBTORS", "CREDITORS"}:
        return coding.control
    return bool(account["Type"] != "BANK")


def usable(account: Row) -> Row:
    """The account itself, unless it has been archived or deleted."""
    if account["Status"] != "ACTIVE":
        name = account.get("Code") or account["AccountID"]
        raise Invalid(
            f"Account code '{name}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
    return account


def tax_of(
    books: Books, wire: Wire, details: Wire, account: Row | None, coding: Coding
) -> tuple[str | None, Decimal]:
    """Tax type and effective rate: the line's own, else the item's, else the account's."""
    if coding.mode == "NoTax":
        return "NONE", ZERO
    default = account["TaxType"] if account else None
    code = text(wire, "TaxType") or details.get("TaxType") or default
    if not code:
        return None, ZERO
    rate = books.tax_rates.rows.get(code)
    if rate is None or rate["Status"] != "ACTIVE":
        raise Invalid(f"The TaxType code '{code}' does not exist or is not active")  # UNCONFIRMED
    applies = _APPLIES[account["Class"]] if account else None
    if account and applies and not rate[applies]:
        name = account.get("Code") or account["AccountID"]
        raise Invalid(f"The TaxType code '{code}' cannot be used with account code '{name}'.")
    return code, rate["EffectiveRate"]


def tracking_of(books: Books, wire: Wire) -> list[Wire]:
    """Up to two categories with an option each, by id or by name."""
    sent = wire.get("Tracking") or []
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise malformed("Tracking must be an array")
    if len(sent) > MOST_TRACKING:
        raise Invalid("A line item may have at most 2 tracking categories")  # UNCONFIRMED text
    return [_tracked(books, one) for one in sent]


def _tracked(books: Books, wire: Wire) -> Wire:
    for category in books.tracking:
        named = wire.get("TrackingCategoryID") or wire.get("Name")
        if category["Status"] == "ACTIVE" and named in {
            category["TrackingCategoryID"],
            category["Name"],
        }:
            return _option(category, wire)
    # What an unknown category does is UNCONFIRMED; here it is refused.
    raise Invalid("The TrackingCategory could not be found")


def _option(category: Row, wire: Wire) -> Wire:
    named = wire.get("TrackingOptionID") or wire.get("Option")
    for option in category["Options"]:
        if option["Status"] == "ACTIVE" and named in {option["TrackingOptionID"], option["Name"]}:
            return {
                "Name": category["Name"],
                "Option": option["Name"],
                "TrackingCategoryID": category["TrackingCategoryID"],
                "TrackingOptionID": option["TrackingOptionID"],
            }
    raise Invalid(f"The tracking option could not be found in {category['Name']}")
