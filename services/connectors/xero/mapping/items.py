"""Items (dossier section 5): no field for a marker, their code is ours."""

from contracts.entities import Item
from contracts.values import EntityType
from libs.connector.interface import Context, Record, Write
from services.connectors.xero.mapping.wire import Element, Raw, present, shortened, updated

CODE_LENGTH, NAME_LENGTH = 30, 50


def item_code(code: str) -> str:
    """The code as Xero takes it: at most 30 characters, still unique."""
    return shortened(code, CODE_LENGTH)


def item_to_xero(item: Item, context: Context) -> Element:
    """The whole element; Xero's items are small."""
    return present(
        {
            "Code": item_code(item.code),
            "Name": (item.name or item.description)[:NAME_LENGTH],
            "Description": item.description,
            "IsSold": True,
            "IsPurchased": item.purchase_price is not None,
            "SalesDetails": _details(
                item.unit_price, item.account, item.tax_code, context, sales=True
            ),
            "PurchaseDetails": _details(
                item.purchase_price,
                item.purchase_account,
                item.purchase_tax_code,
                context,
                sales=False,
            ),
        }
    )


def item_element(write: Write, item: Item, context: Context) -> Element:
    """What a write sends."""
    known = {"ItemID": write.record} if write.record else {}
    return {**known, **item_to_xero(item, context)}


def item_from_xero(raw: Raw) -> Item:
    """The record as an entity."""
    sales, bought = raw.get("SalesDetails") or {}, raw.get("PurchaseDetails") or {}
    return Item(
        id=str(raw.get("ItemID") or "new"),
        code=raw["Code"],
        name=raw.get("Name") or "",
        description=raw.get("Description") or "",
        unit_price=sales.get("UnitPrice"),
        purchase_price=bought.get("UnitPrice"),
        tax_code=sales.get("TaxType"),
        purchase_tax_code=bought.get("TaxType"),
        account=sales.get("AccountCode"),
        purchase_account=bought.get("AccountCode"),
    )


def item_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(EntityType.ITEM, raw["ItemID"], raw, number=raw["Code"], updated_at=updated(raw))


def _details(
    price: object, account: str | None, tax: str | None, context: Context, *, sales: bool
) -> Element | None:
    if price is None and account is None and tax is None:
        return None
    return present(
        {
            "UnitPrice": price,
            "AccountCode": context.mappings.account(account, "") if account else None,
            "TaxType": context.mappings.tax(tax, None, sales=sales) if tax else None,
        }
    )
