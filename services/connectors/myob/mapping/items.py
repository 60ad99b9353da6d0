"""Items (dossier section 5): no field for a marker, their `Number` is our code."""

from collections.abc import Collection
from decimal import Decimal

from contracts.entities import Item, RecordStatus
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping.lines import PURCHASE
from services.connectors.myob.mapping.refs import (
    account_from_myob,
    account_to_myob,
    reference,
    tax_from_myob,
    tax_uid,
    usual_tax,
)
from services.connectors.myob.mapping.wire import (
    Element,
    Raw,
    cut,
    moment,
    number,
    plain,
    present,
    shortened,
    text,
)

CODE_LENGTH, NAME_LENGTH, DESCRIPTION_LENGTH = 30, 30, 255
TEXTS = frozenset({"name", "description", "code"})


def item_code(code: str) -> str:
    """The code as MYOB takes it: at most 30 characters, still unique."""
    return shortened(code.strip(), CODE_LENGTH)


def item_to_myob(item: Item, context: Context) -> Element:
    """The whole item: it is sold, so that lines can name it, and needs an account and a tax."""
    sold = {
        "IncomeAccount": _account(item.account, item, context),
        "SellingDetails": _selling(item, context),
    }
    return present({**_texts(item), **_state(item), **sold, **_bought(item, context)})


def changed_item(shown: Raw, item: Item, changed: Collection[str], context: Context) -> Element:
    """The item as it is there with what has changed."""
    raw = plain(shown)
    if "code" in changed:
        raw["Number"] = item_code(item.code)
    if TEXTS & set(changed):
        raw |= {name: value for name, value in _texts(item).items() if name != "Number"}
    if "status" in changed:
        raw |= _state(item)
    if {"account", "kind"} & set(changed) and raw.get("IsSold", True):
        raw["IncomeAccount"] = _account(item.account, item, context)
    selling, buying = dict(raw.get("SellingDetails") or {}), dict(raw.get("BuyingDetails") or {})
    if "unit_price" in changed:
        selling["BaseSellingPrice"] = item.unit_price or Decimal(0)
    if "tax_code" in changed:
        selling["TaxCode"] = _tax(item.tax_code, context, sales=True)
    raw["SellingDetails"] = selling
    if {"purchase_price", "purchase_account", "purchase_tax_code"} & set(changed):
        bought = _bought(item, context, stocked=bool(raw.get("IsInventoried")))
        raw |= {**bought, "BuyingDetails": {**buying, **(bought.get("BuyingDetails") or {})}}
    return raw


def item_from_myob(raw: Raw, context: Context) -> Item:
    """The record as an entity."""
    sales, bought = raw.get("SellingDetails") or {}, raw.get("BuyingDetails") or {}
    expense = "CostOfSalesAccount" if raw.get("IsInventoried") else "ExpenseAccount"
    is_bought = bool(raw.get("IsBought"))
    return Item(
        id=str(raw.get("UID") or "new"),
        code=text(raw, "Number") or "?",
        name=text(raw, "Name"),
        description=text(raw, "Description"),
        unit_price=_price(sales, "BaseSellingPrice"),
        purchase_price=_price(bought, "StandardCost") if is_bought else None,
        tax_code=tax_from_myob(sales, "TaxCode", context),
        purchase_tax_code=tax_from_myob(bought, "TaxCode", context) if is_bought else None,
        account=account_from_myob(raw, "IncomeAccount", context),
        purchase_account=account_from_myob(raw, expense, context) if is_bought else None,
        status=RecordStatus.ACTIVE if raw.get("IsActive", True) else RecordStatus.ARCHIVED,
    )


def item_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(
        EntityType.ITEM,
        raw["UID"],
        raw,
        version=str(raw.get("RowVersion") or ""),
        number=str(raw.get("Number") or ""),
        updated_at=moment(raw.get("LastModified")),
    )


def _texts(item: Item) -> Element:
    """A name that is too long stands whole in the description, where that is free."""
    name = " ".join((item.name or item.description or item.code).split())
    said = item.description or (name if len(name) > NAME_LENGTH else "")
    return {
        "Number": item_code(item.code),
        "Name": cut(name, NAME_LENGTH),
        "Description": cut(said, DESCRIPTION_LENGTH),
        "UseDescription": bool(said),
    }


def _state(item: Item) -> Element:
    return {"IsActive": item.status != RecordStatus.ARCHIVED}


def _selling(item: Item, context: Context) -> Element:
    return {
        "BaseSellingPrice": item.unit_price or Decimal(0),
        "IsTaxInclusive": False,
        "TaxCode": _tax(item.tax_code, context, sales=True),
    }


def _bought(item: Item, context: Context, *, stocked: bool = False) -> Element:
    """An item is bought, too, where an account for its cost is named or chosen."""
    cost = _cost(item, context)
    if cost is None:
        return {"IsSold": True}
    buying = {
        "StandardCost": item.purchase_price or Decimal(0),
        "TaxCode": _tax(item.purchase_tax_code, context, sales=False),
    }
    name = "CostOfSalesAccount" if stocked else "ExpenseAccount"
    return {"IsSold": True, "IsBought": True, name: cost, "BuyingDetails": buying}


def _cost(item: Item, context: Context) -> Element | None:
    word = f"{PURCHASE}{item.kind}"
    try:
        return account_to_myob(context.mappings.account(item.purchase_account, word), context)
    except Held:
        if item.purchase_account is not None:
            raise
        return None


def _account(word: str | None, item: Item, context: Context) -> Element:
    return account_to_myob(context.mappings.account(word, item.kind), context)


def _tax(word: str | None, context: Context, *, sales: bool) -> Element:
    """The item's own tax code, else the company's usual one: an item must have one."""
    if word is None:
        return usual_tax(context)
    return reference(tax_uid(context.mappings.tax(word, None, sales=sales), context))


def _price(details: Raw, name: str) -> Decimal | None:
    return None if details.get(name) is None else number(details, name, 6)
