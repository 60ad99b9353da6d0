"""Items (dossier section 5): no field for a marker; their stock code is ours and unique."""

from decimal import Decimal

from contracts.entities import Item, LineKind, RecordStatus
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.flat import names
from libs.connector.interface import Context, Record, Verb, Write
from services.connectors.quickbooks_online.mapping import accounts, tax
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    is_active,
    name,
    number,
    present,
    ref,
    ref_of,
    shortened,
    text,
    undeleted,
    updated,
)

CODE_LENGTH, TAG_LENGTH, DESCRIPTION_LENGTH = 100, 40, 4000
TYPES = {LineKind.PART: "NonInventory"}
SERVICE = "Service"
KEPT = frozenset({"Service", "NonInventory", "Inventory"})
"""Types that are sold; categories and bundles are not items of ours."""
FIELDS = {
    "code": ("Name", "Sku"),
    "name": ("Name",),
    "description": ("Description",),
    "kind": ("IncomeAccountRef",),
    "unit_price": ("UnitPrice",),
    "purchase_price": ("PurchaseCost", "ExpenseAccountRef"),
    "tax_code": ("SalesTaxCodeRef",),
    "purchase_tax_code": ("PurchaseTaxCodeRef",),
    "account": ("IncomeAccountRef",),
    "purchase_account": ("ExpenseAccountRef",),
    "status": ("Active", "Name"),
}
EMPTY = {"UnitPrice": Decimal(0), "PurchaseCost": Decimal(0)}
"""How a price is taken away: an absent one would stay."""


def item_code(code: str) -> str:
    """The stock code as the vendor takes it."""
    return shortened(code, CODE_LENGTH)


def item_name(item: Item) -> str:
    """Names are unique there: ours is told apart by the code behind it."""
    tag = shortened(name(item_code(item.code)), TAG_LENGTH)
    said = name(item.name, 100 - len(tag) - 3)
    return f"{said} ({tag})" if said and said != tag else tag


def item_to_qbo(item: Item, context: Context) -> Element:
    """The whole element; its kind of a new item decides the type, which nobody can change."""
    element: Element = {
        "Name": item_name(item),
        "Sku": item_code(item.code),
        "Description": item.description[:DESCRIPTION_LENGTH].strip(),
        "Type": TYPES.get(item.kind, SERVICE),
        "Active": item.status != RecordStatus.ARCHIVED,
        "UnitPrice": item.unit_price,
        "PurchaseCost": item.purchase_price,
        "IncomeAccountRef": ref(_income(item, context)),
        "ExpenseAccountRef": ref(_expense(item, context)),
    }
    if not tax.is_us(context):
        element["SalesTaxCodeRef"] = ref(_code(item.tax_code, context, sales=True))
        element["PurchaseTaxCodeRef"] = ref(_code(item.purchase_tax_code, context, sales=False))
    return element


def item_element(write: Write, item: Item, context: Context) -> Element:
    """What a write sends: all of a new item, of a known one what has changed."""
    if not write.record:
        return {key: v for key, v in item_to_qbo(item, context).items() if v not in (None, "")}
    element: Element = {"Id": write.record, "SyncToken": write.version, "sparse": True}
    if write.verb in (Verb.VOID, Verb.DELETE):
        return {**element, "Active": False}
    wanted = {field for path in write.changed for field in FIELDS.get(names(path)[0], ())}
    whole = present({**EMPTY, **present(item_to_qbo(item, context))})
    return element | {field: value for field, value in whole.items() if field in wanted}


def item_from_qbo(raw: Raw, context: Context) -> Item:
    """The record as an entity."""
    sold_as, sku = undeleted(text(raw, "Name"), raw), text(raw, "Sku")
    code = sku or sold_as
    tag = shortened(name(code), TAG_LENGTH)
    return Item(
        id=str(raw.get("Id") or "new"),
        code=code,
        name="" if sku and sold_as == tag else sold_as.removesuffix(f" ({tag})"),
        description=text(raw, "Description", DESCRIPTION_LENGTH),
        kind=LineKind.LABOUR if raw.get("Type") == SERVICE else LineKind.PART,
        unit_price=_price(raw, "UnitPrice"),
        purchase_price=_price(raw, "PurchaseCost"),
        tax_code=_shown_code(raw, "SalesTaxCodeRef", context),
        purchase_tax_code=_shown_code(raw, "PurchaseTaxCodeRef", context),
        account=_word(raw, "IncomeAccountRef", context),
        purchase_account=_word(raw, "ExpenseAccountRef", context),
        status=RecordStatus.ACTIVE if is_active(raw) else RecordStatus.ARCHIVED,
    )


def item_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(
        EntityType.ITEM,
        str(raw["Id"]),
        raw,
        version=str(raw.get("SyncToken") or ""),
        number=text(raw, "Sku") or undeleted(text(raw, "Name"), raw),
        updated_at=updated(raw),
        status="active" if is_active(raw) else "archived",
    )


def _income(item: Item, context: Context) -> str:
    return accounts.account_id(context.mappings.account(item.account, item.kind), context)


def _expense(item: Item, context: Context) -> str | None:
    """An item that is bought has an expense account, if one is chosen for what is bought."""
    if item.purchase_account is None and item.purchase_price is None:
        return None
    try:
        return accounts.bought_account(item.purchase_account, item.kind, context)
    except Held:
        if item.purchase_account is not None:
            raise
        return None


def _code(local: str | None, context: Context, *, sales: bool) -> str | None:
    return context.mappings.tax(local, None, sales=sales) if local else None


def _price(raw: Raw, field: str) -> Decimal | None:
    """A price of nothing is none: that is what an absent one comes back as."""
    return number(raw, field, 6) or None


def _shown_code(raw: Raw, field: str, context: Context) -> str | None:
    return None if tax.is_us(context) else ref_of(raw, field) or None


def _word(raw: Raw, field: str, context: Context) -> str | None:
    return accounts.account_word(ref_of(raw, field), context) or None
