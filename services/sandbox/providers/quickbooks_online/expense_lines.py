"""Lines of orders, bills and expenses: by item or by account, some taken from an order."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from services.sandbox.providers.quickbooks_online.accounts import account_ref
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.documents import line_class
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_choice,
    required,
    unlinkable,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    choice,
    id_in,
    number,
    read,
    ref,
    text,
)
from services.sandbox.providers.quickbooks_online.items import account_of
from services.sandbox.providers.quickbooks_online.line_amounts import multiplied
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.table import Row

ITEM = "ItemBasedExpenseLineDetail"
ACCOUNT = "AccountBasedExpenseLineDetail"
COMMON: Spec = {
    "ClassRef": line_class,
    "CustomerRef": ref("Customer"),
    "BillableStatus": choice("Billable", "NotBillable", "HasBeenBilled"),
    "TaxInclusiveAmt": number(),
}
DETAILS: Mapping[str, Spec] = {
    ITEM: {
        **COMMON,
        "ItemRef": ref("Item", path=f"Line.{ITEM}.ItemRef"),
        "UnitPrice": number(7),
        "Qty": number(7),
    },
    ACCOUNT: {**COMMON, "AccountRef": account_ref()},
}


def lines_of(call: Call, wire: Wire, before: Row | None, owner: str | None = None) -> list[Row]:
    """All lines, replaced; `owner` is the vendor whose orders may be linked."""
    if call.sparse and before and "Line" not in wire:
        return deepcopy(before["Line"])
    sent = wire.get("Line")
    if not isinstance(sent, list) or not sent:
        raise required("Line")
    known = {line["Id"] for line in before["Line"]} if before else set()
    newest = max((int(id_) for id_ in known), default=0)
    lines = []
    for at, one in enumerate(sent, 1):
        line = _line(call, one, before, owner)
        if str(one.get("Id")) in known:
            line["Id"] = str(one["Id"])
        else:
            newest += 1
            line["Id"] = str(newest)
        lines.append({"Id": line["Id"], "LineNum": at, **line})
    return lines


def _line(call: Call, wire: Any, before: Row | None, owner: str | None) -> Row:
    if not isinstance(wire, dict):
        raise required("Line")
    link, ordered = _ordered(call, wire, before, owner)
    if ordered is not None and is_blank(wire.get("DetailType")):
        wire = {**deepcopy(ordered), **{k: v for k, v in wire.items() if not is_blank(v)}}
    sort = wire.get("DetailType")
    if is_blank(sort):
        raise required("Line.DetailType")
    if sort not in DETAILS:
        raise bad_choice("Line.DetailType", sort)
    spec: Spec = {"Description": text(4000), "Amount": number()}
    line = read(call, spec, wire, path="Line.") | {"DetailType": sort}
    if "Amount" not in line:
        raise required("Line.Amount")
    sent = wire.get(sort) or {}
    detail = read(call, DETAILS[sort], sent, path=f"Line.{sort}.")
    key = "ItemRef" if sort == ITEM else "AccountRef"
    if key not in detail:
        raise required(f"Line.{sort}.{key}")
    multiplied(line["Amount"], detail)
    detail.setdefault("BillableStatus", "NotBillable")
    detail["_code"] = id_in(sent.get("TaxCodeRef"))
    line[str(sort)] = detail
    return line | ({"LinkedTxn": [link]} if link else {})


def _ordered(
    call: Call, wire: Wire, before: Row | None, owner: str | None
) -> tuple[Wire | None, Row | None]:
    """The order line that is billed; a bad link is dropped without a word, by default."""
    links = [x for x in wire.get("LinkedTxn") or [] if x.get("TxnType") == "PurchaseOrder"]
    if not links or owner is None:
        return None, None
    order = call.get("PurchaseOrder", links[0].get("TxnId"))
    line_id = str(links[0].get("TxnLineId"))
    lines = order["Line"] if order and order["VendorRef"]["value"] == owner else []
    line = next((one for one in lines if one["Id"] == line_id), None)
    used = order.get("_used", {}).get(line_id) if order else None
    if line is None or order is None or used not in {None, before and before["Id"]}:
        if call.books.habits.deep_links_refused:
            raise unlinkable(f"PurchaseOrder {links[0].get('TxnId')} line {line_id}")
        return None, None
    link = {"TxnId": order["Id"], "TxnType": "PurchaseOrder", "TxnLineId": line_id}
    return link, {k: v for k, v in line.items() if k not in {"Id", "LineNum"}}


def details(lines: list[Row]) -> list[tuple[Row, Row]]:
    """Each line with its detail."""
    return [(line, line[line["DetailType"]]) for line in lines]


def posted_to(books: Books, detail: Row) -> str:
    """The account a line is posted to."""
    if "AccountRef" in detail:
        return str(detail["AccountRef"]["value"])
    item = books.tables["Item"].rows[detail["ItemRef"]["value"]]
    return account_of(books, item, purchase=True)


def quantities(row: Row | None) -> dict[str, Decimal]:
    """How much of each item a document moves."""
    moved: dict[str, Decimal] = {}
    for _, detail in details(row["Line"]) if row else []:
        if "ItemRef" in detail:
            id_ = detail["ItemRef"]["value"]
            moved[id_] = moved.get(id_, ZERO) + detail.get("Qty", ZERO)
    return moved
