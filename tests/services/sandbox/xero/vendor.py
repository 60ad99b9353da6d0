"""Check an answer against the vendor's OpenAPI files and the tables of `keys`."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.services.sandbox.xero import keys

FOLDER = Path(__file__).parents[3] / "vendor" / "xero"
MS_DATE = re.compile(r"/Date\(-?\d+(\+0000)?\)/$")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)

Json = dict[str, Any]


@cache
def document(name: str) -> Json:
    """One of the vendor's files, parsed."""
    with (FOLDER / name).open() as file:
        parsed: Json = yaml.load(file, yaml.CSafeLoader)
    return json.loads(json.dumps(parsed, default=str))  # type: ignore[no-any-return]


@cache
def validator(name: str, schema: str) -> jsonschema.Draft4Validator:
    """A validator for one schema of a file."""
    registry: Any = Registry().with_resource("urn:spec", DRAFT4.create_resource(document(name)))
    pointer = {"$ref": f"urn:spec#/components/schemas/{schema}"}
    return jsonschema.Draft4Validator(pointer, registry=registry)


def check(method: str, path: str, status: int, body: Any, *, summary: bool = False) -> None:
    """Fail when an accounting answer has a wrong shape, an unknown key or lacks a known one."""
    problems = list(_problems(method, path, status, body, summary))
    assert not problems, f"{method} {path} -> {status}: " + "; ".join(problems[:8])


def check_connections(body: Any) -> None:
    """The same for `GET /connections`."""
    name = "xero-identity.yaml"
    problems = [
        p
        for item in body
        for p in (*_invalid(name, "Connection", item), *_keys(name, "Connection", item, True))
    ]
    assert not problems, "; ".join(problems)


def operation(method: str, path: str) -> Json:
    """The operation of the OpenAPI file that a path below the API root belongs to."""
    parts = path.strip("/").split("/")
    fitting = [
        (sum(piece.startswith("{") for piece in template.split("/")), verbs[method.lower()])
        for template, verbs in document("xero_accounting.yaml")["paths"].items()
        if method.lower() in verbs and _fits(template.strip("/").split("/"), parts)
    ]
    assert fitting, f"{method} {path} is not in the OpenAPI file"
    return min(fitting, key=lambda found: found[0])[1]  # type: ignore[no-any-return]


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        a == b or a.startswith("{") for a, b in zip(template, parts, strict=True)
    )


def _problems(method: str, path: str, status: int, body: Any, summary: bool) -> Iterator[str]:
    spec = "xero_accounting.yaml"
    if status in (401, 403):
        if set(body) != keys.PROBLEM:
            yield f"problem body has the keys {sorted(body)}"
        return
    if status >= 400:
        yield from _invalid(spec, "Error", body)
        yield from _error_keys(path, body)
        return
    schema = _answer_schema(method, path)
    if schema == "Allocation":  # the file's own example of this answer breaks its schema
        yield from _keys(spec, schema, body, False)
        return
    yield from (p for p in _invalid(spec, schema, body) if not _of_refused(p, body))
    yield from (f"the envelope lacks {key}" for key in keys.ENVELOPE - set(body))
    for key, value in body.items():
        if key not in keys.ENVELOPE:
            yield from _member(spec, schema, key, value, not summary)


def _answer_schema(method: str, path: str) -> str:
    answer = operation(method, path)["responses"]["200"]
    if "$ref" in answer:
        answer = document("xero_accounting.yaml")["components"]["responses"][_last(answer["$ref"])]
    return _last(answer["content"]["application/json"]["schema"]["$ref"])


def _invalid(spec: str, schema: str, body: Any) -> Iterator[str]:
    for error in validator(spec, schema).iter_errors(body):
        where = "/".join(str(step) for step in error.absolute_path)
        yield f"{where}: {error.message[:200]}"


def _of_refused(problem: str, body: Json) -> bool:
    """A refused element repeats the values that were refused: their schema does not hold."""
    found = re.match(r"(\w+)/(\d+)[/:]", problem)
    return bool(found) and _refused(body[found[1]][int(found[2])])  # type: ignore[index]


