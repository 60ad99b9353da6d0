"""NDJSON: one canonical event per line, bare data or a CloudEvent in JSON format."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from contracts.messages import BatchClosed, EntityDeleted, EntityPut, Message
from services.ops.importers.refused import Imported, Refused, refused_by_contract


class _Given(NamedTuple):
    made_at: datetime
    tenant: str | None
    default: str


EVENTS: dict[str, type[Message]] = {m.EVENT: m for m in (EntityPut, EntityDeleted, BatchClosed)}


def messages(
    lines: Iterable[bytes], *, made_at: datetime, tenant: str | None, default: str
) -> Iterator[Imported]:
    """The events of `lines`, empty ones skipped.

    A line is the data of an event as it stands on the topic - recognised by its fields - or a
    CloudEvent (`specversion`, `type`, `data`). `tenant` replaces the tenant of every event;
    where an event names none, `default`, `made_at` and revision 1 are filled in.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _message(f"line {number}", line, _Given(made_at, tenant, default))


def _message(where: str, line: bytes, given: _Given) -> Imported:
    try:
        content = json.loads(line)
    except UnicodeDecodeError as error:
        return Refused(where, "", f"not UTF-8 at byte {error.start + 1}: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return Refused(where, "", f"not JSON at column {error.colno}: {error.msg}")
    if not isinstance(content, dict):
        return Refused(where, "", "an event is a JSON object")
    kind, data = _opened(content)
    if kind is None:
        return Refused(where, "type", f"not an event: use one of {', '.join(EVENTS)}")
    try:
        return kind.model_validate_json(json.dumps(_filled(kind, data, given)))
    except ValidationError as error:
        return refused_by_contract(where, error)


def _opened(content: dict[str, Any]) -> tuple[type[Message] | None, Any]:
    if "specversion" in content:
        return EVENTS.get(str(content.get("type"))), content.get("data")
    if "entity" in content:
        return EntityPut, content
    if "batch" in content and "documents" in content:
        return BatchClosed, content
    return (EntityDeleted if {"type", "id"} <= content.keys() else None), content


def _filled(kind: type[Message], data: Any, given: _Given) -> Any:
    if not isinstance(data, dict):
        return data
    filled = {"tenant": given.default, **data}
    if kind is EntityPut:
        filled = _revised(filled, given.made_at)
        if isinstance(filled.get("included"), list):
            filled["included"] = [_revised(one, given.made_at) for one in filled["included"]]
    return {**filled, "tenant": given.tenant} if given.tenant else filled


def _revised(data: Any, made_at: datetime) -> Any:
    named = {"made_at": made_at.isoformat(), "revision": 1}
    return {**named, **data} if isinstance(data, dict) else data
