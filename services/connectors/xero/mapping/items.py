"""Items (dossier section 5): no field for a marker, their code is ours."""

from decimal import Decimal

from contracts.entities import Item
from contracts.values import EntityType
from libs.connector.interface import Context, Record, Write
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    number,
    present,
    rounded,
    shortened,
    text,
    updated,
)

CODE_LENGTH, NAME_LENGTH, DESCRIPTION_LENGTH = 30, 50, 4000
PRICE_PLACES = 4
SALES = frozenset({"unit_price", "account", "tax_code"})
PURCHASES = frozenset({"purchase_price", "purchase_account", "purchase_tax_code"})


def item_code(code: str) -> str:
    """The code as Xero takes it: at most 30 characters, still unique."""
    return shortened(code, CODE_LENGTH)


def item_to_xero(item: Item, context: Context) -> Element:
    """The whole element."""
    bought = _details(
        item.purchase_price, item.purchase_account, item.purchase_tax_code, context, sales=False
    )
    return present(
        {
            "Code": item_code(item.code),
            "Name": (item.name or item.description)[:NAME_LENGTH] or None,
            "Description": item.description,
            "IsSold": True,
            "IsPurchased": bought is not None,
            "SalesDetails": _details(
                item.unit_price, item.account, item.tax_code, context, sales=True
            ),
            "PurchaseDetails": bought,
        }
    )


def item_element(write: Write, item: Item, context: Context) -> Element:
    """What a write sends: a known item's code, which Xero asks for, and what has changed.

    The details of a sale go together: whether absent ones would stay is not documented. No flag
    is sent as false: that would empty the bookkeeper's own fields.
    """
    whole = item_to_xero(item, context)
    if not write.record:
        return whole
    wanted = {"Code"}
    wanted |= {"Name"} if "name" in write.changed else set()
    wanted |= {"Description"} if "description" in write.changed else set()
    wanted |= {"SalesDetails"} if SALES & write.changed else set()
    if PURCHASES & write.changed and "PurchaseDetails" in whole:
        wanted |= {"PurchaseDetails", "IsPurchased"}
    kept = {name: value for name, value in whole.items() if name in wanted}
    return {"ItemID": write.record, **kept}


def item_from_xero(raw: Raw) -> Item:
    """The record as an entity."""
    sales, bought = raw.get("SalesDetails") or {}, raw.get("PurchaseDetails") or {}
    return Item(
        id=str(raw.get("ItemID") or "new"),
        code=text(raw, "Code"),
        name=text(raw, "Name"),
        description=text(raw, "Description", DESCRIPTION_LENGTH),
        unit_price=_price(sales),
        purchase_price=_price(bought),
        tax_code=text(sales, "TaxType") or None,
        purchase_tax_code=text(bought, "TaxType") or None,
        account=text(sales, "AccountCode") or None,
        purchase_account=text(bought, "AccountCode") or text(bought, "COGSAccountCode") or None,
    )


def item_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(EntityType.ITEM, raw["ItemID"], raw, number=raw["Code"], updated_at=updated(raw))


def _price(details: Raw) -> Decimal | None:
    return None if details.get("UnitPrice") is None else number(details, "UnitPrice", 6)


def _details(
    price: Decimal | None, account: str | None, tax: str | None, context: Context, *, sales: bool
) -> Element | None:
    if price is None and account is None and tax is None:
        return None
    return present(
        {
            "UnitPrice": None if price is None else rounded(price, PRICE_PLACES),
            "AccountCode": context.mappings.account(account, "") if account else None,
            "TaxType": context.mappings.tax(tax, None, sales=sales) if tax else None,
        }
    )
