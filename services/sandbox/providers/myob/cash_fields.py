"""The fields of money spent and received, and of the journal."""

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
    readonly,
    ref,
    text,
)

_SPENT: Spec = {
    "RowID": Field("whole"),
    "Account": needed(ref("accounts")),
    "Amount": needed(amount()),
    "TaxCode": needed(ref("tax_codes")),
    "Job": ref("jobs"),
    "Memo": text(255),
    "RowVersion": Field("version"),
}
SPEND_MONEY: Spec = {
    **UID,
    "PayFrom": choice("Account", "ElectronicPayments", default="Account"),
    "Account": needed(ref("accounts")),
    "Contact": ref("suppliers", "customers", "employees"),
    "PayeeAddress": text(255),
    "PaymentNumber": text(13),
    "Date": needed(day()),
    "AmountPaid": readonly(amount()),
    "IsTaxInclusive": flag(default=True),
    "TotalTax": readonly(amount()),
    "Memo": text(255),
    "Lines": needed(many(_SPENT)),
    "Category": ref("categories"),
    **MODIFIED,
    **VERSION,
}
RECEIVE_MONEY: Spec = {
    **UID,
    "DepositTo": choice("Account", "UndepositedFunds", default="Account"),
    "Account": ref("accounts"),
    "Contact": ref("customers", "suppliers", "employees"),
    "ReceiptNumber": text(13),
    "Date": needed(day()),
    "AmountReceived": readonly(amount()),
    "PaymentMethod": text(),
    "IsTaxInclusive": flag(default=True),
    "TotalTax": readonly(amount()),
    "Memo": text(255),
    "Lines": needed(many(_SPENT)),
    "Category": ref("categories"),
    **MODIFIED,
    **VERSION,
}
JOURNAL_LINE: Spec = {
    "Account": ref("accounts"),
    "Amount": amount(),
    "IsCredit": flag(),
    "Job": ref("jobs"),
    "LineDescription": text(),
}
SOURCE: Spec = {
    "UID": Field("guid"),
    "TransactionType": text(),
    "URI": Field("uri"),
}
_JOURNAL: Spec = {
    **UID,
    "DisplayID": text(),
    "JournalType": text(),
    "DateOccurred": day(),
    "DatePosted": Field("moment"),
    "Description": text(),
    "SourceTransaction": Field("object", inner=SOURCE),
    "Lines": many(JOURNAL_LINE),
}
JOURNAL: Spec = {**_JOURNAL, **VERSION}
HISTORY: Spec = {**_JOURNAL, "OperationType": text(), "GroupUID": Field("guid")}
