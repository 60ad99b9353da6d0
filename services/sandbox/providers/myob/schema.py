"""Every table's fields, the indexes it is found by, and the path its records have."""

from services.sandbox.providers.myob import (
    card_fields,
    cash_fields,
    document_fields,
    list_fields,
    money_fields,
)
from services.sandbox.providers.myob.fields import Row, Spec
from services.sandbox.providers.myob.table import KeysOf

SPECS: dict[str, Spec] = {
    "customers": card_fields.CUSTOMER,
    "suppliers": card_fields.SUPPLIER,
    "employees": card_fields.EMPLOYEE,
    "items": list_fields.ITEM,
    "accounts": list_fields.ACCOUNT,
    "tax_codes": list_fields.TAX_CODE,
    "categories": list_fields.CATEGORY,
    "jobs": list_fields.JOB,
    "locations": list_fields.LOCATION,
    "currencies": list_fields.CURRENCY,
    "invoices": document_fields.SALES["Item"],
    "sale_orders": document_fields.SALES["Item"],
    "quotes": document_fields.SALES["Item"],
    "bills": document_fields.PURCHASES["Item"],
    "purchase_orders": document_fields.PURCHASES["Item"],
    "customer_payments": money_fields.CUSTOMER_PAYMENT,
    "supplier_payments": money_fields.SUPPLIER_PAYMENT,
    "credit_settlements": money_fields.CREDIT_SETTLEMENT,
    "debit_settlements": money_fields.DEBIT_SETTLEMENT,
    "credit_refunds": money_fields.CREDIT_REFUND,
    "debit_refunds": money_fields.DEBIT_REFUND,
    "spent": cash_fields.SPEND_MONEY,
    "received": cash_fields.RECEIVE_MONEY,
    "journal": cash_fields.JOURNAL,
    "history": cash_fields.HISTORY,
    "balances": {},
    "stock": {},
}

PATHS = {
    "customers": "Contact/Customer",
    "suppliers": "Contact/Supplier",
    "employees": "Contact/Employee",
    "items": "Inventory/Item",
    "accounts": "GeneralLedger/Account",
    "tax_codes": "GeneralLedger/TaxCode",
    "categories": "GeneralLedger/Category",
    "jobs": "GeneralLedger/Job",
    "locations": "Inventory/Location",
    "currencies": "GeneralLedger/Currency",
    "invoices": "Sale/Invoice",
    "sale_orders": "Sale/Order",
    "quotes": "Sale/Quote",
    "bills": "Purchase/Bill",
    "purchase_orders": "Purchase/Order",
    "customer_payments": "Sale/CustomerPayment",
    "supplier_payments": "Purchase/SupplierPayment",
    "credit_settlements": "Sale/CreditSettlement",
    "debit_settlements": "Purchase/DebitSettlement",
    "credit_refunds": "Sale/CreditRefund",
    "debit_refunds": "Purchase/DebitRefund",
    "spent": "Banking/SpendMoneyTxn",
    "received": "Banking/ReceiveMoneyTxn",
    "journal": "GeneralLedger/JournalTransaction",
    "history": "Report/JournalTransactionHistory",
}

SUMMARIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("customers", "suppliers", "employees"), ("Name", "DisplayID")),
    **dict.fromkeys(("accounts", "categories"), ("Name", "DisplayID")),
    "items": ("Number", "Name"),
    "jobs": ("Number", "Name"),
    "tax_codes": ("Code",),
    "locations": ("Identifier", "Name"),
    "currencies": ("Code", "CurrencyName"),
    **dict.fromkeys(("invoices", "sale_orders", "quotes", "bills", "purchase_orders"), ("Number",)),
}
"""What a reference shows beside UID and URI."""

DOCUMENTS = frozenset({"invoices", "sale_orders", "quotes", "bills", "purchase_orders"})


def _of(*names: str) -> KeysOf:
    def keys(row: Row) -> tuple[str, ...]:
        return tuple(str(value) for name in names if (value := row.get(name)) is not None)

    return keys


def _refs(row: Row) -> tuple[str, ...]:
    found: tuple[str, ...] = row.get("_refs", ())
    return found


def _indexes(*names: str) -> dict[str, KeysOf]:
    return {"refs": _refs, **{name: _of(name) for name in names}}


_CARD = _indexes("DisplayID", "CompanyName", "LastName")
_DOCUMENT = _indexes("Number", "CustomerPurchaseOrderNumber", "SupplierInvoiceNumber", "Status")
_PAID = {**_indexes("Memo"), "Number": _of("ReceiptNumber", "PaymentNumber", "Number")}
INDEXES: dict[str, dict[str, KeysOf]] = {
    "": _indexes(),
    **dict.fromkeys(("customers", "suppliers", "employees"), _CARD),
    "items": _indexes("Number", "Name"),
    "accounts": _indexes("DisplayID", "Name"),
    "tax_codes": _indexes("Code"),
    "categories": _indexes("DisplayID", "Name"),
    "jobs": _indexes("Number", "Name"),
    "locations": _indexes("Identifier", "Name"),
    "currencies": _indexes("Code"),
    **dict.fromkeys(DOCUMENTS, _DOCUMENT),
    "customer_payments": {**_PAID, "ReceiptNumber": _of("ReceiptNumber")},
    "supplier_payments": {**_PAID, "PaymentNumber": _of("PaymentNumber")},
    **dict.fromkeys(("credit_settlements", "debit_settlements"), _PAID),
    **dict.fromkeys(("credit_refunds", "debit_refunds", "spent", "received"), _PAID),
    "history": {**_indexes(), "GroupUID": _of("GroupUID")},
}


def path_of(table: str, row: Row) -> str:
    """Where a record is found below the company file."""
    layout = f"/{row['_layout']}" if "_layout" in row else ""
    return f"{PATHS[table]}{layout}/{row['UID']}"