def _refused(element: Any) -> bool:
    if not isinstance(element, dict):
        return False
    return bool(element.get("ValidationErrors")) or element.get("StatusAttributeString") == "ERROR"


def _error_keys(path: str, body: Json) -> Iterator[str]:
    spec = "xero_accounting.yaml"
    elements = body.get("Elements", [])
    unknown = set(body) - set(_properties(spec, "Error"))
    yield from (f"the error has an unknown key {key}" for key in unknown)
    parts = path.strip("/").split("/")
    schemas = {"Allocations": "Allocation", "History": "HistoryRecord"}
    named = schemas.get(parts[-1]) or _singular(parts[0])
    for element in elements:
        yield from _keys(spec, named, element, None, extra=keys.BULK)


def _singular(resource: str) -> str:
    schemas = document("xero_accounting.yaml")["components"]["schemas"]
    member = schemas[resource]["properties"][resource]
    return _last(member["items"]["$ref"])


def _keys(
    spec: str, schema: str, value: Any, required: bool | None, extra: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Unknown keys, missing keys, malformed ids and dates of one object and all below it.

    `required` None: an echo of what was sent, in which nothing need be there.
    """
    if not isinstance(value, dict):
        yield f"{schema} is {type(value).__name__}"
        return
    echo = required is None or _refused(value)
    if required and not echo:
        lacking = keys.REQUIRED_KEYS.get(schema, frozenset()) - set(value)
        yield from (f"{schema} lacks {key}" for key in sorted(lacking))
    known = _properties(spec, schema)
    allowed = known.keys() | _example_keys(spec)[schema] | extra
    allowed |= keys.DOSSIER_KEYS.get(schema, frozenset())
    yield from (f"{schema} has an unknown key {key}" for key in sorted(value.keys() - allowed))
    for key in value.keys() & known.keys():
        yield from _member(spec, schema, key, value[key], None if echo else False)


def _member(spec: str, schema: str, key: str, value: Any, required: bool | None) -> Iterator[str]:
    described = _properties(spec, schema).get(key)
    if described is None:
        yield f"{schema} has an unknown key {key}"
        return
    text = value if isinstance(value, str) else ""
    dated = "x-is-msdate" in described or "x-is-msdate-time" in described
    if text and dated and not MS_DATE.match(text):
        yield f"{schema}.{key} is no /Date(ms+0000)/: {text}"
    if text and described.get("format") == "uuid" and not UUID.match(text):
        yield f"{schema}.{key} is no GUID: {text}"
    if isinstance(value, dict) and "$ref" in described:
        yield from _keys(spec, _last(described["$ref"]), value, key == "pagination")
    if isinstance(value, list) and "$ref" in described.get("items", {}):
        for item in value:
            inner = _last(described["items"]["$ref"])
            extra = keys.BULK if key == schema else frozenset()
            need = required or key in ("LineItems", "ValidationErrors")
            yield from _keys(spec, inner, item, None if required is None else need, extra)


def _properties(spec: str, schema: str) -> Json:
    found: Json = document(spec)["components"]["schemas"][schema].get("properties", {})
    return found


@cache
def _example_keys(spec: str) -> dict[str, set[str]]:
    """Keys that only the examples inside the vendor's file show, by schema."""
    found: dict[str, set[str]] = defaultdict(set)
    for verbs in document(spec)["paths"].values():
        for operated in verbs.values():
            for answer in operated.get("responses", {}).values() if "responses" in operated else ():
                media = answer.get("content", {}).get("application/json", {})
                if "$ref" in media.get("schema", {}) and isinstance(media.get("example"), dict):
                    _collect(spec, _last(media["schema"]["$ref"]), media["example"], found)
    return found


def _collect(spec: str, schema: str, value: Any, found: dict[str, set[str]]) -> None:
    if not isinstance(value, dict):
        return
    known = _properties(spec, schema)
    found[schema] |= value.keys() - known.keys()
    for key in value.keys() & known.keys():
        inner = known[key].get("$ref") or known[key].get("items", {}).get("$ref")
        if inner:
            for item in value[key] if isinstance(value[key], list) else [value[key]]:
                _collect(spec, _last(inner), item, found)


def _last(pointer: str) -> str:
    return pointer.rsplit("/", 1)[-1]
