"""The fields of invoices, bills, orders and quotes, by layout."""

from services.sandbox.providers.myob.card_fields import DOCUMENT_TERMS
from services.sandbox.providers.myob.fields import (
    MODIFIED,
    UID,
    VERSION,
    Field,
    Spec,
    amount,
    choice,
    day,
    flag,
    many,
    needed,
    part,
    price,
    readonly,
    ref,
    text,
)

LAYOUTS = ("Item", "Service", "Professional", "Miscellaneous")
TIME_BILLING = "TimeBilling"

_LINE: Spec = {
    "RowID": Field("whole"),
    "Type": choice("Transaction", "Header", "SubTotal", default="Transaction"),
    "Description": text(),
    "UnitOfMeasure": text(),
    "UnitCount": price(),
}
_MONEY: Spec = {
    "UnitPrice": price(),
    "UnitPriceForeign": price(),
    "DiscountPercent": Field("price", default=0),
    "Total": amount(),
    "TotalForeign": amount(),
}
_CODING: Spec = {
    "Account": ref("accounts"),
    "Job": ref("jobs"),
    "TaxCode": ref("tax_codes"),
    "RowVersion": Field("version"),
}
SALE_ITEM_LINE: Spec = {
    **_LINE,
    "ShipQuantity": price(),
    **_MONEY,
    "CostOfGoodsSold": readonly(amount()),
    "Item": ref("items"),
    "Location": ref("locations"),
    **_CODING,
}
PURCHASE_ITEM_LINE: Spec = {
    **_LINE,
    "BillQuantity": price(),
    "ReceivedQuantity": price(),
    **_MONEY,
    "Item": ref("items"),
    "Location": ref("locations"),
    **_CODING,
}
OTHER_LINE: Spec = {**_LINE, "Date": day(), **_MONEY, **_CODING}

_AMOUNTS: Spec = {
    "Subtotal": readonly(amount()),
    "SubtotalForeign": readonly(amount()),
    "Freight": amount(0),
    "FreightForeign": readonly(amount()),
    "FreightTaxCode": ref("tax_codes"),
    "TotalTax": readonly(amount()),
    "TotalTaxForeign": readonly(amount()),
    "TotalAmount": readonly(amount()),
    "TotalAmountForeign": readonly(amount()),
}
_HEAD: Spec = {**UID, "Number": text(13), "Date": needed(day())}
_STANDING: Spec = {
    "PromisedDate": day(),
    "BalanceDueAmount": readonly(amount()),
    "BalanceDueAmountForeign": readonly(amount()),
    "Status": readonly(text()),
    "ShipToAddress": text(255),
    "Terms": part(DOCUMENT_TERMS),
    "IsTaxInclusive": flag(default=True),
}
_FOOT: Spec = {
    "Category": ref("categories"),
    "Comment": text(),
    "ShippingMethod": text(),
    "JournalMemo": text(255),
    "ForeignCurrency": ref("currencies"),
    "CurrencyExchangeRate": price(),
    **VERSION,
}
DELIVERY = choice("Nothing", "Print", "Email", "PrintAndEmail", default="Print")


def _sale(line: Spec) -> Spec:
    return {
        **_HEAD,
        "CustomerPurchaseOrderNumber": text(255),
        "Customer": needed(ref("customers")),
        **_STANDING,
        "Lines": many(line),
        **_AMOUNTS,
        "Salesperson": ref("employees"),
        "ReferralSource": text(),
        "InvoiceDeliveryStatus": DELIVERY,
        "LastPaymentDate": readonly(day()),
        "CanApplySurcharge": flag(),
        "CanApplyBPay": flag(),
        "OnlinePaymentMethod": choice("All", "None", default="None"),
        "Order": ref("sale_orders"),
        **_FOOT,
    }


def _purchase(line: Spec) -> Spec:
    return {
        **_HEAD,
        "SupplierInvoiceNumber": text(13),
        "Supplier": needed(ref("suppliers")),
        **_STANDING,
        "Lines": many(line),
        **_AMOUNTS,
        "IsReportable": flag(),
        "OrderDeliveryStatus": DELIVERY,
        "LastPaymentDate": readonly(day()),
        "Order": ref("purchase_orders"),
        **_FOOT,
    }


def modified(spec: Spec) -> Spec:
    """With `LastModified`, which some company files show on documents (UNCONFIRMED)."""
    return {**spec, **MODIFIED}


SALES: dict[str, Spec] = {
    layout: modified(_sale(SALE_ITEM_LINE if layout == "Item" else OTHER_LINE))
    for layout in (*LAYOUTS, TIME_BILLING)
}
PURCHASES: dict[str, Spec] = {
    layout: modified(_purchase(PURCHASE_ITEM_LINE if layout == "Item" else OTHER_LINE))
    for layout in LAYOUTS
}
