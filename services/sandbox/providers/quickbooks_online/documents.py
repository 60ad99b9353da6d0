"""What transactions have in common: dates, numbers, currency, closing date, tracking."""

import re
from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.dates import today
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    business,
    closed_books,
    duplicate_number,
    matched,
    no_feature,
    required,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    custom_fields,
    day,
    id_in,
    number,
    ref,
    text,
)
from services.sandbox.providers.quickbooks_online.lists import in_plan
from services.sandbox.providers.quickbooks_online.money import rounded, trimmed
from services.sandbox.providers.quickbooks_online.table import Row, own_id

AUTO = "AUTO_GENERATE"
SEQUENCED = frozenset({"Invoice", "Estimate", "SalesReceipt"})
SALES = frozenset({*SEQUENCED, "CreditMemo", "RefundReceipt"})
WARNED = SALES | {"Bill"}
HEADER: Spec = {
    "TxnDate": day,
    "PrivateNote": text(4000),
    "ClassRef": ref("Class"),
    "DepartmentRef": ref("Department"),
    "ExchangeRate": number(8),
    "CustomField": custom_fields,
}
DAY_RATES = {"USD": "1", "CAD": "0.73", "GBP": "1.27", "EUR": "1.09", "AUD": "0.66", "NZD": "0.61"}
"""US dollars per unit, for want of a rate feed."""


def unlocked(books: Books, date_: str) -> None:
    """Raises Invalid (6200, 6210) for a date in closed books."""
    closing = books.prefs["AccountingInfoPrefs"].get("BookCloseDate")
    if closing and date_ <= closing:
        code = "6200" if books.closing_password else "6210"
        raise closed_books(books.habits.closed_code or code)


def dated(call: Call, row: Row) -> str:
    """The document's date, the server's own by default; raises Invalid in closed books."""
    date_: str = row.setdefault("TxnDate", today(call.books.clock.now()))
    unlocked(call.books, date_)
    return date_


def guard(call: Call, row: Row) -> None:
    """Raises Invalid when the document must not be touched: closed books, matched."""
    unlocked(call.books, row["TxnDate"])
    if row.get("_matched"):
        raise matched()


def numbered(
    call: Call, entity: str, wire: Wire, before: Row | None, owner: str = ""
) -> str | None:
    """The DocNumber: sent, kept, or the next of the sequence; raises Invalid (2050, 6140)."""
    sent = wire.get("DocNumber")
    if is_blank(sent):
        keeps = before is not None and (call.sparse or "DocNumber" not in wire)
        return before.get("DocNumber") if keeps and before else _next_number(call, entity)
    if sent == AUTO and entity in SEQUENCED:
        return next_number(call.books)
    number_ = text(21)(call, sent, "DocNumber")
    if before is None or before.get("DocNumber") != number_:
        _unused(call, entity, number_, owner, own_id(before))
        _learn(call.books, entity, number_)
    return str(number_)


def _unused(call: Call, entity: str, number_: str, owner: str, own_id: str | None) -> None:
    books = call.books
    lenient = "allowduplicatedocnum" in call.include or not books.habits.warn_duplicate_numbers
    if lenient or entity not in WARNED:
        return
    for row in books.tables[entity].find("DocNumber", number_):
        if row["Id"] != own_id and (not owner or row["VendorRef"]["value"] == owner):
            named = f"DocNumber={number_} is assigned to TxnType={entity} with TxnId={row['Id']}"
            raise duplicate_number(named if books.habits.duplicates_name_txn else "")


def _next_number(call: Call, entity: str) -> str | None:
    custom = call.books.prefs["SalesFormsPrefs"]["CustomTxnNumbers"]
    return next_number(call.books) if entity in SALES and not custom else None


def next_number(books: Books) -> str:
    """The next of the sales forms' common sequence that no form has."""
    while True:
        books.counters["number"] = books.counters.get("number", 1000) + 1
        number_ = str(books.counters["number"])
        if not any(books.tables[entity].find("DocNumber", number_) for entity in SALES):
            return number_


def _learn(books: Books, entity: str, number_: str) -> None:
    if entity in SALES and re.fullmatch(r"[0-9]{1,15}", number_):
        books.counters["number"] = max(books.counters.get("number", 1000), int(number_))


def tracked(call: Call, row: Row) -> None:
    """Raises Invalid (5020) for class or location where the plan or the company has none."""
    books, prefs = call.books, call.books.prefs["AccountingInfoPrefs"]
    if "ClassRef" in row:
        in_plan(books, "Class tracking")
        if not prefs["ClassTrackingPerTxn"]:
            raise no_feature("Class tracking per transaction is not turned on.")
    if "DepartmentRef" in row:
        in_plan(books, "Location tracking")
        if not prefs["TrackDepartments"]:
            raise no_feature("Location tracking is not turned on.")


def line_class(call: Call, value: object, path: str) -> Wire | None:
    """A line's class; raises Invalid (5020) where there is none."""
    if id_in(value) is None:
        return None
    in_plan(call.books, "Class tracking")
    if not call.books.prefs["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"]:
        raise no_feature("Class tracking per line is not turned on.")
    found: Wire | None = ref("Class")(call, value, path)
    return found


def in_currency(call: Call, wire: Wire, before: Row | None, row: Row, owner: Row | None) -> None:
    """Puts in currency and rate; the currency must be the owner's. Raises Invalid."""
    books = call.books
    kept = before["CurrencyRef"]["value"] if before else None
    sent = id_in(wire.get("CurrencyRef")) or (kept if call.sparse else None)
    if sent is None and books.multicurrency and books.habits.currency_required:
        raise required("CurrencyRef")
    theirs = owner["CurrencyRef"]["value"] if owner else None
    wanted = sent or theirs or books.currency
    if wanted != books.currency and not books.multicurrency:
        raise business("Multicurrency is not turned on for this company.")
    if theirs is not None and wanted != theirs:
        raise business(f"The transaction's currency {wanted} is not that of the name ({theirs}).")
    row["CurrencyRef"] = {"value": wanted}
    if not books.multicurrency:
        row.pop("ExchangeRate", None)
        return
    if wanted == books.currency:
        row["ExchangeRate"] = Decimal(1)
    elif not row.get("ExchangeRate"):
        row["ExchangeRate"] = day_rate(wanted, books.currency)


def day_rate(currency: str, home: str) -> Decimal:
    """Home units per foreign unit."""
    return rounded(Decimal(DAY_RATES[currency]) / Decimal(DAY_RATES[home]), 6)


def home_amounts(books: Books, row: Row, wire: Wire, *keys: str) -> None:
    """`HomeTotalAmt` and `HomeBalance` where multicurrency is on."""
    if books.multicurrency and "ExchangeRate" in row:
        for key in keys:
            if key in row:
                wire[f"Home{key}"] = trimmed(rounded(row[key] * row["ExchangeRate"]))


def cut_note(books: Books, row: Row) -> str:
    """The note of a voided document (in English only)."""
    note = row.get("PrivateNote")
    return f"Voided - {note}" if note and books.habits.void_keeps_note else "Voided"
