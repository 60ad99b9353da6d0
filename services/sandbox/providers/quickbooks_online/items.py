"""Products and services, categories, and the bundles made in QuickBooks itself."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.accounts import account_ref
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    business,
    required,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    choice,
    day,
    number,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.lists import NAMED, named
from services.sandbox.providers.quickbooks_online.money import ZERO, decimal_of, rounded, trimmed
from services.sandbox.providers.quickbooks_online.naming import full_name, with_parent
from services.sandbox.providers.quickbooks_online.table import Row, own_id

INCOME = ("Income", "Other Income")
COSTS = ("Cost of Goods Sold", "Expense", "Other Expense")
SPEC: Spec = {
    "Type": choice("Service", "NonInventory", "Inventory", "Category", "Group"),
    "Sku": text(100),
    "Description": text(4000),
    "PurchaseDesc": text(4000),
    "UnitPrice": number(7),
    "PurchaseCost": number(7),
    "Taxable": truth,
    "SalesTaxIncluded": truth,
    "PurchaseTaxIncluded": truth,
    "IncomeAccountRef": account_ref(*INCOME),
    "ExpenseAccountRef": account_ref(*COSTS),
    "AssetAccountRef": account_ref("Other Current Asset"),
    "SalesTaxCodeRef": ref("TaxCode"),
    "PurchaseTaxCodeRef": ref("TaxCode"),
    "ClassRef": ref("Class"),
    "TrackQtyOnHand": truth,
    "QtyOnHand": number(5),
    "InvStartDate": day,
    "ReorderPoint": number(5),
    "SubItem": truth,
    "ParentRef": ref("Item"),
}
INVENTORY = ("AssetAccountRef", "ExpenseAccountRef", "QtyOnHand", "InvStartDate")


def build(call: Call, wire: Wire, before: Row | None) -> Row:
    """One item; bundles cannot be made by an app."""
    row = named(call, "Item", 100, SPEC, wire, before)
    sort = row.setdefault("Type", before["Type"] if before else "Service")
    if sort == "Group":
        _bundle(call, wire, before, row)
    elif sort == "Inventory":
        _inventory(call, before, row)
    elif sort != "Category" and "IncomeAccountRef" not in row and "ExpenseAccountRef" not in row:
        raise required("IncomeAccountRef")
    row["TrackQtyOnHand"] = sort == "Inventory"
    return with_parent(call, "Item", wire, row, own_id(before), "SubItem")


def _bundle(call: Call, wire: Wire, before: Row | None, row: Row) -> None:
    if before is None and call.app is not None:
        raise unsupported("Bundles cannot be created through the API")
    lines = (wire.get("ItemGroupDetail") or {}).get("ItemGroupLine") or []
    inner = [
        {
            "ItemRef": ref("Item")(call, line["ItemRef"], "ItemGroupDetail.ItemRef"),
            "Qty": decimal_of(line.get("Qty", 1), "Qty"),
        }
        for line in lines
    ]
    if inner:
        row["ItemGroupDetail"] = {"ItemGroupLine": inner}
    elif before:
        row["ItemGroupDetail"] = before["ItemGroupDetail"]


def _inventory(call: Call, before: Row | None, row: Row) -> None:
    missing = [key for key in ("IncomeAccountRef", *INVENTORY) if key not in row]
    if missing and before is None:
        raise required(missing[0])
    if before is not None:
        if before["Type"] != "Inventory":
            raise business("An item cannot become an inventory item.")
        # Quantities move by transactions; what an update says of them is not taken.
        row |= {key: before[key] for key in INVENTORY if key not in row or key == "QtyOnHand"}
    elif row["QtyOnHand"] < 0:
        raise business("The quantity on hand cannot be negative.")
    if not call.books.prefs["VendorAndPurchasesPrefs"]["UsingInventory"]:
        raise business("Inventory tracking is not turned on.")


def account_of(books: Books, item: Row, *, purchase: bool) -> str:
    """The account an item's line is posted to."""
    if purchase and item["Type"] == "Inventory":
        return str(item["AssetAccountRef"]["value"])
    key = "ExpenseAccountRef" if purchase else "IncomeAccountRef"
    default = "COSTS" if purchase else "INCOME"
    return str(item[key]["value"]) if key in item else books.system[default]


def cost_of(item: Row, quantity: Decimal) -> Decimal:
    """What so many of an inventory item cost; zero for anything else."""
    return quantity * item.get("PurchaseCost", ZERO) if item["Type"] == "Inventory" else ZERO


def parts_of(books: Books, item: Row, quantity: Decimal) -> list[Wire]:
    """The sales lines a bundle stands for, at list price."""
    sort, lines = "SalesItemLineDetail", []
    for part in item["ItemGroupDetail"]["ItemGroupLine"]:
        price = books.tables["Item"].rows[part["ItemRef"]["value"]].get("UnitPrice", ZERO)
        many = part["Qty"] * quantity
        detail = {"ItemRef": part["ItemRef"], "Qty": many, "UnitPrice": price}
        lines.append({"DetailType": sort, "Amount": rounded(many * price), sort: detail})
    return lines


def _view(books: Books, row: Row, wire: Wire) -> None:
    wire["FullyQualifiedName"], level = full_name(books, "Item", row)
    if row["SubItem"]:
        wire["Level"] = level
    wire["UnitPrice"] = trimmed(row.get("UnitPrice", ZERO))
    if row["Type"] == "Inventory":
        wire["QtyOnHand"] = trimmed(row["QtyOnHand"])


FILTERS = NAMED | {
    **dict.fromkeys(("Sku", "Type", "Description"), "text"),
    "FullyQualifiedName": "computed",
    **dict.fromkeys(("Taxable", "SubItem", "TrackQtyOnHand"), "bool"),
    **dict.fromkeys(("UnitPrice", "PurchaseCost", "QtyOnHand"), "number"),
}
KINDS = (Kind("Item", FILTERS, build, view=_view, listed=True),)
