from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from contracts.compatibility import incompatibilities
from contracts.generate import schemas

Schema = dict[str, Any]
Change = Callable[[Schema], object]
NOW = schemas()


def properties(schema: Schema, model: str) -> Schema:
    found: Schema = (schema["$defs"][model] if model else schema)["properties"]
    return found


def setting(model: str, name: str, **values: Any) -> Change:
    def change(schema: Schema) -> None:
        properties(schema, model)[name].update(values)

    return change


def without(model: str, name: str, *parts: str) -> Change:
    def change(schema: Schema) -> None:
        if not parts:
            del properties(schema, model)[name]
        for part in parts:
            del properties(schema, model)[name][part]

    return change


def required(model: str, name: str) -> Change:
    return lambda schema: (schema["$defs"][model] if model else schema)["required"].append(name)


def optional(model: str, name: str) -> Change:
    return lambda schema: (schema["$defs"][model] if model else schema)["required"].remove(name)


def values(model: str, *enum: str) -> Change:
    def change(schema: Schema) -> None:
        schema["$defs"][model]["enum"] = list(enum)

    return change


def added(model: str, name: str, *, need: bool) -> Change:
    def change(schema: Schema) -> None:
        properties(schema, model)[name] = {"type": "string", "default": ""}
        if need:
            required(model, name)(schema)

    return change


def no_longer_an_entity(schema: Schema) -> None:
    choices = schema["properties"]["entity"]["oneOf"]
    choices.remove({"$ref": "#/$defs/Bill"})


def never_null(schema: Schema) -> None:
    schema["properties"]["origin"]["anyOf"].pop()


STATUSES = ("draft", "approved", "sent", "paid", "void")
LINE_PRICE = r"^-?[0-9]{1,15}(\.[0-9]{1,%d})?$"
STRICTER = {
    "a field removed": (without("Line", "location"), "location: the field was removed"),
    "a field of the envelope removed": (without("", "batch"), "batch: the field was removed"),
    "a new required field": (
        added("Invoice", "colour", need=True),
        "colour: the field is required",
    ),
    "an optional field required": (required("Contact", "email"), "email: the field is required"),
    "an enum narrowed": (values("DocumentStatus", *STATUSES[1:]), "missing draft"),
    "a type changed": (setting("Line", "id", type="integer"), "id: string is no longer allowed"),
    "a pattern tightened": (
        setting("Line", "unit_price", pattern=LINE_PRICE % 2),
        "unit_price: pattern is stricter",
    ),
    "a length tightened": (setting("Contact", "email", maxLength=99), "maxLength is stricter"),
    "a least length": (setting("Contact", "email", minLength=1), "minLength is stricter"),
    "fewer items": (setting("Invoice", "lines", maxItems=100), "maxItems is stricter"),
    "a number bounded": (setting("", "revision", maximum=9), "maximum is stricter"),
    "a format added": (setting("Contact", "email", format="email"), "format is stricter"),
    "an entity dropped": (no_longer_an_entity, "entity: bill is no longer allowed"),
    "null no longer": (never_null, "origin: null is no longer allowed"),
    "another default": (setting("Contact", "customer", default=False), "the default has changed"),
}


@pytest.mark.parametrize("name", STRICTER)
def test_a_change_that_refuses_older_messages_is_caught(name: str) -> None:
    change, told = STRICTER[name]
    new = deepcopy(NOW["entity.put"])
    change(new)
    found = incompatibilities(NOW["entity.put"], new)
    assert any(told in line for line in found), found


LOOSER: dict[str, tuple[Change, str]] = {
    "a field may be missing": (optional("", "connection"), "connection: the field may be missing"),
    "an enum widened": (values("DocumentStatus", *STATUSES, "lost"), "more values are possible"),
    "longer texts": (setting("Contact", "email", maxLength=999), "maxLength is looser"),
    "no pattern": (without("", "ledger_number", "pattern"), "pattern is looser"),
    "more decimals": (setting("Line", "unit_price", pattern=LINE_PRICE % 8), "pattern is looser"),
    "another type": (setting("Line", "id", type=None), "id: anything is new"),
}


@pytest.mark.parametrize("name", LOOSER)
def test_a_change_that_surprises_readers_is_caught_where_we_write(name: str) -> None:
    change, told = LOOSER[name]
    new = deepcopy(NOW["entity.changed"])
    change(new)
    found = incompatibilities(NOW["entity.changed"], new, written=True)
    assert any(told in line for line in found), found
    if name != "another type":
        assert incompatibilities(NOW["entity.changed"], new) == []


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        added("Line", "colour", need=False),
        setting("Line", "id", description="other words", title="Other"),
        lambda schema: None,
    ],
)
def test_a_new_optional_field_and_other_words_are_compatible(change: Change, written: bool) -> None:
    new = deepcopy(NOW["entity.changed"])
    change(new)
    assert incompatibilities(NOW["entity.changed"], new, written=written) == []


def test_a_removed_or_stricter_member_of_a_mapping_is_caught() -> None:
    new = deepcopy(NOW["entity.put"])
    attributes = properties(new, "Contact")["attributes"]
    [pattern] = attributes["patternProperties"]
    attributes["patternProperties"][pattern]["maxLength"] = 10
    attributes["propertyNames"]["maxLength"] = 5
    found = incompatibilities(NOW["entity.put"], new)
    assert "entity.attributes{}: maxLength is stricter, 4000 -> 10" in found
    assert "entity.attributes (name): maxLength is stricter, 255 -> 5" in found
