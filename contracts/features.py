"""The feature matrix: what people ask of an accounting sync, numbered as they are asked."""

from enum import IntEnum
from typing import Self


class Feature(IntEnum):
    """A row of the matrix; `title` is what is printed."""

    title: str

    def __new__(cls, number: int, title: str) -> Self:
        row = int.__new__(cls, number)
        row._value_ = number
        row.title = title
        return row

    LIVE_OUT = 1, "live updates out"
    CUSTOMER_WITH_INVOICE = 2, "customer sent with its invoice"
    CUSTOMER_ALONE = 3, "customer sent when only the customer changes"
    CUSTOMERS_BOTH_WAYS = 4, "customers both ways"
    CUSTOMER_LIST = 5, "customer list out and in at setup"
    PRODUCT_LIST = 6, "product list out and in at setup"
    PRODUCTS_OUT = 7, "products out on change"
    SUB_CUSTOMERS = 8, "sub-customers"
    INVOICES_OUT = 9, "invoice out on create and edit"
    INVOICES_IN = 10, "invoice edits in"
    PAYMENTS_OUT = 11, "payments out"
    PAYMENTS_IN = 12, "payments in"
    PAYMENT_OVER_SEVERAL = 13, "one payment over several invoices"
    SPLIT_PAYMENTS = 14, "split payments"
    OVERPAYMENT = 15, "overpayment"
    PAYMENT_MOVED = 16, "payment moved to another invoice"
    REFUNDS_AND_CREDITS = 17, "refunds and credit notes"
    ZERO_INVOICES = 18, "$0 invoices"
    TAX_GROUPS = 19, "tax groups"
    VOID_AND_DELETE = 20, "void and delete"
    PURCHASE_ORDER_OUT = 21, "purchase order out"
    ORDER_TO_BILL = 22, "purchase order to bill"
    CUSTOMER_PURCHASES = 23, "customer purchases"
    LOCATION = 24, "location to class or tracking"
    MERCHANT_SERVICES = 25, "merchant services"
    FOREIGN_CURRENCY = 26, "foreign currency"
    TRIGGERS = 27, "triggers"
    INVOICE_BATCHES = 28, "invoice batches"
