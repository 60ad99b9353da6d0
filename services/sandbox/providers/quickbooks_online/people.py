"""Customers, vendors and employees: names that are never deleted, only made inactive."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire, business
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    address,
    choice,
    email,
    phone,
    read,
    ref,
    text,
    truth,
    wrapped,
)
from services.sandbox.providers.quickbooks_online.money import ZERO, trimmed
from services.sandbox.providers.quickbooks_online.naming import (
    full_name,
    legal,
    suffixed,
    unique_person,
    with_parent,
)
from services.sandbox.providers.quickbooks_online.table import Row, own_id

PARTS = {"Title": 16, "GivenName": 100, "MiddleName": 100, "FamilyName": 100, "Suffix": 16}
PERSON: Spec = {
    **{key: text(longest) for key, longest in PARTS.items()},
    "DisplayName": text(500),
    "CompanyName": text(100),
    "PrintOnCheckName": text(110),
    "Active": truth,
    "PrimaryPhone": phone,
    "AlternatePhone": phone,
    "Mobile": phone,
    "Fax": phone,
    "PrimaryEmailAddr": email,
    "WebAddr": wrapped("URI", 1000),
    "BillAddr": address,
    "Notes": text(2000),
    "PrimaryTaxIdentifier": text(30),
}
CUSTOMER: Spec = {
    **PERSON,
    "ShipAddr": address,
    "Taxable": truth,
    "Job": truth,
    "ParentRef": ref("Customer"),
    "BillWithParent": truth,
    "ResaleNum": text(16),
    "SalesTermRef": ref("Term"),
    "PaymentMethodRef": ref("PaymentMethod"),
    "DefaultTaxCodeRef": ref("TaxCode"),
    "PreferredDeliveryMethod": choice("Print", "Email", "None"),
}
VENDOR: Spec = {
    **PERSON,
    "AcctNum": text(100),
    "Vendor1099": truth,
    "TermRef": ref("Term"),
    "TaxIdentifier": text(20),
}
EMPLOYEE: Spec = {**PERSON, "EmployeeNumber": text(100)}
TEXTS = ("DisplayName", "GivenName", "MiddleName", "FamilyName", "CompanyName", "Title", "Suffix")
FILTERS = {
    **dict.fromkeys((*TEXTS, "PrintOnCheckName", "Id"), "text"),
    "PrimaryEmailAddr": "Address",
    "PrimaryPhone": "FreeFormNumber",
    "Active": "bool",
}


def _built(call: Call, entity: str, spec: Spec, wire: Wire, before: Row | None) -> Row:
    row = read(call, spec, wire, before)
    row["Active"] = row.get("Active", before["Active"] if before and call.sparse else True)
    parts = [str(row[key]) for key in PARTS if key in row]
    name = legal(row.get("DisplayName") or " ".join(parts))
    if not name:
        detail = (
            "At least one of the following must be provided : "
            "DisplayName, Title, GivenName, MiddleName, FamilyName, Suffix"
        )
        raise Invalid("6080", "Name value is missing", detail)
    name = suffixed(name, active=row["Active"])
    if row["Active"]:
        unique_person(call, entity, name, own_id(before))
    row["DisplayName"] = name
    row.setdefault("PrintOnCheckName", row.get("CompanyName") or name)
    return row


def _currency(call: Call, entity: str, wire: Wire, before: Row | None, row: Row) -> Row:
    """Fixed at the creation; home currency unless multicurrency is on."""
    home = call.books.currency
    sent = (wire.get("CurrencyRef") or {}).get("value") if wire.get("CurrencyRef") else None
    had = before["CurrencyRef"]["value"] if before else None
    wanted = sent or had or home
    if wanted != home and not call.books.multicurrency:
        raise business("Multicurrency is not turned on for this company.")
    if not call.books.tables["CompanyCurrency"].find("Code", wanted) and wanted != home:
        raise business(f"The currency {wanted} is not in the company's list.")
    if had and wanted != had:
        raise business(f"The currency of a {entity.lower()} cannot be changed.")
    return {**row, "CurrencyRef": {"value": wanted}}


def customer(call: Call, wire: Wire, before: Row | None) -> Row:
    """A customer or, below a parent, a sub-customer."""
    row = _built(call, "Customer", CUSTOMER, wire, before)
    row = _currency(call, "Customer", wire, before, row)
    row.setdefault("Taxable", True)
    row.setdefault("PreferredDeliveryMethod", "None")
    row = with_parent(call, "Customer", wire, row, own_id(before), "Job")
    row["BillWithParent"] = bool(row.get("BillWithParent")) and row["Job"]
    if row["Job"]:
        above = call.books.tables["Customer"].rows[row["ParentRef"]["value"]]
        if above["CurrencyRef"] != row["CurrencyRef"]:
            raise business("A sub-customer has the currency of its parent.")
    return row


def vendor(call: Call, wire: Wire, before: Row | None) -> Row:
    """A vendor."""
    row = _built(call, "Vendor", VENDOR, wire, before)
    return {"Vendor1099": False, **_currency(call, "Vendor", wire, before, row)}


def employee(call: Call, wire: Wire, before: Row | None) -> Row:
    """An employee."""
    return _built(call, "Employee", EMPLOYEE, wire, before)


def owed(books: Books, id_: str) -> Decimal:
    """What a customer owes: open invoices less credit not yet used."""
    tables = books.tables
    due = sum((r["Balance"] for r in tables["Invoice"].find("open", id_)), ZERO)
    due -= sum((r["RemainingCredit"] for r in tables["CreditMemo"].find("open", id_)), ZERO)
    return due - sum((r["UnappliedAmt"] for r in tables["Payment"].find("open", id_)), ZERO)


def _with_jobs(books: Books, id_: str) -> Decimal:
    children = books.tables["Customer"].find("parent", id_)
    return owed(books, id_) + sum((_with_jobs(books, c["Id"]) for c in children), ZERO)


def _customer_view(books: Books, row: Row, wire: Wire) -> None:
    wire["FullyQualifiedName"], level = full_name(books, "Customer", row, "DisplayName")
    if row["Job"]:
        wire["Level"] = level
    wire["IsProject"] = False
    wire["Balance"] = trimmed(owed(books, row["Id"]))
    wire["BalanceWithJobs"] = trimmed(_with_jobs(books, row["Id"]))


def _vendor_view(books: Books, row: Row, wire: Wire) -> None:
    tables = books.tables
    due = sum((r["Balance"] for r in tables["Bill"].find("open", row["Id"])), ZERO)
    due -= sum((r["Balance"] for r in tables["VendorCredit"].find("open", row["Id"])), ZERO)
    wire["Balance"] = trimmed(due)


KINDS = (
    Kind(
        "Customer",
        FILTERS | {"Job": "bool", "Balance": "computed", "FullyQualifiedName": "computed"},
        customer,
        view=_customer_view,
        listed=True,
    ),
    Kind("Vendor", FILTERS | {"Balance": "computed"}, vendor, view=_vendor_view, listed=True),
    Kind("Employee", FILTERS, employee, listed=True),
)
