"""The fields of the lists: items, accounts, tax codes, categories, jobs, locations, currencies."""

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
    needed,
    part,
    price,
    readonly,
    ref,
    text,
)

CLASSIFICATIONS = {
    "Asset": ("Bank", "AccountReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"),
    "Liability": (
        *("CreditCard", "AccountsPayable", "OtherCurrentLiability", "LongTermLiability"),
        "OtherLiability",
    ),
    "Equity": ("Equity",),
    "Income": ("Income",),
    "CostOfSales": ("CostOfSales",),
    "Expense": ("Expense",),
    "OtherIncome": ("OtherIncome",),
    "OtherExpense": ("OtherExpense",),
}
TYPES = tuple(one for kinds in CLASSIFICATIONS.values() for one in kinds)
TAX_TYPES = (
    *("Consolidated", "ImportDuty", "SalesTax", "GST_VAT", "InputTaxed", "QST", "LuxuryCarTax"),
    *("WithholdingsTax", "NoABN_TFN", "ECPurchVAT", "ECSalesVAT"),
)


def _on_hand(books: Any, row: Row) -> Any:
    return books.on_hand(row["UID"])


def _balance(books: Any, row: Row) -> Any:
    return books.account_balance(row)


ACCOUNT: Spec = {
    **UID,
    "Name": needed(text(30)),
    "DisplayID": readonly(text()),
    "Classification": choice(*CLASSIFICATIONS),
    "Type": choice(*TYPES),
    "Number": Field("whole", required=True),
    "Description": text(255),
    "IsActive": flag(default=True),
    "TaxCode": ref("tax_codes"),
    "ParentAccount": ref("accounts"),
    "IsHeader": flag(),
    "Level": readonly(Field("whole")),
    "OpeningBalance": readonly(amount()),
    "CurrentBalance": computed("amount", _balance),
    "BankingDetails": Field("any"),
    "ForeignCurrency": ref("currencies"),
    **MODIFIED,
    **VERSION,
}
TAX_CODE: Spec = {
    **UID,
    "Code": needed(text(3)),
    "Description": text(30),
    "Type": choice(*TAX_TYPES, default="GST_VAT"),
    "Rate": Field("price", default=0),
    "IsRateNegative": flag(),
    "TaxCollectedAccount": ref("accounts"),
    "TaxPaidAccount": ref("accounts"),
    "WithholdingCreditAccount": ref("accounts"),
    "WithholdingPayableAccount": ref("accounts"),
    "ImportDutyPayableAccount": ref("accounts"),
    "LinkedSupplier": ref("suppliers"),
    "LuxuryCarTaxThreshold": price(),
    **MODIFIED,
    **VERSION,
}
UNITS: Spec = {"TaxCode": ref("tax_codes")}
SELLING: Spec = {
    "BaseSellingPrice": price(),
    "SellingUnitOfMeasure": text(),
    "ItemsPerSellingUnit": price(),
    **UNITS,
    "IsTaxInclusive": flag(),
    "CalculateSalesTaxOn": choice(
        "ActualSellingPrice", "BaseSellingPrice", default="ActualSellingPrice"
    ),
    "PriceMatrixURI": readonly(text()),
}
BUYING: Spec = {
    "LastPurchasePrice": readonly(price()),
    "StandardCost": price(),
    "StandardCostTaxInclusive": flag(),
    "BuyingUnitOfMeasure": text(),
    "ItemsPerBuyingUnit": price(),
    **UNITS,
    "RestockingInformation": Field("any"),
}
ITEM: Spec = {
    **UID,
    "Number": needed(text(30)),
    "Name": needed(text(30)),
    "IsActive": flag(default=True),
    "Description": text(255),
    "UseDescription": flag(),
    "CustomList1": Field("any"),
    "CustomList2": Field("any"),
    "CustomList3": Field("any"),
    "CustomField1": Field("any"),
    "CustomField2": Field("any"),
    "CustomField3": Field("any"),
    "QuantityOnHand": computed("price", _on_hand),
    "IsBought": flag(),
    "IsSold": flag(),
    "IsInventoried": flag(),
    "ExpenseAccount": ref("accounts"),
    "CostOfSalesAccount": ref("accounts"),
    "IncomeAccount": ref("accounts"),
    "AssetAccount": ref("accounts"),
    "BuyingDetails": part(BUYING),
    "SellingDetails": part(SELLING),
    "LocationDetails": Field("any", sent=False),
    "DefaultSellLocation": ref("locations"),
    "DefaultReceiveLocation": ref("locations"),
    "PhotoURI": readonly(text()),
    **MODIFIED,
    **VERSION,
}
CATEGORY: Spec = {
    **UID,
    "DisplayID": needed(text(15)),
    "Name": needed(text(30)),
    "Description": text(255),
    "IsActive": flag(default=True),
    **MODIFIED,
    **VERSION,
}
JOB: Spec = {
    **UID,
    "Number": needed(text(15)),
    "IsHeader": flag(),
    "Name": text(30),
    "Description": text(255),
    "ParentJob": ref("jobs"),
    "LinkedCustomer": ref("customers"),
    "PercentComplete": price(),
    "StartDate": day(),
    "FinishDate": day(),
    "Contact": text(25),
    "Manager": text(25),
    "IsActive": flag(default=True),
    "TrackReimbursables": flag(),
    **MODIFIED,
    **VERSION,
}
LOCATION: Spec = {
    **UID,
    "Identifier": needed(text(10)),
    "Name": needed(text(30)),
    "IsActive": flag(default=True),
    "CanSell": flag(default=True),
    "CanReceive": flag(default=True),
    "Street": text(255),
    "City": text(255),
    "State": text(255),
    "PostCode": text(10),
    "Country": text(255),
    "Phone1": text(21),
    "Contact": text(),
    "Notes": text(255),
    **MODIFIED,
    **VERSION,
}
CURRENCY: Spec = {
    **UID,
    "Code": needed(text(3)),
    "CurrencyName": text(),
    "CurrencySymbol": text(),
    "CurrentRate": price(),
    **MODIFIED,
    **VERSION,
}
