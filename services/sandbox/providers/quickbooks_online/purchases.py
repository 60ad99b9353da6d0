"""Purchase orders, bills, vendor credits and expenses."""

from functools import partial

from services.sandbox.ledger import Line
from services.sandbox.providers.quickbooks_online.accounts import account_ref, chosen
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, is_blank
from services.sandbox.providers.quickbooks_online.documents import (
    HEADER,
    dated,
    guard,
    home_amounts,
    in_currency,
    numbered,
    tracked,
)
from services.sandbox.providers.quickbooks_online.errors import Wire, business, required
from services.sandbox.providers.quickbooks_online.expense_lines import (
    details,
    lines_of,
    posted_to,
    quantities,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    address,
    choice,
    day,
    email,
    read,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.links import linked_txns, release
from services.sandbox.providers.quickbooks_online.lists import in_plan
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.orders import orders_followed, status
from services.sandbox.providers.quickbooks_online.posting import balanced, carried, home, repost
from services.sandbox.providers.quickbooks_online.sales import linked
from services.sandbox.providers.quickbooks_online.sales_posting import stock_moved
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.tax_posting import tax_lines
from services.sandbox.providers.quickbooks_online.taxing import Taxable, taxed
from services.sandbox.providers.quickbooks_online.terms import due_date

SPEC: Spec = {**HEADER, "VendorAddr": address, "Memo": text(4000)}
EXTRA: dict[str, Spec] = {
    "Bill": {"SalesTermRef": ref("Term"), "DueDate": day},
    "VendorCredit": {},
    "PurchaseOrder": {
        "SalesTermRef": ref("Term"),
        "DueDate": day,
        "ShipAddr": address,
        "POEmail": email,
        "POStatus": choice("Open", "Closed"),
        "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
    },
    "Purchase": {
        "PaymentType": choice("Cash", "Check", "CreditCard"),
        "AccountRef": account_ref("Bank", "Credit Card"),
        "EntityRef": ref("Vendor", "Customer", "Employee"),
        "PaymentMethodRef": ref("PaymentMethod"),
        "Credit": truth,
    },
}
SIGNS = {"Bill": 1, "VendorCredit": -1, "Purchase": 1}


def build(entity: str, call: Call, wire: Wire, before: Row | None) -> Row:
    """One document with its totals."""
    if entity == "PurchaseOrder":
        in_plan(call.books, "Purchase orders")
    row = read(call, {**SPEC, **EXTRA[entity]}, wire, before)
    vendor = _vendor(entity, call, wire, before, row)
    owner = str(vendor["Id"]) if vendor else ""
    if (number := numbered(call, entity, wire, before, owner)) is not None:
        row["DocNumber"] = number
    dated(call, row)
    tracked(call, row)
    in_currency(call, wire, before, row, vendor)
    row["Line"] = lines_of(call, wire, before, owner if entity == "Bill" else None)
    base = Taxable(details(row["Line"]), purchase=True)
    row["TxnTaxDetail"] = taxed(call, wire, before, row, base)
    row["TotalAmt"] = base.net() + row["TxnTaxDetail"]["TotalTax"]
    if row["TotalAmt"] < 0:
        raise business("Enter a transaction amount that is 0 or greater.")
    _finished(entity, call, wire, before, row, vendor)
    return carried(before, row)


def _vendor(entity: str, call: Call, wire: Wire, before: Row | None, row: Row) -> Row | None:
    if entity == "Purchase":
        for key in ("PaymentType", "AccountRef"):
            if key not in row:
                raise required(key)
        return None
    if is_blank(wire.get("VendorRef")) and call.sparse and before:
        row["VendorRef"] = before["VendorRef"]
    else:
        row["VendorRef"] = ref("Vendor")(call, wire.get("VendorRef"), "VendorRef")
    if row["VendorRef"] is None:
        raise required("VendorRef")
    if before and before.get("_links") and before["VendorRef"] != row["VendorRef"]:
        raise business("The vendor cannot be changed while payments are applied.")
    return call.books.tables["Vendor"].rows[row["VendorRef"]["value"]]


def _finished(
    entity: str, call: Call, wire: Wire, before: Row | None, row: Row, vendor: Row | None
) -> None:
    if entity == "Purchase":
        row["_account"] = row["AccountRef"]["value"]
        return
    types = () if entity == "PurchaseOrder" else ("Accounts Payable",)
    row["APAccountRef"] = {"value": chosen(call, wire, "APAccountRef", "AP", *types)}
    if entity == "PurchaseOrder":
        row["POStatus"] = status(before, row)
        return
    row["Balance"] = row["TotalAmt"] - linked(before)
    if entity == "Bill":
        row["DueDate"] = due_date(call, wire, row, vendor, "TermRef")


def settle(entity: str, call: Call, before: Row | None, after: Row | None) -> None:
    """Payments and orders follow; then stock and journal."""
    books = call.books
    row = after or before
    assert row is not None
    if after is None:
        release(call, entity, row)
    elif (over := linked(row) - row["TotalAmt"]) > 0 and "Balance" in row:
        release(call, entity, row, over)
    if entity == "Bill":
        orders_followed(books, before, after)
    if entity in SIGNS:
        old, new = quantities(before), quantities(after)
        stock_moved(
            books,
            ((i, SIGNS[entity] * (new.get(i, ZERO) - old.get(i, ZERO))) for i in {**old, **new}),
        )
        latest = books.tables[entity].rows[row["Id"]]
        repost(books, entity, latest, None if after is None else _posted(books, entity, latest))


def _posted(books: Books, entity: str, row: Row) -> list[Line]:
    """Costs and tax against payables, or against the money spent."""
    sign = -1 if row.get("Credit") else SIGNS[entity]
    against = row["_account"] if entity == "Purchase" else row["APAccountRef"]["value"]
    lines = [Line(against, -sign * home(row["TotalAmt"], row))]
    for line, detail in details(row["Line"]):
        lines.append(Line(posted_to(books, detail), sign * home(line["Amount"], row)))
    lines += tax_lines(books, row, sign)
    return balanced(lines, books.system["EXCHANGE"])


def _view(books: Books, row: Row, wire: Wire) -> None:
    wire["LinkedTxn"] = linked_txns(row)
    orders = {link["TxnId"] for line in row["Line"] for link in line.get("LinkedTxn", [])}
    wire["LinkedTxn"] += [{"TxnId": id_, "TxnType": "PurchaseOrder"} for id_ in sorted(orders)]
    bills = dict.fromkeys(row.get("_used", {}).values())
    wire["LinkedTxn"] += [{"TxnId": id_, "TxnType": "Bill"} for id_ in bills]
    if not wire["TxnTaxDetail"].get("TaxLine"):
        wire["TxnTaxDetail"].pop("TaxLine", None)
    if "DueDate" in row and "POStatus" not in row:
        home_amounts(books, row, wire, "Balance")


FILTERS = {
    **dict.fromkeys(("Id", "DocNumber", "VendorRef", "APAccountRef", "TxnDate"), "text"),
    **dict.fromkeys(("DueDate", "SalesTermRef", "POStatus", "PaymentType", "AccountRef"), "text"),
    **dict.fromkeys(("TotalAmt", "Balance"), "number"),
}
KINDS = tuple(
    Kind(
        entity,
        FILTERS,
        partial(build, entity),
        settle=partial(settle, entity),
        guard=guard,
        deletable=True,
        view=_view,
    )
    for entity in ("PurchaseOrder", "Bill", "VendorCredit", "Purchase")
)
