"""Objects as the API shows them: names beside references, plain numbers, metadata."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Kind
from services.sandbox.providers.quickbooks_online.dates import envelope_time, meta_time
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.money import trimmed
from services.sandbox.providers.quickbooks_online.table import Row

REFERRED = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "ItemRef": "Item",
    "GroupItemRef": "Item",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "SalesTermRef": "Term",
    "TermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
}
CURRENCIES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "GBP": "British Pound Sterling",
    "EUR": "Euro",
    "AUD": "Australian Dollar",
    "NZD": "New Zealand Dollar",
}
_encoder = msgspec.json.Encoder(decimal_format="number")


def encoded(wire: Any) -> bytes:
    """JSON; Decimals become numbers, never floats."""
    return _encoder.encode(wire)


def shown(books: Books, kind: Kind, row: Row) -> Wire:
    """One object, whole; a deleted one is only its id and status."""
    if row.get("_deleted"):
        return gone(row)
    wire: Wire = {
        "domain": "QBO",
        "sparse": False,
        "Id": row["Id"],
        "SyncToken": str(row["_sync"]),
        "MetaData": metadata(row),
    }
    for key, value in row.items():
        if key[0] != "_" and key != "Id":
            wire[key] = plain(books, key, value)
    kind.view(books, row, wire)
    return wire


def gone(row: Row) -> Wire:
    """What CDC shows of a deleted object."""
    updated = {"LastUpdatedTime": meta_time(row["_at"])}
    return {"domain": "QBO", "status": "Deleted", "Id": row["Id"], "MetaData": updated}


def metadata(row: Row) -> Wire:
    """Both moments, to the second."""
    return {"CreateTime": meta_time(row["_made"]), "LastUpdatedTime": meta_time(row["_at"])}


def plain(books: Books, key: str, value: Any) -> Any:
    """A value for the wire, references with the name they have now."""
    if isinstance(value, Decimal):
        return trimmed(value)
    if isinstance(value, dict):
        if "value" in value and key[-3:] == "Ref":
            return named(books, key, value)
        return {k: plain(books, k, v) for k, v in value.items() if k[0] != "_"}
    if isinstance(value, list):
        return [plain(books, key, one) for one in value]
    return value


def named(books: Books, key: str, reference: Wire) -> Wire:
    """A reference with its name, where the vendor gives one."""
    id_ = reference["value"]
    if key == "CurrencyRef":
        return {"value": id_, "name": CURRENCIES.get(id_, id_)}
    entity = "Account" if key.endswith("AccountRef") else REFERRED.get(key)
    row = books.tables[entity].rows.get(id_) if entity else None
    if row is None:
        return dict(reference)
    return {"value": id_, "name": row.get("DisplayName") or row["Name"]}


def framed(now: datetime, body: Wire) -> Wire:
    """The envelope: the body and the server's time."""
    return {**body, "time": envelope_time(now)}
