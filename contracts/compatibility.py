"""Whether a changed JSON Schema still fits what was written, and is read, by the former one.

A message that is only read here must not get stricter: what was valid stays valid. One that is
also written here must besides not lose or loosen a field: whoever reads it relies on what it was.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
QUANTIFIER = re.compile(r"\{(\d+),(\d+)\}")


def incompatibilities(old: Schema, new: Schema, *, written: bool = False) -> list[str]:
    """What in `new` breaks those who know `old`, a sentence each; empty where nothing does.

    `written`: messages of this kind are written here too, not only read.
    """
    return list(_Comparison(old, new, written=written).of("", old, new))


@dataclass(slots=True)
class _Comparison:
    """Two whole documents, to look references up in, and which pairs were compared."""

    old: Schema
    new: Schema
    written: bool
    seen: set[tuple[str, str]] = field(default_factory=set)

    def of(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair != ("None", "None"):
            if pair in self.seen:
                return
            self.seen.add(pair)
        before, after = _alternatives(old, self.old), _alternatives(new, self.new)
        yield from self._choices(path, set(before), set(after))
        for key in before.keys() & after.keys():
            yield from self._one(path, before[key], after[key])
        if "default" in old and "default" in new and old["default"] != new["default"]:
            yield f"{_at(path)}: the default has changed, and with it what older messages mean"

    def _choices(self, path: str, before: set[str], after: set[str]) -> Iterator[str]:
        wider = {"integer"} if "number" in after else set()
        for gone in sorted(before - after - wider):
            yield f"{_at(path)}: {gone} is no longer allowed"
        if self.written:
            for added in sorted(after - before):
                yield f"{_at(path)}: {added} is new, readers do not expect it"

    def _one(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._values(path, old, new)
        yield from self._bounds(path, old, new)
        yield from self._texts(path, old, new)
        yield from self._fields(path, old, new)
        items, names = (old.get("items"), new.get("items")), (_names(old), _names(new))
        for suffix, (before, after) in (("[]", items), (" (name)", names)):
            if before or after:
                yield from self.of(path + suffix, before or {}, after or {})

    def _values(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = _enumerated(old), _enumerated(new)
        if after is not None and (before is None or before - after):
            lost = "" if before is None else f" {', '.join(sorted(before - after))}"
            yield f"{_at(path)}: fewer values are allowed, missing{lost or ' all others'}"
        if self.written and before is not None and (after is None or after - before):
            yield f"{_at(path)}: more values are possible than readers expect"

    def _bounds(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        for names, sign in ((UPPER, 1), (LOWER, -1)):
            for name in names:
                before, after = old.get(name), new.get(name)
                if _tighter(before, after, sign):
                    yield f"{_at(path)}: {name} is stricter, {before} -> {after}"
                elif self.written and _tighter(after, before, sign):
                    yield f"{_at(path)}: {name} is looser, {before} -> {after}"

    def _texts(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        for name in ("pattern", "format"):
            before, after = old.get(name), new.get(name)
            if before == after:
                continue
            if after is not None and not _contains(after, before):
                yield f"{_at(path)}: {name} is stricter, {before} -> {after}"
            elif self.written:
                yield f"{_at(path)}: {name} is looser, {before} -> {after}"

    def _fields(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"{_at(_join(path, name))}: the field was removed"
        for name in before.keys() & after.keys():
            yield from self.of(_join(path, name), before[name], after[name])
        yield from self._required(path, set(old.get("required", ())), set(new.get("required", ())))
        yield from self._additional(path, old, new)

    def _required(self, path: str, before: set[str], after: set[str]) -> Iterator[str]:
        for name in sorted(after - before):
            yield f"{_at(_join(path, name))}: the field is required now"
        if self.written:
            for name in sorted(before - after):
                yield f"{_at(_join(path, name))}: the field may be missing now"

    def _additional(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = _members(old), _members(new)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.of(path + "{}", before, after)
        elif before is not False and after is not True and before != after:
            yield f"{_at(path)}: further fields are no longer allowed"
        elif self.written and after is not False and before != after:
            yield f"{_at(path)}: further fields are possible now"


def _alternatives(schema: Schema, document: Schema) -> dict[str, Schema]:
    """The kinds of value a schema allows, by a name that says which correspond."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        return _alternatives(document["$defs"][name], document)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices is None:
        return {_kind(schema): schema}
    found: dict[str, Schema] = {}
    for choice in choices:
        for kind, alternative in _alternatives(choice, document).items():
            found[kind if kind not in found else f"{kind} {len(found)}"] = alternative
    return found


def _kind(schema: Schema) -> str:
    tag = schema.get("properties", {}).get("type", {}).get("const")
    return str(tag or schema.get("type") or "anything")


def _members(schema: Schema) -> Schema | bool:
    """What the fields of a mapping are that are not named: any (True), none, or of a schema."""
    patterns: Schema = schema.get("patternProperties", {})
    members: Schema | bool = schema.get("additionalProperties", True)
    return next(iter(patterns.values()), members)


def _names(schema: Schema) -> Schema:
    names = dict(schema.get("propertyNames", {}))
    for pattern in schema.get("patternProperties", {}):
        names["pattern"] = pattern
    return names


def _enumerated(schema: Schema) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({str(schema["const"])})
    return frozenset(map(str, schema["enum"])) if "enum" in schema else None


def _tighter(before: float | None, after: float | None, sign: int) -> bool:
    return after is not None and (before is None or sign * after < sign * before)


def _contains(wide: str, narrow: str | None) -> bool:
    """Whether two patterns differ in nothing but quantifiers, and the first's are wider."""
    if narrow is None or QUANTIFIER.sub("", wide) != QUANTIFIER.sub("", narrow):
        return False
    pairs = zip(QUANTIFIER.findall(wide), QUANTIFIER.findall(narrow), strict=True)
    return all(int(w[0]) <= int(n[0]) and int(w[1]) >= int(n[1]) for w, n in pairs)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(path: str) -> str:
    return path or "the message"
