"""How each table is indexed: by name, number, owner, and what is still open."""

from services.sandbox.providers.quickbooks_online.table import KeyOf, Row


def name_key(name: object) -> str:
    """Names are compared without case."""
    return str(name).casefold()


def _of(key: str) -> KeyOf:
    return lambda row: row.get(key)


def _ref(key: str) -> KeyOf:
    return lambda row: (row.get(key) or {}).get("value")


def _named(key: str) -> KeyOf:
    return lambda row: name_key(row[key]) if row.get("Active", True) else None


def _open(owner: str, *amounts: str) -> KeyOf:
    def key_of(row: Row) -> str | None:
        if any(row.get(amount) for amount in amounts):
            return str(row[owner]["value"])
        return None

    return key_of


def _email(row: Row) -> str | None:
    address = (row.get("PrimaryEmailAddr") or {}).get("Address")
    return name_key(address) if address else None


PARENT: dict[str, KeyOf] = {"parent": _ref("ParentRef")}
NAME: dict[str, KeyOf] = {
    "DisplayName": lambda row: name_key(row["DisplayName"]),
    "taken": _named("DisplayName"),
    "PrimaryEmailAddr": _email,
    **PARENT,
}
LISTED: dict[str, KeyOf] = {
    "Name": lambda row: name_key(row["Name"]),
    "taken": _named("Name"),
    **PARENT,
}
CUSTOMER: dict[str, KeyOf] = {"CustomerRef": _ref("CustomerRef")}
VENDOR: dict[str, KeyOf] = {"VendorRef": _ref("VendorRef")}
NUMBER: dict[str, KeyOf] = {"DocNumber": _of("DocNumber")}
SALE: dict[str, KeyOf] = {**CUSTOMER, **NUMBER}
INDEXES: dict[str, dict[str, KeyOf]] = {
    "CompanyInfo": {},
    "Preferences": {},
    "Customer": NAME,
    "Vendor": NAME,
    "Employee": NAME,
    "Account": {**LISTED, "AccountType": _of("AccountType")},
    "Item": {**LISTED, "Sku": _of("Sku")},
    "Class": LISTED,
    "Department": LISTED,
    "Term": LISTED,
    "PaymentMethod": LISTED,
    "TaxCode": LISTED,
    "TaxRate": LISTED,
    "TaxAgency": {"DisplayName": lambda row: name_key(row["DisplayName"])},
    "CompanyCurrency": {"Code": _of("Code")},
    "Attachable": {},
    "Invoice": {**SALE, "open": _open("CustomerRef", "Balance")},
    "CreditMemo": {**SALE, "open": _open("CustomerRef", "RemainingCredit")},
    "SalesReceipt": SALE,
    "RefundReceipt": SALE,
    "Estimate": SALE,
    "Payment": {
        **CUSTOMER,
        "PaymentRefNum": _of("PaymentRefNum"),
        "open": _open("CustomerRef", "UnappliedAmt"),
    },
    "PurchaseOrder": {**VENDOR, **NUMBER},
    "Bill": {**VENDOR, **NUMBER, "open": _open("VendorRef", "Balance")},
    "VendorCredit": {**VENDOR, **NUMBER, "open": _open("VendorRef", "Balance")},
    "BillPayment": {**VENDOR, **NUMBER},
    "Purchase": NUMBER,
    "Deposit": {},
    "JournalEntry": NUMBER,
}
