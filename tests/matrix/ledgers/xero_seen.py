"""Xero's books as a person reads them: from the records as the vendor's API shows them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from tests.flows.world import Json
from tests.matrix.seen import (
    VOID,
    ZERO,
    Books,
    Document,
    Line,
    Money,
    Person,
    amount,
    family,
    rated,
)

ENDED = ("DELETED", "VOIDED")
MARKER = re.compile(r" ?lb-[a-z2-7]{16}$")
There = Mapping[str, list[Json]]


def seen(there: There) -> Books:
    """One look at all records."""
    sales = [i for i in there["Invoices"] if i["Type"] == "ACCREC" and is_kept(i)]
    bills = [i for i in there["Invoices"] if i["Type"] == "ACCPAY" and is_kept(i)]
    return Books(
        contacts={
            family(c["Name"])[0]: Person(c.get("EmailAddress") or "", family(c["Name"])[1])
            for c in there["Contacts"]
            if c["ContactStatus"] == "ACTIVE"
        },
        items={i["Code"]: (i.get("Name") or "", _price(i)) for i in there["Items"]},
        invoices={i["InvoiceNumber"]: _document(i, i["AmountDue"]) for i in sales},
        credit_notes={
            c["CreditNoteNumber"]: _document(c, c["RemainingCredit"])
            for c in there["CreditNotes"]
            if c["Type"] == "ACCRECCREDIT" and is_kept(c)
        },
        orders={o["PurchaseOrderNumber"]: _document(o, 0) for o in there["PurchaseOrders"]},
        bills={number_of(i): _document(i, i["AmountDue"]) for i in bills},
        payments=sorted(_payments(there)),
        refunds=sorted(_refunds(there)),
    )


def number_of(invoice: Json) -> str:
    """A bill has no field of its own for our marker: it stands behind the supplier's number."""
    return MARKER.sub("", invoice["InvoiceNumber"] or "")


def named(contacts: list[Json], name: str) -> list[Json]:
    """Those of that name, whomever they belong to."""
    live = [c for c in contacts if c["ContactStatus"] == "ACTIVE"]
    return [c for c in live if family(c["Name"])[0] == name]


def is_kept(record: Json) -> bool:
    return bool(record["Status"] != "DELETED")


def _price(item: Json) -> Decimal:
    return amount((item.get("SalesDetails") or {}).get("UnitPrice"))


def _document(raw: Json, left: object) -> Document:
    if raw["Status"] in ENDED:
        return VOID
    return Document(
        family(raw["Contact"]["Name"])[0],
        raw["DateString"][:10],
        raw["CurrencyCode"],
        tuple(_line(line) for line in raw["LineItems"]),
        amount(raw["SubTotal"]),
        amount(raw["TotalTax"]),
        amount(raw["Total"]),
        amount(left),
        (raw.get("DueDateString") or "")[:10],
        closed=raw["Status"] == "BILLED",
        rate=_rate(raw),
    )


def _rate(raw: Json) -> Decimal:
    """Xero says document currency per own currency, which is 1 of its own."""
    shown = amount(raw.get("CurrencyRate"))
    return rated(1 / shown) if shown not in (ZERO, 1) else ZERO


def _line(raw: Json) -> Line:
    return Line(
        raw.get("Description") or "",
        amount(raw.get("Quantity")),
        amount(raw.get("UnitAmount")),
        raw.get("ItemCode") or "",
        "".join(one["Option"] for one in raw.get("Tracking") or ()),
    )


def _payments(there: Mapping[str, list[Json]]) -> list[Money]:
    """A batch is one payment; what pays an invoice alone is one, and so is an overpayment."""
    numbers = {i["InvoiceID"]: number_of(i) for i in there["Invoices"]}
    live = [p for p in there["Payments"] if p["Status"] != "DELETED" and _pays(p)]
    batches: dict[str, list[Json]] = {}
    for one in live:
        batch = one.get("BatchPaymentID") or (one.get("BatchPayment") or {}).get("BatchPaymentID")
        batches.setdefault(batch or one["PaymentID"], []).append(one)
    found = [_paid(some, numbers) for some in batches.values()]
    return found + [_advance(o, numbers) for o in there["Overpayments"] if o["Status"] not in ENDED]


def _paid(some: list[Json], numbers: Mapping[str, str]) -> Money:
    shares = _shares(some, numbers)
    who = family(some[0]["Invoice"]["Contact"]["Name"])[0]
    total = sum((share for _, share in shares), ZERO)
    return Money(who, _day(some[0]["Date"]), total, shares, rate=_rate(some[0]))


def _advance(raw: Json, numbers: Mapping[str, str]) -> Money:
    shares = _shares(raw["Allocations"], numbers)
    total, left = amount(raw["Total"]), amount(raw["RemainingCredit"])
    who, rate = family(raw["Contact"]["Name"])[0], _rate(raw)
    return Money(who, raw["DateString"][:10], total, shares, left, rate)


def _shares(some: list[Json], numbers: Mapping[str, str]) -> tuple[tuple[str, Decimal], ...]:
    """Two uses for one invoice are one share of it."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in some:
        found[numbers[one["Invoice"]["InvoiceID"]]] += amount(one["Amount"])
    return tuple(sorted(found.items()))


def _refunds(there: Mapping[str, list[Json]]) -> list[Money]:
    names = {c["CreditNoteID"]: c["CreditNoteNumber"] for c in there["CreditNotes"]}
    beyond = {o["OverpaymentID"]: o for o in there["Overpayments"]}
    found = []
    for one in there["Payments"]:
        if one["Status"] == "DELETED" or _pays(one):
            continue
        # Whatever it gives back is shown as if it were an invoice, too.
        of = one.get("Invoice") or beyond[one["Overpayment"]["OverpaymentID"]]
        share = (names.get(of.get("InvoiceID"), ""), amount(one["Amount"]))
        found.append(Money(family(of["Contact"]["Name"])[0], _day(one["Date"]), share[1], (share,)))
    return found


def _pays(payment: Json) -> bool:
    return payment["PaymentType"] in ("ACCRECPAYMENT", "ACCPAYPAYMENT")


def _day(text: str) -> str:
    """`/Date(ms+0000)/` as a calendar date."""
    return datetime.fromtimestamp(int(text[6:19]) / 1000, UTC).date().isoformat()
