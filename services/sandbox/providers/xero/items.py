"""Items: the price list; a deleted item simply vanishes."""

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, part, text, truth
from services.sandbox.providers.xero.errors import Invalid, Wire
from services.sandbox.providers.xero.money import number, rounded, trimmed
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.rendering import kept, updated
from services.sandbox.providers.xero.table import Row

NAME = "Items"
TEXTS = {"Code": 30, "Name": 50, "Description": 4000, "PurchaseDescription": 4000}
ACCOUNTS = ("AccountCode", "COGSAccountCode", "TaxType")
SALES_FIELDS = ("Description", "SalesDetails")
PURCHASE_FIELDS = ("PurchaseDescription", "PurchaseDetails")
LISTED = Listed(
    NAME,
    frozenset({"ItemID", "Code", "Name", "Description", "IsSold", "IsPurchased", "UpdatedDateUTC"}),
    ("Code", "Name", "Description"),
    paged=False,
)


def write(call: Call, wire: Wire) -> Row:
    """PUT creates; POST updates the item with that id or code."""
    books, known = call.books, None
    if id_ := text(wire, "ItemID"):
        known = books.items.get(id_)
        if known is None:
            raise Invalid("An existing Item with the specified ItemID could not be found")
    elif call.method == "POST":
        known = next(iter(books.items.find("code", text(wire, "Code") or "")), None)
    return _saved(call, wire, None if call.method == "PUT" else known)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Sparse: what is absent stays."""
    return _saved(call, wire, before)


def _saved(call: Call, wire: Wire, before: Row | None) -> Row:
    books = call.books
    row: Row = dict(before or {"IsSold": True, "IsPurchased": True, "_app": call.app})
    row.setdefault("ItemID", new_id())
    _texts(row, wire)
    for key in ("IsSold", "IsPurchased"):
        if (sent := truth(wire, key)) is not None:
            row[key] = sent
    for key in ("SalesDetails", "PurchaseDetails"):
        if wire.get(key) is not None:
            details = _details(books, part(wire, key), call.unitdp)
            row[key] = {**row.get(key, {}), **details}
    if "InventoryAssetAccountCode" in wire:
        row["InventoryAssetAccountCode"] = text(wire, "InventoryAssetAccountCode")
    # Setting IsSold false nulls the sales fields (dossier section 5); purchases likewise.
    for flag, fields in (("IsSold", SALES_FIELDS), ("IsPurchased", PURCHASE_FIELDS)):
        for key in () if row[flag] else fields:
            row.pop(key, None)
    _unique(books, row)
    return books.save(books.items, row)


def _texts(row: Row, wire: Wire) -> None:
    wrong = []
    for key, longest in TEXTS.items():
        if key in wire:
            row[key] = text(wire, key)
            if len(row[key] or "") > longest:
                wrong.append(f"{key} must not be longer than {longest} characters")
    if not row.get("Code"):
        wrong.append("Price List Item Code must be supplied")  # UNCONFIRMED text
    if wrong:
        raise Invalid(*wrong)


def _details(books: Books, wire: Wire, unitdp: int) -> Wire:
    out: Wire = {key: text(wire, key) for key in ACCOUNTS if wire.get(key) is not None}
    if (price := number(wire, "UnitPrice")) is not None:
        out["UnitPrice"] = trimmed(rounded(price, unitdp))
    for key in ("AccountCode", "COGSAccountCode"):
        if key in out and not books.accounts.find("code", out[key]):
            raise Invalid(f"Account code '{out[key]}' is not a valid code for this document.")
    if "TaxType" in out and out["TaxType"] not in books.tax_rates.rows:
        raise Invalid(f"The TaxType code '{out['TaxType']}' does not exist or is not active")
    return out


def _unique(books: Books, row: Row) -> None:
    same = books.items.find("code", row["Code"])
    if any(other["ItemID"] != row["ItemID"] for other in same):
        raise Invalid(f"Price List Item with Code '{row['Code']}' already exists")


def view(row: Row) -> Wire:
    """An item; tracked when it has an inventory and a cost of goods account."""
    purchase = row.get("PurchaseDetails", {})
    tracked = bool(row.get("InventoryAssetAccountCode") and purchase.get("COGSAccountCode"))
    return {
        **kept(row, "ItemID", "Code", "InventoryAssetAccountCode"),
        **kept(row, "Description", "PurchaseDescription"),
        **updated(row),
        "PurchaseDetails": purchase,
        "SalesDetails": row.get("SalesDetails", {}),
        **kept(row, "Name"),
        "IsTrackedAsInventory": tracked,
        "IsSold": row["IsSold"],
        "IsPurchased": row["IsPurchased"],
    }


def _echo(wire: Wire) -> Wire:
    keys = ("ItemID", *TEXTS, "IsSold", "IsPurchased", "SalesDetails", "PurchaseDetails")
    return {key: wire[key] for key in keys if wire.get(key) is not None}


BULK = Bulk(NAME, write, lambda _, row: view(row), _echo, errors_key=None)


def index(call: Call) -> Answer:
    """All of them; never paged."""
    rows, _ = listed(call, call.books.items, LISTED)
    return Answer({NAME: [view(row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id; by code too (UNCONFIRMED)."""
    return Answer({NAME: [view(found(call.books.items, id_, "code"))]})


def save(call: Call) -> Answer:
    """PUT or POST of many."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.items, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))


def delete(call: Call, id_: str) -> Answer:
    """204; it may be refused in cases that are UNCONFIRMED, here never."""
    call.books.items.remove(found(call.books.items, id_))
    return Answer(status=204)
