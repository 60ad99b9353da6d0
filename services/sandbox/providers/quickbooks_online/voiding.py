"""Voiding a sales form: the document stays, its amounts and links do not."""

from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.documents import cut_note
from services.sandbox.providers.quickbooks_online.errors import Wire, business
from services.sandbox.providers.quickbooks_online.lines import DISCOUNT, GROUP, SALES
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.table import Row


def voided(call: Call, _: Wire, before: Row) -> Row:
    """Every amount to zero, quantities too, prices gone; the note says `Voided`."""
    if before.get("_voided"):
        raise business("The transaction is voided already.")
    lines = [_emptied(line) for line in before["Line"]]
    row = {
        **before,
        "Line": lines,
        "TxnTaxDetail": {"TotalTax": ZERO, "TaxLine": []},
        "TotalAmt": ZERO,
        "PrivateNote": cut_note(call.books, before),
        "_voided": True,
    }
    row |= {key: ZERO for key in ("Balance", "RemainingCredit", "Deposit") if key in before}
    return row


def _emptied(line: Row) -> Row:
    out = {**line, "Amount": ZERO} if "Amount" in line else dict(line)
    for key in (SALES,):
        if key in line:
            kept = {k: v for k, v in line[key].items() if k not in {"UnitPrice", "TaxInclusiveAmt"}}
            out[key] = {**kept, "Qty": ZERO} if "ItemRef" in kept else kept
    if GROUP in line:
        inner = [_emptied(one) for one in line[GROUP]["Line"]]
        out[GROUP] = {**line[GROUP], "Line": inner}
    if DISCOUNT in line:
        out[DISCOUNT] = {**line[DISCOUNT], "PercentBased": False}
    return out
