"""Line items: merging by LineItemID, defaults from items and accounts, amounts, discounts, tax."""

from decimal import Decimal
from typing import Any

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.call import text
from services.sandbox.providers.xero.coding import Coding, account_of, item_of, tax_of, tracking_of
from services.sandbox.providers.xero.errors import Invalid, Wire, malformed
from services.sandbox.providers.xero.line_amounts import (
    AMOUNTS,
    UNITDP,
    Rules,
    complete,
    discounted,
    priced,
    tax,
)
from services.sandbox.providers.xero.money import ZERO, rounded, trimmed

_CODES = ("ItemCode", "AccountCode", "AccountID")
_KEPT = ("Description", *AMOUNTS, *_CODES, "TaxType", "TaxAmount", "Tracking")


def built(books: Books, sent: Any, old: list[Wire], rules: Rules) -> list[Wire]:
    """The new whole set of lines; raises Invalid with everything that is wrong with them."""
    if not isinstance(sent, list) or not all(isinstance(wire, dict) for wire in sent):
        raise malformed("LineItems must be an array")
    if not sent:
        raise Invalid("One or more line items must be specified")
    known = {line["LineItemID"]: line for line in old}
    out, wrong = [], {}
    for wire in sent:
        try:
            out.append(_line(books, _merged(wire, known), rules))
        except Invalid as error:
            wrong.update(dict.fromkeys(error.messages))
    if wrong:
        raise Invalid(*wrong)
    return out


def rebuilt(books: Books, old: list[Wire], rules: Rules, *, keep_tax: bool) -> list[Wire]:
    """The same lines under a new status or tax mode."""
    dropped = set() if keep_tax else {"TaxAmount"}
    sent = [{key: line[key] for key in line if key not in dropped} for line in old]
    for wire in sent:
        wire[UNITDP] = 4
    return built(books, sent, old, rules)


def _merged(wire: Wire, known: dict[str, Wire]) -> Wire:
    """A line with the id of a stored one keeps its absent fields; any other is made anew."""
    wire = {key: value for key, value in wire.items() if value is not None}
    before = known.pop(str(wire.get("LineItemID", "")).lower(), None)
    if before is None:
        # A LineItemID that the document has not is UNCONFIRMED; here the line is made anew.
        return {**wire, "LineItemID": new_id()}
    kept = {key: before[key] for key in _KEPT if key in before}
    for key in _outdated(wire):
        kept.pop(key, None)
    merged = {**kept, **wire, "LineItemID": before["LineItemID"]}
    if "UnitAmount" not in wire:
        merged[UNITDP] = 4
    return merged


def _outdated(wire: Wire) -> set[str]:
    """Stored fields that what was sent makes stale."""
    sent = {key for key in wire if key in AMOUNTS}
    out: set[str] = set()
    if sent:
        out |= {"TaxAmount", "LineAmount"}
    if "LineAmount" in sent:
        out.add("Quantity" if "UnitAmount" in sent else "UnitAmount")
    if sent & {"DiscountRate", "DiscountAmount"}:
        out |= {"DiscountRate", "DiscountAmount"}
    if {"TaxType", *_CODES} & set(wire):
        out.add("TaxAmount")
    if {"AccountCode", "AccountID"} & set(wire):
        out |= {"AccountCode", "AccountID"}
    return out


def _line(books: Books, wire: Wire, rules: Rules) -> Wire:
    description = text(wire, "Description")
    if not any(key in wire for key in (*AMOUNTS, *_CODES)):
        return _description_only(wire, description)
    item = item_of(books, wire)
    details: Wire = (
        item.get("SalesDetails" if rules.sales else "PurchaseDetails", {}) if item else {}
    )
    if item and not description:
        description = item.get("Description" if rules.sales else "PurchaseDescription")
    quantity, unit, amount = priced(wire, details, rules)
    complete(rules, description, quantity, unit)
    amount, discount = discounted(wire, rules, quantity, unit, amount)
    coding = Coding(rules.sales, rules.mode, rules.final, rules.control)
    account = account_of(books, wire, details, coding)
    tax_type, rate = tax_of(books, wire, details, account, coding)
    return _shown(
        {
            "Description": description,
            "UnitAmount": unit,
            "TaxType": tax_type,
            "TaxAmount": tax(wire, rules.mode, amount, rate),
            "LineAmount": amount,
            "AccountCode": account and account.get("Code"),
            "AccountID": account and account["AccountID"],
            "ItemCode": item and item["Code"],
            "Item": item and {key: item[key] for key in ("ItemID", "Code", "Name") if key in item},
            "Tracking": tracking_of(books, wire),
            "Quantity": quantity,
            **discount,
            "LineItemID": wire["LineItemID"],
            "ValidationErrors": [],
        }
    )


def _shown(line: Wire) -> Wire:
    return {
        key: trimmed(value) if isinstance(value, Decimal) else value
        for key, value in line.items()
        if value is not None
    }


def _description_only(wire: Wire, description: str | None) -> Wire:
    if not description:
        raise Invalid("Description must be specified for each line item")  # UNCONFIRMED text
    return {
        "Description": description,
        "TaxAmount": ZERO,
        "LineAmount": ZERO,
        "Tracking": [],
        "LineItemID": wire["LineItemID"],
        "ValidationErrors": [],
    }


def totals(lines: list[Wire], mode: str) -> Wire:
    """`SubTotal` (net), `TotalTax`, `Total` and `TotalDiscount` of the document."""
    amount = sum((line["LineAmount"] for line in lines), ZERO)
    taxes = sum((line["TaxAmount"] for line in lines), ZERO)
    net = amount - taxes if mode == "Inclusive" else amount
    discount = sum((_discount(line) for line in lines), ZERO)
    return {"SubTotal": net, "TotalTax": taxes, "Total": net + taxes, "TotalDiscount": discount}


def _discount(line: Wire) -> Decimal:
    if not ("DiscountRate" in line or "DiscountAmount" in line):
        return ZERO
    gross: Decimal = rounded(line["Quantity"] * line["UnitAmount"])
    return gross - Decimal(line["LineAmount"])
