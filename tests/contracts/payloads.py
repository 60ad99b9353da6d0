"""Arbitrary payloads made from a JSON Schema: what the schema allows, hypothesis finds."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from contracts.values import NO_CONTROL

Schema = Mapping[str, Any]
LETTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r\x85")
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def payloads(schema: Schema) -> st.SearchStrategy[Any]:
    """JSON values that the schema allows."""
    return _Document(schema).of(schema)


class _Document:
    """A schema with its definitions; each becomes one strategy, however often it is used."""

    def __init__(self, schema: Schema) -> None:
        self._definitions = schema.get("$defs", {})
        self._made: dict[str, st.SearchStrategy[Any]] = {}

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        if reference := schema.get("$ref"):
            return self._definition(reference.removeprefix("#/$defs/"))
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return st.one_of(*map(self.of, choices))
        if "const" in schema or "enum" in schema:
            return st.sampled_from(schema.get("enum", [schema.get("const")]))
        return self._typed(schema)

    def _definition(self, name: str) -> st.SearchStrategy[Any]:
        if name not in self._made:
            self._made[name] = self.of(self._definitions[name])
        return self._made[name]

    def _typed(self, schema: Schema) -> st.SearchStrategy[Any]:
        match schema["type"]:
            case "object" if "properties" in schema:
                return self._record(schema)
            case "object":
                return self._mapping(schema)
            case "array":
                return st.lists(self.of(schema["items"]), max_size=2)
            case "string":
                return _text(schema)
            case "integer":
                least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
                return st.integers(least, schema.get("maximum", 2**40))
            case "boolean":
                return st.booleans()
        return st.none()

    def _record(self, schema: Schema) -> st.SearchStrategy[Any]:
        fields = {name: self.of(part) for name, part in schema["properties"].items()}
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {name: part for name, part in fields.items() if name in needed},
            optional={name: part for name, part in fields.items() if name not in needed},
        )

    def _mapping(self, schema: Schema) -> st.SearchStrategy[Any]:
        patterns = schema.get("patternProperties", {})
        values = next(iter(patterns.values()), schema.get("additionalProperties", {}))
        named = schema.get("propertyNames")
        names = self.of({"type": "string", **named}) if named else st.text(LETTERS, max_size=5)
        return st.dictionaries(names, self.of(values), max_size=2)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(lambda date: date.isoformat())
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat())
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    pattern = schema.get("pattern")
    if pattern and pattern != NO_CONTROL["pattern"]:
        texts = st.from_regex(pattern.replace("$", r"\Z"), fullmatch=True)
        return texts.filter(lambda text: shortest <= len(text) <= (longest or len(text)))
    return st.text(LETTERS, min_size=shortest, max_size=min(longest or 12, 12))
