"""The chart of accounts."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, is_blank
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    business,
    inactive,
    required,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Reader,
    Spec,
    choice,
    id_in,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.lists import NAMED, named
from services.sandbox.providers.quickbooks_online.money import ZERO, trimmed
from services.sandbox.providers.quickbooks_online.naming import full_name, with_parent
from services.sandbox.providers.quickbooks_online.table import Row, own_id

TYPES = {
    "Bank": ("Asset", "Checking"),
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "OtherCurrentAssets"),
    "Fixed Asset": ("Asset", "OtherFixedAssets"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    "Accounts Payable": ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "OtherLongTermLiabilities"),
    "Equity": ("Equity", "RetainedEarnings"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
}
CREDIT = frozenset({"Liability", "Equity", "Revenue"})
MONEY_PLACES = ("Bank", "Other Current Asset", "Credit Card")
SPEC: Spec = {
    "AccountType": choice(*TYPES),
    "AccountSubType": text(100),
    "AcctNum": text(20),
    "Description": text(4000),
    "ParentRef": ref("Account"),
    "SubAccount": truth,
    "TaxCodeRef": ref("TaxCode"),
}


def build(call: Call, wire: Wire, before: Row | None) -> Row:
    """An account; type or sub-type must be given."""
    row = named(call, "Account", 100, SPEC, wire, before)
    if "AccountType" not in row:
        subtypes = {subtype: type_ for type_, (_, subtype) in TYPES.items()}
        if row.get("AccountSubType") not in subtypes:
            raise required("AccountType")
        row["AccountType"] = subtypes[row["AccountSubType"]]
    if before and not row["Active"] and before["Id"] in call.books.system.values():
        raise business("This account is used by QuickBooks and cannot be made inactive.")
    classification, subtype = TYPES[row["AccountType"]]
    row.setdefault("AccountSubType", subtype)
    row |= {"Classification": classification, "CurrencyRef": {"value": call.books.currency}}
    return with_parent(call, "Account", wire, row, own_id(before), "SubAccount")


def account_ref(*types: str) -> Reader:
    """A reference to an account of one of these types; raises Invalid (6430) for another."""

    def reader(call: Call, value: object, path: str) -> Wire | None:
        found: Wire | None = ref("Account")(call, value, path)
        if found is not None and types:
            row = call.books.tables["Account"].rows[found["value"]]
            if row["AccountType"] not in types:
                raise wrong_type(path, types)
        return found

    return reader


def wrong_type(path: str, types: tuple[str, ...]) -> Invalid:
    """6430; the text is UNCONFIRMED."""
    detail = f"Invalid account type : {path} needs an account of type {' or '.join(types)}."
    return Invalid("6430", "Invalid account type", detail, path)


def chosen(call: Call, wire: Wire, key: str, default: str, *types: str) -> str:
    """The id of the account a document names, else the company's own for that purpose."""
    if is_blank(wire.get(key)) or id_in(wire[key]) is None:
        id_ = call.books.system[default]
        if not call.books.tables["Account"].rows[id_].get("Active", True):
            raise inactive(key)
        return id_
    found: Wire = account_ref(*types)(call, wire[key], key)
    return str(found["value"])


def _view(books: Books, row: Row, wire: Wire) -> None:
    wire["FullyQualifiedName"] = full_name(books, "Account", row)[0]
    balance: Decimal = books.ledger.balance(row["Id"])
    if row["Classification"] in CREDIT:
        balance = -balance
    if row["Classification"] in {"Revenue", "Expense"}:
        balance = ZERO  # the API gives balances of the balance sheet's accounts only
    wire["CurrentBalance"] = wire["CurrentBalanceWithSubAccounts"] = trimmed(balance)


FILTERS = NAMED | {
    **dict.fromkeys(("AccountType", "AccountSubType", "Classification", "AcctNum"), "text"),
    "FullyQualifiedName": "computed",
    "CurrentBalance": "computed",
    "SubAccount": "bool",
}
KINDS = (Kind("Account", FILTERS, build, view=_view, listed=True),)
