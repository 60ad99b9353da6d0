"""Lines of sales forms: kinds of detail, amounts, discounts, ids that stay."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from services.sandbox.providers.quickbooks_online.accounts import account_ref
from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.documents import line_class
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_choice,
    business,
    invalid_reference,
    required,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    day,
    id_in,
    number,
    read,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.items import account_of, parts_of
from services.sandbox.providers.quickbooks_online.line_amounts import multiplied
from services.sandbox.providers.quickbooks_online.money import HUNDRED, ZERO, decimal_of, rounded
from services.sandbox.providers.quickbooks_online.table import Row

SALES = "SalesItemLineDetail"
DISCOUNT = "DiscountLineDetail"
SUBTOTAL = "SubTotalLineDetail"
GROUP = "GroupLineDetail"
TEXT = "DescriptionOnly"
LONGEST = 750
DETAIL: Spec = {
    "ItemRef": ref("Item", path="Line.SalesItemLineDetail.ItemRef"),
    "ClassRef": line_class,
    "UnitPrice": number(7),
    "Qty": number(7),
    "ServiceDate": day,
    "DiscountRate": number(7),
    "DiscountAmt": number(),
    "TaxInclusiveAmt": number(),
}
Make = Callable[[Call, Wire, Row], None]


def lines_of(call: Call, wire: Wire, before: Row | None) -> list[Row]:
    """The lines of a sales form, all replaced; raises Invalid when there is none."""
    if call.sparse and before and "Line" not in wire:
        return deepcopy(before["Line"])
    sent = wire.get("Line")
    if not isinstance(sent, list):
        raise required("Line")
    known = {line["Id"] for line in before["Line"] if "Id" in line} if before else set()
    lines: list[Row] = []
    for one in sent:
        line = built(call, one)
        if line is not None:
            lines.append(line | kept_id(one, known))
    return finished(lines, known)


def kept_id(wire: Wire, known: set[str]) -> Wire:
    """The id of a line that was there before."""
    return {"Id": str(wire["Id"])} if str(wire.get("Id")) in known else {}


def finished(lines: list[Row], known: set[str]) -> list[Row]:
    """Ids and numbers; the server's subtotal stands before the discount."""
    items = [line for line in lines if line["DetailType"] != DISCOUNT]
    discounts = [line for line in lines if line["DetailType"] == DISCOUNT]
    if not items:
        raise required("Line")
    if len(discounts) > 1:
        raise business("A transaction can have one discount line.")
    newest = max((int(id_) for id_ in known), default=0)
    out = []
    for at, line in enumerate(items, 1):
        if "Id" not in line:
            newest += 1
            line["Id"] = str(newest)
        out.append({"Id": line["Id"], "LineNum": at, **line})
    subtotal = sum((line.get("Amount", ZERO) for line in items), ZERO)
    out.append({"Amount": subtotal, "DetailType": SUBTOTAL, SUBTOTAL: {}})
    for line in discounts:
        detail = line[DISCOUNT]
        if detail["PercentBased"]:
            line["Amount"] = rounded(subtotal * detail["DiscountPercent"] / HUNDRED)
        out.append({key: value for key, value in line.items() if key != "Id"})
    if len(out) > LONGEST:
        raise business(f"A transaction can have {LONGEST} lines.")
    return out


def built(call: Call, wire: Any) -> Row | None:
    """One line; None for the subtotal, which the server adds itself."""
    if not isinstance(wire, dict) or is_blank(wire.get("DetailType")):
        raise required("Line.DetailType")
    if wire["DetailType"] == SUBTOTAL:
        return None
    make = MAKERS.get(wire["DetailType"])
    if make is None:
        raise bad_choice("Line.DetailType", wire["DetailType"])
    spec: Spec = {"Description": text(4000), "Amount": number()}
    line: Row = read(call, spec, wire, path="Line.") | {"DetailType": wire["DetailType"]}
    make(call, wire, line)
    return line


def _sales(call: Call, wire: Wire, line: Row) -> None:
    if "Amount" not in line:
        raise required("Line.Amount")
    sent = wire.get(SALES) or {}
    detail = read(call, DETAIL, sent, path="Line.SalesItemLineDetail.")
    multiplied(line["Amount"], detail)
    if "ItemRef" not in detail and not _itemless(call, line, detail):
        return
    item = call.books.tables["Item"].rows[detail["ItemRef"]["value"]]
    if item["Type"] in {"Category", "Group"}:
        raise invalid_reference("Line.SalesItemLineDetail.ItemRef")
    detail["ItemAccountRef"] = {"value": account_of(call.books, item, purchase=False)}
    detail["_code"] = id_in(sent.get("TaxCodeRef"))
    line[SALES] = detail


def _itemless(call: Call, line: Row, detail: Row) -> bool:
    """What a line without an item becomes (UNCONFIRMED, see `Habits`)."""
    habit = call.books.habits.itemless_lines
    if habit == "refused":
        raise required("Line.SalesItemLineDetail.ItemRef")
    if habit == "documentation":
        del line["Amount"]
        line |= {"DetailType": TEXT, "DescriptionLineDetail": {}}
        return False
    detail["ItemRef"] = {"value": call.books.system["ITEM"]}
    return True


def _discount(call: Call, wire: Wire, line: Row) -> None:
    spec: Spec = {
        "PercentBased": truth,
        "DiscountPercent": number(7),
        "DiscountAccountRef": account_ref("Income", "Other Income", "Expense"),
    }
    detail = read(call, spec, wire.get(DISCOUNT) or {}, path="Line.DiscountLineDetail.")
    detail.setdefault("PercentBased", False)
    detail.setdefault("DiscountAccountRef", {"value": call.books.system["DISCOUNT"]})
    if detail["PercentBased"] and "DiscountPercent" not in detail:
        raise required("Line.DiscountLineDetail.DiscountPercent")
    if not detail["PercentBased"] and "Amount" not in line:
        raise required("Line.Amount")
    line[DISCOUNT] = detail


def _text(_: Call, __: Wire, line: Row) -> None:
    line.pop("Amount", None)
    line["DescriptionLineDetail"] = {}


def _group(call: Call, wire: Wire, line: Row) -> None:
    """A bundle: its own lines, or what it consists of at list price."""
    sent = wire.get(GROUP) or {}
    chosen = ref("Item", path="Line.GroupLineDetail.GroupItemRef")(
        call, sent.get("GroupItemRef"), "Line.GroupLineDetail.GroupItemRef"
    )
    if chosen is None:
        raise required("Line.GroupLineDetail.GroupItemRef")
    item = call.books.tables["Item"].rows[chosen["value"]]
    quantity = decimal_of(sent.get("Quantity") or 1, "Line.GroupLineDetail.Quantity")
    inner = sent.get("Line") or parts_of(call.books, item, quantity)
    lines = [one for sent_ in inner if (one := built(call, sent_)) is not None]
    for at, one in enumerate(lines, 1):
        one["Id"] = str(at)
    line["Amount"] = sum((one.get("Amount", ZERO) for one in lines), ZERO)
    line[GROUP] = {"GroupItemRef": chosen, "Quantity": quantity, "Line": lines}


MAKERS: dict[str, Make] = {SALES: _sales, DISCOUNT: _discount, TEXT: _text, GROUP: _group}


def sold(lines: list[Row]) -> list[Row]:
    """The item lines, those inside bundles too."""
    found = []
    for line in lines:
        if line["DetailType"] == SALES:
            found.append(line)
        elif line["DetailType"] == GROUP:
            found.extend(sold(line[GROUP]["Line"]))
    return found
