"""The fields of what settles documents: payments, settlements, refunds."""

from typing import Any

from services.sandbox.providers.myob.fields import (
    MODIFIED,
    UID,
    VERSION,
    Field,
    Row,
    Spec,
    amount,
    choice,
    computed,
    day,
    many,
    needed,
    price,
    readonly,
    ref,
    text,
)


def _number_of(table: str) -> Field:
    def look(books: Any, row: Row) -> Any:
        found = books.tables[row.get("_table") or table].get(row["UID"])
        return found["Number"] if found else None

    return computed("text", look)


_CURRENCY: Spec = {
    "ForeignCurrency": ref("currencies"),
    "CurrencyExchangeRate": price(),
}
_APPLIED: Spec = {
    "AmountApplied": amount(),
    "AmountAppliedForeign": amount(),
}
PAID_INVOICE: Spec = {
    "RowID": readonly(Field("whole")),
    "Number": _number_of("invoices"),
    "UID": Field("guid", required=True),
    **_APPLIED,
    "Type": choice("Invoice", "Order", default="Invoice"),
    "URI": readonly(Field("uri")),
}
CUSTOMER_PAYMENT: Spec = {
    **UID,
    "DepositTo": choice("Account", "UndepositedFunds", default="Account"),
    "Account": ref("accounts"),
    "Customer": needed(ref("customers")),
    "ReceiptNumber": text(13),
    "Date": needed(day()),
    "AmountReceived": readonly(amount()),
    "AmountReceivedForeign": readonly(amount()),
    "GainOrLoss": readonly(amount()),
    "PaymentMethod": text(),
    "Memo": text(255),
    "Invoices": needed(many(PAID_INVOICE)),
    "TransactionUID": readonly(Field("guid")),
    **_CURRENCY,
    **MODIFIED,
    **VERSION,
}
PAID_PURCHASE: Spec = {
    "RowID": readonly(Field("whole")),
    "Type": choice("Bill", "Order", default="Bill"),
    "Purchase": needed(ref("bills", "purchase_orders")),
    **_APPLIED,
}
SUPPLIER_PAYMENT: Spec = {
    **UID,
    "PayFrom": choice("Account", "ElectronicPayments", default="Account"),
    "Account": ref("accounts"),
    "Supplier": needed(ref("suppliers")),
    "PaymentNumber": text(13),
    "Date": needed(day()),
    "AmountPaid": readonly(amount()),
    "AmountPaidForeign": readonly(amount()),
    "GainOrLoss": readonly(amount()),
    "Memo": text(255),
    "StatementParticulars": text(),
    "StatementCode": text(),
    "StatementReference": text(),
    "Lines": needed(many(PAID_PURCHASE)),
    **_CURRENCY,
    **MODIFIED,
    **VERSION,
}
_SETTLED: Spec = {
    "Type": choice("Invoice", "Order", "Purged", default="Invoice"),
    "Sale": needed(ref("invoices", "sale_orders")),
    **_APPLIED,
}
CREDIT_SETTLEMENT: Spec = {
    **UID,
    "CreditFromInvoice": needed(ref("invoices")),
    "Customer": needed(ref("customers")),
    "Number": text(13),
    "Date": needed(day()),
    "CreditAmount": readonly(amount()),
    "Memo": text(255),
    "Lines": needed(many(_SETTLED)),
    "Category": ref("categories"),
    **MODIFIED,
    **VERSION,
}
_DEBITED: Spec = {
    "Type": choice("Bill", "Order", "Purged", default="Bill"),
    "Purchase": needed(ref("bills", "purchase_orders")),
    **_APPLIED,
}
DEBIT_SETTLEMENT: Spec = {
    **UID,
    "DebitFromBill": needed(ref("bills")),
    "Supplier": needed(ref("suppliers")),
    "Number": text(13),
    "Date": needed(day()),
    "DebitAmount": readonly(amount()),
    "Memo": text(255),
    "Lines": needed(many(_DEBITED)),
    "Category": ref("categories"),
    **MODIFIED,
    **VERSION,
}
CREDIT_REFUND: Spec = {
    **UID,
    "Number": text(13),
    "Date": needed(day()),
    "Account": needed(ref("accounts")),
    "Customer": needed(ref("customers")),
    "Invoice": needed(ref("invoices")),
    "Amount": needed(amount()),
    "Payee": text(255),
    "Memo": text(255),
    **MODIFIED,
    **VERSION,
}
DEBIT_REFUND: Spec = {
    **UID,
    "Number": text(13),
    "Date": needed(day()),
    "Account": needed(ref("accounts")),
    "Supplier": needed(ref("suppliers")),
    "Bill": needed(ref("bills")),
    "Amount": needed(amount()),
    "Payee": text(255),
    "Memo": text(255),
    **MODIFIED,
    **VERSION,
}
