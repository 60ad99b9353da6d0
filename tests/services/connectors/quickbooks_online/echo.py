"""What QuickBooks answers to a create, by its documents alone: the mapping is not asked."""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.connector import wire
from libs.connector.interface import Answer, Request

CENT = Decimal("0.01")
CLOCK = "2026-03-01T09:15:36-08:00"
RESOURCES = {
    name.lower(): name
    for name in (
        "Customer",
        "Vendor",
        "Item",
        "Invoice",
        "CreditMemo",
        "Payment",
        "BillPayment",
        "RefundReceipt",
        "PurchaseOrder",
        "Bill",
    )
}
RATES = {"2": Decimal(20), "3": Decimal(0), "4": Decimal("8.875")}
"""Of the tax codes of a company outside the US."""
DETAILS = (
    "SalesItemLineDetail",
    "ItemBasedExpenseLineDetail",
    "AccountBasedExpenseLineDetail",
)


def answer(request: Request) -> Answer:
    """The object as it is stored (dossier sections 4 to 7)."""
    resource = RESOURCES[request.path.removeprefix("/")]
    sent = json.loads(request.body, parse_float=Decimal, parse_int=Decimal)
    shown = stored(resource, sent)
    return Answer(200, {}, wire.encode({resource: shown, "time": CLOCK}))


def stored(resource: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """With what the server adds; texts come back trimmed, empty ones not at all."""
    shown: dict[str, Any] = _kept(sent)
    shown |= {"Id": "145", "SyncToken": "0", "domain": "QBO", "sparse": False}
    shown["MetaData"] = {"CreateTime": CLOCK, "LastUpdatedTime": CLOCK}
    if resource in ("Customer", "Vendor"):
        shown.setdefault("CurrencyRef", {"value": "USD"})
        shown.setdefault("Active", True)
    if "Line" in shown and resource not in ("Payment", "BillPayment"):
        shown |= _totals(shown)
    return shown


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _kept(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in ("", None, {})}
    if isinstance(value, list):
        return [_kept(inner) for inner in value]
    return value.strip() if isinstance(value, str) else value


def _totals(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Lines are numbered and summed, tax is reckoned per code over its lines."""
    lines = [{**line, "Id": str(n + 1), "LineNum": n + 1} for n, line in enumerate(shown["Line"])]
    for line in lines:
        _check_amount(line)
    amount = sum((Decimal(line["Amount"]) for line in lines), Decimal(0))
    tax = _tax(shown, lines)
    subtotal = {"Amount": amount, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    detail = {**shown.get("TxnTaxDetail", {}), "TotalTax": tax}
    return {"Line": [*lines, subtotal], "TxnTaxDetail": detail, "TotalAmt": amount + tax}


def _check_amount(line: Mapping[str, Any]) -> None:
    """6070: the amount is quantity times price, less the line's own discount, to the cent."""
    detail = _detail(line)
    quantity, price = Decimal(detail.get("Qty", 0)), Decimal(detail.get("UnitPrice", 0))
    left = 100 - Decimal(detail.get("DiscountRate", 0))
    if quantity and price:
        exact = (quantity * price * left / 100).quantize(CENT, ROUND_HALF_UP)
        assert exact == Decimal(line["Amount"]), f"6070: {line}"


def _tax(shown: Mapping[str, Any], lines: list[dict[str, Any]]) -> Decimal:
    if "GlobalTaxCalculation" not in shown:
        return Decimal(shown.get("TxnTaxDetail", {}).get("TotalTax", 0))
    mode = shown["GlobalTaxCalculation"]
    if mode == "TaxInclusive":
        gross = sum((Decimal(_detail(line)["TaxInclusiveAmt"]) for line in lines), Decimal(0))
        return gross - sum((Decimal(line["Amount"]) for line in lines), Decimal(0))
    bases: dict[str, Decimal] = {}
    for line in lines if mode == "TaxExcluded" else ():
        code = _detail(line)["TaxCodeRef"]["value"]
        bases[code] = bases.get(code, Decimal(0)) + Decimal(line["Amount"])
    taxes = (base * RATES[code] / 100 for code, base in bases.items())
    return sum((tax.quantize(CENT, ROUND_HALF_UP) for tax in taxes), Decimal(0))


def _detail(line: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(line[name] for name in DETAILS if name in line)
    return found
