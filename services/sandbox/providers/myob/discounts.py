"""Payments with early-payment discounts and late fees, and their preview."""

from decimal import Decimal
from functools import partial

from services.sandbox.providers.myob import documents, payments, settlements
from services.sandbox.providers.myob.call import Answer, Call, Handler
from services.sandbox.providers.myob.errors import Wire, out_of_place
from services.sandbox.providers.myob.fields import Row, Spec, amount, many, ref
from services.sandbox.providers.myob.money import ZERO
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.schema import SPECS

LINE: Spec = {
    "Sale": ref("invoices"),
    "Purchase": ref("bills"),
    "AmountApplied": amount(),
    "DiscountApplied": amount(0),
}


def _spec(side: payments.Side) -> Spec:
    """The names of the discount fields are UNCONFIRMED."""
    head = {key: one for key, one in SPECS[side.table].items() if key != side.lines}
    return {**head, "Lines": many(LINE), "FinanceCharge": amount(0)}


def calls(side: payments.Side) -> dict[tuple[str, str], Handler]:
    """What a payment's path takes beside the payments themselves."""
    preview = "CalculateDiscountsFees" if side.kind.sales else "CalculateDiscounts"
    return {
        ("POST", preview): partial(_preview, side),
        ("POST", "RecordWithDiscountsAndFees"): partial(_record, side),
    }


def _preview(side: payments.Side, call: Call) -> Answer:
    """What could be deducted if it were paid on that day."""
    reader = Reader(call.books)
    row = reader.read(call.body(), _spec(side))
    reader.done()
    lines = []
    for line in row["Lines"]:
        target = _target(call, side, line)
        terms = target["Terms"]
        early = row["Date"] <= terms["DiscountExpiryDate"]
        lines.append(
            {
                ("Sale" if side.kind.sales else "Purchase"): {"UID": target["UID"]},
                "BalanceDueAmount": target["BalanceDueAmount"],
                "DiscountAvailable": terms["Discount"] if early else ZERO,
            }
        )
    return Answer({"Lines": lines, "FinanceCharge": ZERO})


def _record(side: payments.Side, call: Call) -> Answer:
    """The payment, and a credit memo for discounts or an invoice for fees."""
    reader = Reader(call.books)
    row = reader.read(call.body(), _spec(side))
    reader.done()
    for line in row["Lines"]:
        if line["DiscountApplied"]:
            _discount(call, side, row, line)
    if row["FinanceCharge"]:
        _charge(call, side, row, row["FinanceCharge"], "late_fees")
    head = {key: one for key, one in call.body().items() if key not in {"Lines", "FinanceCharge"}}
    made = payments.create(call, side, {**head, side.lines: _paid(call, side, row)})
    return Answer(call.shown.record(side.table, made, SPECS[side.table]))


def _paid(call: Call, side: payments.Side, row: Row) -> list[Wire]:
    lines = []
    for line in row["Lines"]:
        target = {"UID": _target(call, side, line)["UID"]}
        named: Wire = target if side.kind.sales else {"Purchase": target}
        lines.append({**named, "AmountApplied": line["AmountApplied"], "Type": side.kind.source})
    return lines


def _target(call: Call, side: payments.Side, line: Row) -> Row:
    uid = line["Sale" if side.kind.sales else "Purchase"]
    row = call.books.tables[side.kind.table].get(uid)
    if row is None:
        raise out_of_place("Lines", "A line names the document it pays")
    return row


def _discount(call: Call, side: payments.Side, row: Row, line: Row) -> None:
    memo = _charge(call, side, row, -line["DiscountApplied"], "discounts")
    credit = settlements.CREDIT if side.kind.sales else settlements.DEBIT
    applied = {
        "Type": side.kind.source,
        credit.target: {"UID": _target(call, side, line)["UID"]},
        "AmountApplied": line["DiscountApplied"],
    }
    wire: Wire = {
        credit.credit: {"UID": memo["UID"]},
        side.kind.party: {"UID": row[side.kind.party]},
        "Date": row["Date"].isoformat(),
        "Lines": [applied],
    }
    settlements.create_settlement(call, credit, wire)


def _charge(call: Call, side: payments.Side, row: Row, amount_: Decimal, account: str) -> Row:
    """A service document over the account for discounts or for fees, free of tax."""
    free = call.books.tables["tax_codes"].find("Code", "N-T")[0]["UID"]
    line = {
        "Description": "Discount" if amount_ < 0 else "Late fee",
        "Total": amount_,
        "Account": {"UID": call.books.system[account]},
        "TaxCode": {"UID": free},
    }
    wire: Wire = {
        "Date": row["Date"].isoformat(),
        side.kind.party: {"UID": row[side.kind.party]},
        "Lines": [line],
    }
    return documents.create(call, side.kind, "Service", wire)
