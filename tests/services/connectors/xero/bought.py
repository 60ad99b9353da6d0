"""Orders, bills and refunds for the tests of the connector."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from contracts.entities import Allocation, Bill, Line, PurchaseOrder, Refund
from libs.connector.interface import Company
from libs.connector.money import totals_of
from libs.testing import builders

DAY = builders.DAY


def order(lines: Sequence[Line] | None = None, **fields: Any) -> PurchaseOrder:
    """An approved order to contact c1."""
    shared = {"id": "o1", "number": "PO-o1", "delivery_date": DAY + timedelta(days=7)}
    return PurchaseOrder.model_validate({**_document(lines, fields), **shared, **fields})


def bill(lines: Sequence[Line] | None = None, **fields: Any) -> Bill:
    """An approved bill of contact c1, by the supplier's own number."""
    shared = {"id": "b1", "number": "SUP 77", "due_date": DAY + timedelta(days=30)}
    return Bill.model_validate({**_document(lines, fields), **shared, **fields})


def refund(currency: str = builders.CURRENCY, **fields: Any) -> Refund:
    """10 of credit note n1, given back."""
    share = Allocation(document="n1", document_type="credit_note", amount=Decimal(10))
    default = {"id": "r1", "contact": "c1", "date": DAY, "amount": Decimal(10)}
    return Refund.model_validate(
        {**default, "currency": currency, "allocations": (share,), **fields}
    )


def purchases(company: Company) -> tuple[PurchaseOrder, Bill]:
    """Lines on an expense account, with the only tax of its rate."""
    costs = next(a.code for a in company.accounts if a.kind == "expense" and a.active and a.code)
    rates = [tax.rate for tax in company.tax_codes if tax.active and tax.purchases]
    rate = max(rate for rate in rates if rates.count(rate) == 1)
    lines = (builders.line("l1", account=costs, tax_rate=rate),)
    currency = {"currency": company.currency}
    return order(lines, **currency), bill(lines, **currency)


def _document(lines: Sequence[Line] | None, fields: dict[str, Any]) -> dict[str, Any]:
    chosen = tuple(lines) if lines is not None else (builders.line("l1"), builders.line("l2"))
    return {
        "supplier": "c1",
        "issue_date": DAY,
        "currency": builders.CURRENCY,
        "lines": chosen,
        "totals": totals_of(chosen, fields.get("tax_mode", "exclusive")),
    }
