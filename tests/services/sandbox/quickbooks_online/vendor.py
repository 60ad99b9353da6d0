"""Check JSON against the vendor's XSDs: names of fields, enumerations and lengths."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

FOLDER = Path(__file__).parents[3] / "vendor" / "quickbooks_online"
FILES = ("Finance", "IntuitNamesTypes", "IntuitBaseTypes", "SalesTax", "IntuitRestServiceDef")
XS = "{http://www.w3.org/2001/XMLSchema}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?-0[78]:00$")
DAY = re.compile(r"\d{4}-\d\d-\d\d$")
ENVELOPE = frozenset({"time", "startPosition", "maxResults", "totalCount"})
BEYOND = {
    "CompanyInfo": frozenset({"CompanyStartDate"}),
    "IntuitAnyType": frozenset({"any"}),
    "MemoRef": frozenset({"value"}),
}
"""JSON keys that the XSD has as an open `any`."""


@cache
def _documents() -> tuple[Element, ...]:
    roots = [parse(FOLDER / f"{name}.xsd").getroot() for name in FILES]
    return tuple(root for root in roots if root is not None)


@cache
def _types() -> dict[str, Element]:
    return {
        str(node.get("name")): node
        for root in _documents()
        for node in root.findall(f"{XS}complexType")
    }


@cache
def _enums() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for root in _documents():
        for node in root.findall(f"{XS}simpleType"):
            values = [str(e.get("value")) for e in node.iter(f"{XS}enumeration")]
            if values:
                found[str(node.get("name"))] = frozenset(values)
    return found


@cache
def fields(name: str) -> dict[str, tuple[str, bool]]:
    """Field name -> (type, repeated) of a type and those it extends."""
    node = _types().get(name)
    if node is None:
        return {}
    found: dict[str, tuple[str, bool]] = {}
    extension = node.find(f".//{XS}extension")
    if extension is not None:
        found |= fields(_local(extension.get("base")))
    for element in node.iter(f"{XS}element"):
        ref = _local(element.get("ref"))
        label = element.get("name") or ref
        sort = _local(element.get("type")) or _global(ref)
        found[str(label)] = (sort, element.get("maxOccurs") == "unbounded")
    return found


@cache
def _global(name: str) -> str:
    for root in _documents():
        for node in root.findall(f"{XS}element"):
            if node.get("name") == name:
                return _local(node.get("type"))
    return ""


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def check(body: Any) -> None:
    """Fail when an answer has an unknown field, a wrong word or a wrong shape."""
    problems = list(_body(body))
    assert not problems, "; ".join(problems[:8])


def _body(body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        yield f"the body is {type(body).__name__}"
        return
    if "TaxCodeId" in body:  # the tax service's answer is not wrapped
        return
    if not MOMENT.match(str(body.get("time"))):
        yield f"time is {body.get('time')}"
    for key, value in body.items():
        if key != "time":
            yield from _member(key, value)


def _member(key: str, value: Any) -> Iterator[str]:
    if key == "QueryResponse":
        yield from _response(value)
    elif key == "CDCResponse":
        for response in value[0]["QueryResponse"]:
            yield from _response(response)
    elif key == "BatchItemResponse":
        for item in value:
            yield from _item(item)
    elif key == "AttachableResponse":
        for item in value:
            yield from entity("Attachable", item["Attachable"])
    else:
        yield from entity(key, value)


def _item(item: Any) -> Iterator[str]:
    for key, value in item.items():
        if key == "QueryResponse":
            yield from _response(value)
        elif key not in {"bId", "Fault"}:
            yield from entity(key, value)


def _response(response: Any) -> Iterator[str]:
    for key, value in response.items():
        if key not in ENVELOPE:
            for row in value:
                yield from entity(key, row)


def entity(name: str, row: Any) -> Iterator[str]:
    """What is wrong with one object."""
    if row.get("status") == "Deleted":
        if not {"status", "domain", "Id"} <= set(row):
            yield f"a deleted {name} is {row}"
        return
    for key in ("Id", "SyncToken"):
        if not isinstance(row.get(key), str):
            yield f"{name}.{key} is no text: {row.get(key)!r}"
    for key in ("CreateTime", "LastUpdatedTime"):
        if not MOMENT.match(str(row["MetaData"].get(key))):
            yield f"{name}.MetaData.{key} is {row['MetaData'].get(key)}"
    rest = {k: v for k, v in row.items() if k not in {"domain", "sparse", "MetaData"}}
    yield from _object(name, rest)


def _object(name: str, value: dict[str, Any]) -> Iterator[str]:
    known = fields(name)
    extra = BEYOND.get(name, frozenset())
    for key, inner in value.items():
        if key not in known:
            if key not in extra:
                yield f"{name} has an unknown field {key}"
            continue
        sort, repeated = known[key]
        if repeated != isinstance(inner, list) and sort != "SalesReceipt":
            yield f"{name}.{key} is {'one' if repeated else 'many'}"
        for one in inner if isinstance(inner, list) else [inner]:
            yield from _value(f"{name}.{key}", sort, one)


def _value(path: str, sort: str, value: Any) -> Iterator[str]:
    if sort == "ReferenceType":
        if not isinstance(value, dict) or not isinstance(value.get("value"), str):
            yield f"{path} is no reference: {value!r}"
    elif sort in _enums():
        if value not in _enums()[sort]:
            yield f"{path} is {value!r}, none of {sorted(_enums()[sort])[:6]}"
    elif sort in _types():
        if isinstance(value, dict):
            yield from _object(sort, value)
        elif not isinstance(value, str) or sort != "MemoRef":
            yield f"{path} is no {sort}: {value!r}"
    else:
        yield from _simple(path, sort, value)


def _simple(path: str, sort: str, value: Any) -> Iterator[str]:
    if sort == "boolean" and not isinstance(value, bool):
        yield f"{path} is no boolean: {value!r}"
    if sort == "decimal" and not isinstance(value, (int, Decimal)):
        yield f"{path} is no number: {value!r}"
    if sort == "date" and not DAY.match(str(value)):
        yield f"{path} is no date: {value!r}"
    if sort == "id" and not isinstance(value, str):
        yield f"{path} is no id: {value!r}"
