"""Keys beside the OpenAPI schemas that the dossier quotes, and keys an answer must have."""

ENVELOPE = frozenset({"Id", "Status", "ProviderName", "DateTimeUTC"})  # dossier 4, create answer
"""Dossier section 4: `200 {"Id":"0f0…","Status":"OK","ProviderName":"my app","DateTimeUTC":…`"""

BULK = frozenset(
    {"StatusAttributeString", "HasErrors", "HasValidationErrors", "ValidationErrors", "Warnings"}
)
"""Dossier section 3: "each element … with `StatusAttributeString` `OK|WARNING|ERROR`,
`HasErrors`/`HasValidationErrors`, `ValidationErrors[]`, `Warnings[]`"."""

DATE_TWINS = frozenset({"DateString", "DueDateString"})
"""Dossier section 11: "the twin `DateString` is an ISO date-time without zone"."""

PROBLEM = frozenset({"Type", "Title", "Status", "Detail", "Instance", "Extensions"})
"""Dossier section 2: `{"Type":null,"Title":"Forbidden","Status":403,"Detail":…`"""

TOKEN = frozenset(
    {"id_token", "access_token", "expires_in", "token_type", "refresh_token", "scope"}
)
"""Dossier section 2, token answer; section 13: "must carry only the documented keys"."""

DOSSIER_KEYS: dict[str, frozenset[str]] = {
    # 4: `"InvoicePaymentServices":[]`, `"DateString":"2026-09-01T00:00:00"`, `"DueDateString":…`
    "Invoice": DATE_TWINS | {"InvoicePaymentServices"},
    # 4: `"LineItemID":"820f…","ValidationErrors":[]`
    "LineItem": frozenset({"ValidationErrors"}),
    # 11: "the twin `DateString`"
    "CreditNote": DATE_TWINS,
    "PurchaseOrder": DATE_TWINS,
    "BankTransaction": DATE_TWINS,
    "Overpayment": DATE_TWINS,
    "Prepayment": DATE_TWINS,
    # 4: `200 {"AllocationId":…,"IsDeleted":true}`
    "Allocation": frozenset({"AllocationId"}),
}

_DOCUMENT = frozenset(
    {"Contact", "Date", "DateString", "Status", "LineAmountTypes", "LineItems"}
    | {"SubTotal", "TotalTax", "Total", "UpdatedDateUTC", "CurrencyCode"}
)

LINE = frozenset(
    {"Description", "UnitAmount", "TaxType", "TaxAmount", "LineAmount", "AccountCode"}
    | {"AccountID", "Tracking", "Quantity", "LineItemID", "ValidationErrors"}
)
"""Every key of the line in dossier section 4's create answer."""

CONTACT = frozenset(
    {"ContactID", "ContactStatus", "Name", "Addresses", "Phones", "UpdatedDateUTC"}
    | {"ContactGroups", "IsSupplier", "IsCustomer", "SalesTrackingCategories"}
    | {"PurchasesTrackingCategories", "ContactPersons", "HasValidationErrors"}
)
"""Every key of the contact in dossier section 4's create answer."""

INVOICE = _DOCUMENT | {
    *("Type", "InvoiceID", "InvoiceNumber", "Reference", "Prepayments", "Overpayments"),
    *("AmountDue", "AmountPaid", "SentToContact", "CurrencyRate", "IsDiscounted", "HasErrors"),
    *("InvoicePaymentServices", "DueDateString", "DueDate", "BrandingThemeID"),
}
"""Every key of dossier section 4's create answer but `StatusAttributeString` (bulk only)."""

REQUIRED_KEYS: dict[str, frozenset[str]] = {
    # sections 4 and 6: what an invoice is read for, `AmountDue` above all
    "Invoice": (_DOCUMENT - {"LineItems"})
    | {"Type", "InvoiceID", "AmountDue", "AmountPaid", "HasErrors", "IsDiscounted"},
    # 4, `RemainingCredit` and `Allocations` as in the OpenAPI file's examples
    "CreditNote": (_DOCUMENT - {"LineItems"})
    | {"CreditNoteID", "CreditNoteNumber", "Type", "RemainingCredit", "Allocations"},
    "Contact": frozenset(
        {"ContactID", "ContactStatus", "Name", "Addresses", "Phones", "UpdatedDateUTC"}
        | {"IsSupplier", "IsCustomer", "ContactGroups", "ContactPersons", "HasValidationErrors"}
    ),
    # 5: "`Code` required …", read-only ids as in the OpenAPI file's examples
    "Item": frozenset({"ItemID", "Code", "IsSold", "IsPurchased", "UpdatedDateUTC"}),
    # 6: "Answer repeats the payment with `PaymentID`, `PaymentType` …, `Status` …"
    "Payment": frozenset(
        {"PaymentID", "PaymentType", "Status", "Date", "Amount", "Account", "UpdatedDateUTC"}
    ),
    # 6: "-> `BatchPaymentID`, `Type RECBATCH|PAYBATCH`, `TotalAmount`"
    "BatchPayment": frozenset(
        {"BatchPaymentID", "Type", "TotalAmount", "Payments", "Status", "Date", "Account"}
    ),
    # 6: "`/Overpayments` (`RemainingCredit`, `Status`, `Type`, `Allocations[]`)"
    "Overpayment": frozenset({"OverpaymentID", "RemainingCredit", "Status", "Type", "Allocations"}),
    "Prepayment": frozenset({"PrepaymentID", "RemainingCredit", "Status", "Type", "Allocations"}),
    "PurchaseOrder": _DOCUMENT | {"PurchaseOrderID", "PurchaseOrderNumber"},
    "BankTransaction": _DOCUMENT | {"BankTransactionID", "Type", "BankAccount"},
    # 5: "`AccountID`, `Code`, `Name`, `Type`, `Class`, `TaxType`, `Status`, …" (banks: no Code)
    "Account": frozenset(
        {"AccountID", "Name", "Type", "Class", "TaxType", "Status", "EnablePaymentsToAccount"}
    ),
    # 5: "`Name`, `TaxType`, `EffectiveRate`, `DisplayTaxRate`, `Status`, `CanApplyTo…`, …"
    "TaxRate": frozenset(
        {"Name", "TaxType", "EffectiveRate", "DisplayTaxRate", "Status", "TaxComponents"}
        | {f"CanApplyTo{k}" for k in ("Revenue", "Expenses", "Assets", "Equity", "Liabilities")}
    ),
    "TrackingCategory": frozenset({"TrackingCategoryID", "Name", "Status", "Options"}),
    # 5: "`BaseCurrency`, `CountryCode`, `Timezone`, …, `ShortCode`, `SalesTaxBasis`, …"
    "Organisation": frozenset(
        {"OrganisationID", "Name", "BaseCurrency", "CountryCode", "Timezone", "ShortCode"}
        | {"SalesTaxBasis", "OrganisationStatus", "IsDemoCompany", "Version"}
    ),
    # 2: the answer of GET /connections
    "Connection": frozenset(
        {"id", "authEventId", "tenantId", "tenantType", "tenantName"}
        | {"createdDateUtc", "updatedDateUtc"}
    ),
    # 3: `"pagination":{"page":1,"pageSize":100,"pageCount":3,"itemCount":217}`
    "Pagination": frozenset({"page", "pageSize", "pageCount", "itemCount"}),
    # 4: `{"OnlineInvoices":[{"OnlineInvoiceUrl":"https://in.xero.com/…"}]}`
    "OnlineInvoice": frozenset({"OnlineInvoiceUrl"}),
    "LineItem": frozenset({"LineItemID"}),
    "ValidationError": frozenset({"Message"}),
}
