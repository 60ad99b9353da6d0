"""Fields of an object as a table of readers: types, lengths, references; full and sparse."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.dates import read_day
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_choice,
    bad_email,
    bad_value,
    business,
    inactive,
    invalid_reference,
    too_long,
)
from services.sandbox.providers.quickbooks_online.money import decimal_of, rounded
from services.sandbox.providers.quickbooks_online.table import Row

Reader = Callable[[Call, Any, str], Any]
Spec = Mapping[str, Reader]
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
ADDRESS = {
    **{f"Line{number}": 500 for number in range(1, 6)},
    "City": 255,
    "Country": 255,
    "CountrySubDivisionCode": 255,
    "PostalCode": 30,
}


def read(call: Call, spec: Spec, wire: Wire, before: Row | None = None, path: str = "") -> Row:
    """The fields of a spec; a sparse update keeps what is not sent, a full one clears it."""
    row: Row = {}
    for key, reader in spec.items():
        if key in wire and not is_blank(wire[key]):
            value = reader(call, wire[key], path + key)
            if value is not None:
                row[key] = value
        elif call.sparse and before and key in before and not _clears(call, wire, key):
            row[key] = before[key]
    return row


def _clears(call: Call, wire: Wire, key: str) -> bool:
    if key not in wire:
        return False
    sent = "null" if wire[key] is None else "empty"
    return call.books.habits.clearing in {"both", sent}


def text(longest: int) -> Reader:
    """Up to so many characters."""

    def reader(_: Call, value: Any, path: str) -> str:
        if isinstance(value, (dict, list)):
            raise bad_value(path, "String", "an object")
        if len(str(value)) > longest:
            raise too_long(path, longest, len(str(value)))
        return str(value)

    return reader


def number(places: int = 2) -> Reader:
    """A number rounded to so many places."""
    return lambda _, value, path: rounded(decimal_of(value, path), places)


def truth(_: Call, value: Any, path: str) -> bool:
    """A boolean as JSON or as text."""
    if str(value).lower() not in {"true", "false"}:
        raise bad_value(path, "Boolean", value)
    return str(value).lower() == "true"


def day(_: Call, value: Any, path: str) -> str:
    """`YYYY-MM-DD`."""
    found = read_day(str(value))
    if found is None:
        raise bad_value(path, "Date", value)
    return found


def choice(*known: str) -> Reader:
    """One of these words."""

    def reader(_: Call, value: Any, path: str) -> str:
        if value not in known:
            raise bad_choice(path, value)
        return str(value)

    return reader


def id_in(value: Any) -> str | None:
    """The id in a reference: `{"value": …}` or the bare id; None for an empty one."""
    if isinstance(value, dict):
        value = value.get("value")
    return None if is_blank(value) else str(value)


def ref(*entities: str, path: str | None = None) -> Reader:
    """A reference to a live, active object of one of these entities."""

    def reader(call: Call, value: Any, at: str) -> Wire | None:
        id_ = id_in(value)
        if id_ is None:
            return None
        found = [row for entity in entities if (row := call.get(entity, id_))]
        if not found:
            raise invalid_reference(path or at)
        if not found[0].get("Active", True):
            raise inactive(at)
        return {"value": id_}

    return reader


def customer_ref(call: Call, value: Any, path: str) -> Wire:
    """`CustomerRef`; an empty one is the vendor's odd -30003."""
    if id_in(value) is None:
        raise business("Unexpected Internal Error. (-30003)")
    found: Wire = ref("Customer")(call, value, path)
    return found


def email(_: Call, value: Any, path: str) -> Wire | None:
    """`{"Address": …}`, several separated by commas, 100 characters in all."""
    address = value.get("Address") if isinstance(value, dict) else value
    if is_blank(address):
        return None
    if len(str(address)) > 100:
        raise too_long(f"{path}.Address", 100, len(str(address)))
    if not all(EMAIL.fullmatch(part.strip()) for part in str(address).split(",")):
        raise bad_email(path, str(address))
    return {"Address": str(address)}


def phone(call: Call, value: Any, path: str) -> Wire | None:
    """`{"FreeFormNumber": …}`, 30 characters."""
    found: Wire | None = wrapped("FreeFormNumber", 30)(call, value, path)
    return found


def wrapped(key: str, longest: int) -> Reader:
    """A text inside an object of one key."""

    def reader(call: Call, value: Any, path: str) -> Wire | None:
        inner = value.get(key) if isinstance(value, dict) else value
        return None if is_blank(inner) else {key: text(longest)(call, inner, f"{path}.{key}")}

    return reader


def address(call: Call, value: Any, path: str) -> Wire | None:
    """A PhysicalAddress; latitude and longitude vanished in 2025."""
    if not isinstance(value, dict):
        raise bad_value(path, "Address", value)
    lines = {
        key: text(longest)(call, value[key], f"{path}.{key}")
        for key, longest in ADDRESS.items()
        if not is_blank(value.get(key))
    }
    if not lines:
        return None
    counters = call.books.counters
    counters["address"] = counters.get("address", 0) + 1
    return {"Id": str(counters["address"]), **lines}


def custom_fields(call: Call, value: Any, path: str) -> list[Wire]:
    """Up to three string fields; their length of 31 is UNCONFIRMED."""
    kept = []
    for sent in value if isinstance(value, list) else [value]:
        if isinstance(sent, dict) and not is_blank(sent.get("StringValue")):
            if str(sent.get("DefinitionId")) not in {"1", "2", "3"}:
                raise invalid_reference(f"{path}.DefinitionId")
            kept.append(
                {
                    "DefinitionId": str(sent["DefinitionId"]),
                    "Name": str(sent.get("Name") or f"Field {sent['DefinitionId']}"),
                    "Type": "StringType",
                    "StringValue": text(31)(call, sent["StringValue"], f"{path}.StringValue"),
                }
            )
    return kept
