"""The company itself: facts, plan and preferences."""

from typing import Any

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, object_of
from services.sandbox.providers.quickbooks_online.dates import read_day
from services.sandbox.providers.quickbooks_online.errors import Wire, bad_value, business
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    address,
    email,
    phone,
    read,
    text,
)
from services.sandbox.providers.quickbooks_online.table import Row

INFO: Spec = {
    "CompanyName": text(1024),
    "LegalName": text(1024),
    "CompanyAddr": address,
    "Email": email,
    "PrimaryPhone": phone,
}
FIXED = (
    *("Country", "FiscalYearStartMonth", "SupportedLanguages", "CompanyStartDate"),
    "DefaultTimeZone",
)


def info(call: Call, wire: Wire, before: Row | None) -> Row:
    """What a company says of itself."""
    assert before is not None
    changed = read(call, INFO, wire, before)
    return {**{key: before[key] for key in (*FIXED, "CompanyName") if key in before}, **changed}


def preferences(_: Call, wire: Wire, before: Row | None) -> Row:
    """Sections and settings that are named are changed; the others stay."""
    assert before is not None
    row = {key: value for key, value in before.items() if key[0] != "_"}
    for section, sent in wire.items():
        if isinstance(before.get(section), dict) and isinstance(sent, dict):
            known = {
                key: value for key, value in sent.items() if _fits(before[section], key, value)
            }
            row[section] = {**before[section], **known}
    _checked(before, row)
    return row


def _fits(before: Wire, key: str, value: Any) -> bool:
    if key == "BookCloseDate":
        if value not in {None, ""} and read_day(str(value)) is None:
            raise bad_value(key, "Date", value)
        return True
    if key not in before:
        return False
    if isinstance(before[key], bool) and not isinstance(value, bool):
        raise bad_value(key, "Boolean", value)
    return True


def _checked(before: Row, row: Row) -> None:
    was, now = before["CurrencyPrefs"], row["CurrencyPrefs"]
    if was["MultiCurrencyEnabled"] and not now["MultiCurrencyEnabled"]:
        raise business("Multicurrency cannot be turned off.")
    object_of(row["AccountingInfoPrefs"], "AccountingInfoPrefs")


def _info_view(books: Books, _: Row, wire: Wire) -> None:
    wire["NameValue"] = [
        {"Name": "OfferingSku", "Value": f"QuickBooks Online {books.plan}"},
        {"Name": "SubscriptionStatus", "Value": "PAID"},
    ]


def _prefs_view(_: Books, __: Row, wire: Wire) -> None:
    closing = wire["AccountingInfoPrefs"]
    if not closing.get("BookCloseDate"):
        closing.pop("BookCloseDate", None)


KINDS = (
    Kind("CompanyInfo", {"Id": "text", "CompanyName": "text"}, info, view=_info_view),
    Kind("Preferences", {"Id": "text"}, preferences, view=_prefs_view),
)
