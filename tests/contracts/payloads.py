"""Arbitrary payloads made from a JSON Schema: what the schema allows, hypothesis finds."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from contracts.values import CONTROL, NO_CONTROL

Schema = Mapping[str, Any]
LETTERS = st.characters(exclude_categories=["Cs"]).filter(lambda letter: not CONTROL.match(letter))
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def payloads(schema: Schema) -> st.SearchStrategy[Any]:
    """JSON values that the schema allows."""
    return _of(schema, schema)


def _of(schema: Schema, document: Schema) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _of(document["$defs"][schema["$ref"].removeprefix("#/$defs/")], document)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return st.one_of(*(_of(choice, document) for choice in choices))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _mapping(schema, document)
        case "array":
            return st.lists(_of(schema["items"], document), max_size=2)
        case "string":
            return _text(schema)
        case "integer":
            least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
            return st.integers(least, 2**40)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    raise NotImplementedError(schema)


def _mapping(schema: Schema, document: Schema) -> st.SearchStrategy[Any]:
    if "properties" in schema:
        fields = {name: _of(part, document) for name, part in schema["properties"].items()}
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {name: part for name, part in fields.items() if name in needed},
            optional={name: part for name, part in fields.items() if name not in needed},
        )
    members = next(iter(schema.get("patternProperties", {}).values()), None)
    values = _of(members or schema["additionalProperties"], document)
    return st.dictionaries(st.text(LETTERS, max_size=5), values, max_size=2)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(lambda date: date.isoformat())
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat())
    pattern = schema.get("pattern")
    if pattern and pattern != NO_CONTROL["pattern"]:
        return st.from_regex(pattern.replace("$", r"\Z"), fullmatch=True)
    longest = min(schema.get("maxLength", 12), 12)
    return st.text(LETTERS, min_size=schema.get("minLength", 0), max_size=longest)
