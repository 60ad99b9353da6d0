"""Xero's historical default, XML: bodies of old clients read, answers written without `Accept`."""

from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from services.sandbox.providers.xero.errors import Wire, malformed

SINGULAR = {
    "Addresses": "Address",
    "TrackingCategories": "TrackingCategory",
    "Currencies": "Currency",
    "Tracking": "TrackingCategory",
    "Elements": "DataContractBase",
    "Warnings": "Warning",
}
_LISTS = frozenset(
    {"Invoices", "Contacts", "Items", "CreditNotes", "Payments", "BatchPayments", "Accounts"}
    | {"PurchaseOrders", "BankTransactions", "LineItems", "Addresses", "Phones", "Tracking"}
    | {"ContactPersons", "Allocations", "TaxRates", "TaxComponents", "TrackingCategories"}
    | {"Options", "Currencies", "HistoryRecords"}
)


def singular(name: str) -> str:
    """The element inside a list element."""
    return SINGULAR.get(name) or (name.removesuffix("s"))


def read(body: bytes) -> Any:
    """`<Invoices><Invoice>…` or one `<Invoice>`; raises Refused (400) when it is no XML."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise malformed("The request body could not be read as XML") from None
    value = _value(root)
    return {root.tag: value} if root.tag in _LISTS else value


def _value(element: Element) -> Any:
    if element.tag in _LISTS:
        return [_value(child) for child in element]
    if len(element):
        return {child.tag: _value(child) for child in element}
    text = element.text or ""
    return text == "true" if text in {"true", "false"} else text


def write(body: Wire, root: str = "Response") -> bytes:
    """An answer as XML."""
    element = Element(root)
    for key, value in body.items():
        _append(element, key, value)
    return b'<?xml version="1.0" encoding="utf-8"?>' + tostring(element)


def _append(parent: Element, key: str, value: Any) -> None:
    if value is None:
        return
    element = SubElement(parent, key)
    if isinstance(value, dict):
        for name, inner in value.items():
            _append(element, name, inner)
    elif isinstance(value, list):
        for one in value:
            _append(element, singular(key), one)
    else:
        element.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    # XML 1.0 has no place for most control characters.
    return "".join(char for char in text if char >= " " or char in "\t\n\r")
