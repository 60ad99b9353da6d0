"""How contacts look: alone, on a page, inside a document, and echoed in an error."""

from decimal import Decimal

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.contact_fields import (
    ADDRESS_TYPES,
    PHONE_TYPES,
    TEXTS,
    every_type,
)
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.money import ZERO, trimmed
from services.sandbox.providers.xero.rendering import kept, updated
from services.sandbox.providers.xero.table import Row

_OPTIONAL = tuple(key for key in TEXTS if key not in {"Name", "TaxNumberType"})
_ECHOED = (
    *("ContactID", "ContactStatus", *TEXTS, "Addresses", "Phones", "ContactPersons"),
    "PaymentTerms",
)
NO_ID = "00000000-0000-0000-0000-000000000000"


def full(books: Books, row: Row) -> Wire:
    """The contact as writes, unpaged lists and documents show it; kept until the row changes."""
    wire: Wire | None = row.get("_wire")
    if wire is None:
        wire = row["_wire"] = _full(books, row)
    return dict(wire)


def _full(books: Books, row: Row) -> Wire:
    groups = [
        {"ContactGroupID": group["ContactGroupID"], "Name": group["Name"], "Status": "ACTIVE"}
        for group in books.contact_groups
        if row["ContactID"] in group["_members"]
    ]
    return {
        **kept(row, "ContactID", "ContactNumber", "AccountNumber", "ContactStatus", "Name"),
        **kept(row, *_OPTIONAL),
        "Addresses": every_type(row["Addresses"], "AddressType", ADDRESS_TYPES),
        "Phones": every_type(row["Phones"], "PhoneType", PHONE_TYPES),
        **updated(row),
        "ContactGroups": groups,
        "IsSupplier": row["IsSupplier"],
        "IsCustomer": row["IsCustomer"],
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        **kept(row, "PaymentTerms"),
        "ContactPersons": row["ContactPersons"],
        "HasValidationErrors": False,
    }


def detailed(books: Books, row: Row) -> Wire:
    """With what only a page or a single read shows: the merge target and the balances."""
    out = full(books, row)
    if merged := row.get("MergedToContactID"):
        out["MergedToContactID"] = merged
    if balances := _balances(books, row):
        out["Balances"] = balances
    out["HasAttachments"] = row["ContactID"] in books.attachments
    return out


def summary(row: Row) -> Wire:
    """`summaryOnly=true`: light fields only."""
    return {
        **kept(row, "ContactID", "ContactNumber", "AccountNumber", "ContactStatus", "Name"),
        **kept(row, "FirstName", "LastName", "EmailAddress", "CompanyNumber", "DefaultCurrency"),
        **updated(row),
        "IsSupplier": row["IsSupplier"],
        "IsCustomer": row["IsCustomer"],
        "HasValidationErrors": False,
    }


def brief(row: Row) -> Wire:
    """Inside a document of a list without lines."""
    return {
        "ContactID": row["ContactID"],
        "Name": row["Name"],
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def echo(wire: Wire) -> Wire:
    """A refused element, known fields only."""
    out = {key: wire[key] for key in _ECHOED if wire.get(key) is not None}
    return {"ContactID": NO_ID, **out}


def _balances(books: Books, row: Row) -> Wire:
    sides = {"ACCREC": [ZERO, ZERO], "ACCPAY": [ZERO, ZERO]}
    today = books.today()
    for invoice in books.invoices.find("contact", row["ContactID"]):
        if invoice["Status"] == "AUTHORISED":
            side = sides[invoice["Type"]]
            side[0] += invoice["AmountDue"]
            if (invoice.get("DueDate") or today) < today:
                side[1] += invoice["AmountDue"]
    if not any(side[0] for side in sides.values()):
        return {}
    return {
        "AccountsReceivable": _side(*sides["ACCREC"]),
        "AccountsPayable": _side(*sides["ACCPAY"]),
    }


def _side(outstanding: Decimal, overdue: Decimal) -> Wire:
    return {"Outstanding": trimmed(outstanding), "Overdue": trimmed(overdue)}
