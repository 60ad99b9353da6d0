"""Amount, quantity and price of a line: zeros are absent, and the product must be right."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.errors import Invalid
from services.sandbox.providers.quickbooks_online.money import HUNDRED, ZERO, rounded
from services.sandbox.providers.quickbooks_online.table import Row


def multiplied(amount: Decimal, detail: Row) -> None:
    """Drops zeros, which the vendor's SDK sends for what it leaves out; raises Invalid (6070)."""
    for key in ("Qty", "UnitPrice", "TaxInclusiveAmt"):
        if not detail.get(key):
            detail.pop(key, None)
    if "Qty" not in detail or "UnitPrice" not in detail:
        return
    expected = detail["Qty"] * detail["UnitPrice"]
    expected = expected * (1 - detail.get("DiscountRate", ZERO) / HUNDRED)
    expected -= detail.get("DiscountAmt", ZERO)
    if rounded(expected) != amount:
        text = f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}"
        raise Invalid("6070", "Amount calculation incorrect in the request", text, "Line.Amount")
