"""What invoices, credit notes, orders and bank transactions have in common: header and lines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.providers.xero import contacts
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Call, part, text, truth
from services.sandbox.providers.xero.dates import read_date
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.line_amounts import Rules
from services.sandbox.providers.xero.lines import built, rebuilt, totals
from services.sandbox.providers.xero.money import ZERO, number, rounded
from services.sandbox.providers.xero.table import Row, Table

MODES = {"exclusive": "Exclusive", "inclusive": "Inclusive", "notax": "NoTax"}
FINAL = frozenset({"SUBMITTED", "AUTHORISED", "PAID", "BILLED"})
DAY_RATES = {
    "NZD": "1.65",
    "AUD": "1.5",
    "USD": "1",
    "EUR": "0.92",
    "GBP": "0.79",
    "CAD": "1.36",
}
"""Foreign units per US dollar, for want of XE.com."""

NOT_EDITABLE = "Invoice not of valid status for modification"
HAS_PAYMENT = "This document cannot be edited as it has a payment or credit note allocated to it."


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of document differs from the others."""

    types: frozenset[str]
    sales: frozenset[str]
    discounts: frozenset[str]
    texts: dict[str, int]
    dates: tuple[str, ...]
    control: frozenset[str] = frozenset()


def headed(call: Call, wire: Wire, before: Row | None, kind: Kind) -> Row:
    """Header and lines after a write: what is absent stays. Raises Invalid."""
    row: Row = dict(before or {"_app": call.app, "SentToContact": False, "LineItems": []})
    type_ = row.get("Type") or text(wire, "Type") or ""
    if type_ not in kind.types:
        raise Invalid(f"'{type_}' is not a valid Type for this document")  # UNCONFIRMED text
    row["Type"] = type_
    _texts(row, wire, kind)
    for key in kind.dates:
        if key in wire:
            row[key] = read_date(wire, key)
    if row.get("Date") is None:
        row["Date"] = call.books.today()
    if (sent := truth(wire, "SentToContact")) is not None:
        row["SentToContact"] = sent
    _contact(call, row, wire, before)
    _currency(call.books, row, wire)
    return row


def _texts(row: Row, wire: Wire, kind: Kind) -> None:
    for key, longest in kind.texts.items():
        if key in wire:
            row[key] = text(wire, key)
            if len(row[key] or "") > longest:
                # The text is UNCONFIRMED.
                raise Invalid(f"{key} must not be longer than {longest} characters")


def _contact(call: Call, row: Row, wire: Wire, before: Row | None) -> None:
    if wire.get("Contact") is None:
        if before is None:
            raise Invalid("A Contact must be specified for this type of transaction")
        return
    sent = part(wire, "Contact")
    if before is None or str(sent.get("ContactID")).lower() != before["_contact"]:
        row["_contact"] = contacts.resolve(call, sent)["ContactID"]


def _currency(books: Books, row: Row, wire: Wire) -> None:
    code = text(wire, "CurrencyCode") or row.get("CurrencyCode") or books.currency
    if code not in books.currencies:
        raise Invalid(f"Organisation is not subscribed to currency {code}")  # UNCONFIRMED text
    rate = number(wire, "CurrencyRate")
    if rate is not None and rate <= 0:
        raise Invalid("CurrencyRate must be greater than zero")  # UNCONFIRMED text
    if code == books.currency:
        row["CurrencyRate"] = Decimal(1)
    elif rate is not None:
        row["CurrencyRate"] = rounded(rate, 6)
    elif code != row.get("CurrencyCode"):
        row["CurrencyRate"] = _day_rate(books.currency, code)
    row["CurrencyCode"] = code


def _day_rate(base: str, code: str) -> Decimal:
    return rounded(Decimal(DAY_RATES.get(code, "1")) / Decimal(DAY_RATES.get(base, "1")), 6)


def lined(call: Call, row: Row, wire: Wire, before: Row | None, kind: Kind) -> Row:
    """Lines and totals; a sent `LineItems` is the new whole set, none leaves them."""
    mode = MODES.get((text(wire, "LineAmountTypes") or "").lower())
    if wire.get("LineAmountTypes") is not None and mode is None:
        raise Invalid("LineAmountTypes must be Exclusive, Inclusive or NoTax")  # UNCONFIRMED text
    old: list[Wire] = row["LineItems"]
    old_mode = row.get("LineAmountTypes", "Exclusive")
    row["LineAmountTypes"] = mode or old_mode
    rules = Rules(
        sales=row["Type"] in kind.sales,
        discounts=row["Type"] in kind.discounts,
        mode=row["LineAmountTypes"],
        unitdp=call.unitdp,
        final=row["Status"] in FINAL,
        control=row["Type"] in kind.control,
    )
    sent: Any = wire.get("LineItems")
    if sent is not None:
        row["LineItems"] = built(call.books, sent, old, rules)
    elif before is None:
        raise Invalid("One or more line items must be specified")
    else:
        keep_tax = row["LineAmountTypes"] == old_mode
        row["LineItems"] = rebuilt(call.books, old, rules, keep_tax=keep_tax)
    row |= totals(row["LineItems"], row["LineAmountTypes"])
    if row["Total"] < ZERO:
        raise Invalid("The document total cannot be negative")  # UNCONFIRMED text
    return row


def unlocked(books: Books, *days: date | None) -> None:
    """Raises Invalid for a date in a locked period; the form of the date is UNCONFIRMED."""
    locks = {
        "EndOfYearLockDate": "the end of year lock date",
        "PeriodLockDate": "the period lock date",
    }
    for key, name in locks.items():
        lock = books.organisation.get(key)
        if lock is not None and any(day is not None and day <= lock for day in days):
            raise Invalid(
                f"The document date cannot be before {name}, currently set at {lock:%d %B %Y}"
            )


def next_number(table: Table, prefix: str, last: int) -> tuple[str, int]:
    """The next number of a sequence that is not taken, and its place in the sequence."""
    last += 1
    while table.find("number", f"{prefix}{last:04d}"):
        last += 1
    return f"{prefix}{last:04d}", last
