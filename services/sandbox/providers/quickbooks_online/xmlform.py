"""The XML form of the API: `IntuitResponse` out, single objects and batches in."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import ParseError, fromstring

from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire

NAMESPACE = "http://schema.intuit.com/finance/v3"
ATTRIBUTES = frozenset(
    {"domain", "sparse", "status", "startPosition", "maxResults", "totalCount", "bId", "time"}
    | {"type", "code", "element", "operation", "optionsData"}
)
LISTS = frozenset(
    {"Line", "LinkedTxn", "CustomField", "TaxLine", "AttachableRef", "BatchItemRequest"}
    | {"TaxRateDetails", "ItemGroupLine"}
)
TRUTHS = {"true": True, "false": False}


def write(wire: Wire) -> bytes:
    """An answer as XML."""
    root = Element("IntuitResponse", {"xmlns": NAMESPACE})
    _fill(root, wire)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _fill(parent: Element, wire: Wire) -> None:
    for key, value in wire.items():
        if key in ATTRIBUTES and not isinstance(value, (dict, list)):
            parent.set(key, _text(value))
        elif isinstance(value, list):
            for one in value:
                _child(parent, key, one)
        else:
            _child(parent, key, value)


def _child(parent: Element, key: str, value: Any) -> None:
    child = SubElement(parent, key)
    if isinstance(value, dict) and "value" in value and key[-3:] == "Ref":
        child.text = _text(value["value"])
        for name in ("name", "type"):
            if name in value:
                child.set(name, _text(value[name]))
    elif isinstance(value, dict):
        _fill(child, value)
    else:
        child.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def read(body: bytes) -> tuple[str, Wire]:
    """The root's name and its content; raises Invalid."""
    try:
        root: Element = fromstring(body)
    except (ParseError, ValueError):
        detail = "The XML could not be parsed"
        raise Invalid("2010", "Request has invalid or unsupported property", detail) from None
    return _name(root), dict(_pairs(root))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _pairs(element: Element) -> Iterator[tuple[str, Any]]:
    yield from ((key, TRUTHS.get(text, text)) for key, text in element.attrib.items())
    grouped: dict[str, list[Any]] = {}
    for child in element:
        grouped.setdefault(_name(child), []).append(_value(child))
    for key, values in grouped.items():
        yield key, values if key in LISTS or len(values) > 1 else values[0]


def _value(element: Element) -> Any:
    text = (element.text or "").strip()
    if _name(element)[-3:] == "Ref" and len(element) == 0:
        return {"value": text, **element.attrib}
    if len(element) or element.attrib:
        return dict(_pairs(element))
    return TRUTHS.get(text, text)
