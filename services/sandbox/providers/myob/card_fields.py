"""The fields of cards: customers, suppliers, and the employees sales may name."""

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
    flag,
    many,
    needed,
    part,
    price,
    readonly,
    ref,
    text,
    whole,
)

PAYMENT_IS_DUE = (
    *("CashOnDelivery", "PrePaid", "InAGivenNumberOfDays", "OnADayOfTheMonth"),
    *("NumberOfDaysAfterEOM", "DayOfMonthAfterEOM"),
)
TERMS: Spec = {
    "PaymentIsDue": choice(*PAYMENT_IS_DUE),
    "DiscountDate": whole(),
    "BalanceDueDate": whole(),
    "DiscountForEarlyPayment": price(),
    "MonthlyChargeForLatePayment": price(),
}
DOCUMENT_TERMS: Spec = {
    **TERMS,
    "DiscountExpiryDate": readonly(day()),
    "Discount": readonly(amount()),
    "DiscountForeign": readonly(amount()),
    "DueDate": readonly(day()),
    "FinanceCharge": readonly(amount()),
    "FinanceChargeForeign": readonly(amount()),
}
ADDRESS: Spec = {
    "Location": whole(),
    "Street": text(255),
    "City": text(255),
    "State": text(255),
    "PostCode": text(10),
    "Country": text(255),
    "Phone1": text(21),
    "Phone2": text(21),
    "Phone3": text(21),
    "Fax": text(21),
    "Email": text(255),
    "Website": text(255),
    "ContactName": text(),
    "Salutation": text(),
}


def _balance(books: Any, row: Row) -> Any:
    return books.owed(row["UID"])


CREDIT: Spec = {
    "Limit": amount(0),
    "OnHold": flag(),
}
DETAILS: Spec = {
    "ABN": text(14),
    "ABNBranch": text(11),
    "TaxIdNumber": text(19),
    "TaxCode": needed(ref("tax_codes")),
    "FreightTaxCode": needed(ref("tax_codes")),
    "Terms": part(TERMS),
    "Credit": part(CREDIT),
    "PrintedForm": text(),
    "ShippingMethod": text(),
    "Memo": text(255),
}
SELLING: Spec = {
    **DETAILS,
    "SaleLayout": choice(
        *("NoDefault", "Service", "Item", "Professional", "TimeBilling", "Miscellaneous"),
        default="NoDefault",
    ),
    "InvoiceDelivery": choice("Nothing", "Print", "Email", "PrintAndEmail", default="Print"),
    "ItemPriceLevel": text(),
    "IncomeAccount": ref("accounts"),
    "ReceiptMemo": text(255),
    "SalesPerson": ref("employees"),
    "SaleComment": text(),
    "HourlyBillingRate": price(),
    "UseCustomerTaxCode": flag(),
}
BUYING: Spec = {
    **DETAILS,
    "PurchaseLayout": choice(
        "NoDefault", "Service", "Item", "Professional", "Miscellaneous", default="NoDefault"
    ),
    "PurchaseOrderDelivery": choice("Nothing", "Print", "Email", "PrintAndEmail", default="Print"),
    "ExpenseAccount": ref("accounts"),
    "PaymentMemo": text(255),
    "PurchaseComment": text(),
    "SupplierBillingRate": price(),
    "CostPerHour": price(),
    "UseSupplierTaxCode": flag(),
    "IsReportable": flag(),
}
PAYMENT: Spec = {
    name: text()
    for name in (
        *("Method", "CardNumber", "NameOnCard", "BSBNumber", "BankAccountNumber"),
        *("BankAccountName", "BankAndBranch", "StatementText", "StatementCode"),
        *("StatementParticulars", "StatementReference", "Notes"),
    )
}
CARD: Spec = {
    **UID,
    # Some of the vendor's pages say 50 for a last name.
    "LastName": text(30),
    "FirstName": text(20),
    "CompanyName": text(50),
    "IsIndividual": needed(flag()),
    "DisplayID": Field("text", 15, default="*None"),
    "IsActive": flag(default=True),
    "Notes": text(255),
    "Addresses": many(ADDRESS),
    "Identifiers": Field("any"),
    "CustomList1": Field("any"),
    "CustomList2": Field("any"),
    "CustomList3": Field("any"),
    "CustomField1": Field("any"),
    "CustomField2": Field("any"),
    "CustomField3": Field("any"),
    "CurrentBalance": computed("amount", _balance),
    "PhotoURI": readonly(text()),
    **MODIFIED,
    **VERSION,
}
CUSTOMER: Spec = {
    **CARD,
    "SellingDetails": needed(part(SELLING)),
    "PaymentDetails": part(PAYMENT),
}
SUPPLIER: Spec = {
    **CARD,
    "BuyingDetails": needed(part(BUYING)),
    "PaymentDetails": part(PAYMENT),
}
EMPLOYEE: Spec = {
    key: one for key, one in CARD.items() if key not in {"CurrentBalance", "Identifiers"}
}
