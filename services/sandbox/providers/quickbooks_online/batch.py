"""POST /batch: items run in order, each stands alone, none sees what another made."""

from dataclasses import replace
from typing import Any

from services.sandbox.providers.quickbooks_online import select
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    bad_choice,
    required,
    too_long,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.operations import performed
from services.sandbox.providers.quickbooks_online.requestids import LONGEST_BID

OPERATIONS = frozenset({"create", "update", "revert", "delete", "void", "send", "merge"})


def items_of(call: Call, wire: Any, *, with_requestid: bool) -> list[Wire]:
    """The items; raises Invalid for what fails the whole batch (1040)."""
    items = wire.get("BatchItemRequest") if isinstance(wire, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise required("BatchItemRequest")
    limit = call.books.habits.batch_limit
    if len(items) > limit:
        detail = f"Batch size exceeds the limit : {len(items)} of {limit}"
        raise Invalid("1040", "Too many items in the batch", detail)
    for item in items:
        bid = str(item.get("bId", ""))
        if with_requestid and len(bid) > LONGEST_BID:
            raise too_long("bId", LONGEST_BID, len(bid))
    return items


def answer(call: Call, items: list[Wire]) -> Wire:
    """`BatchItemResponse`, one for each item in order, matched by `bId`."""
    call = replace(call, hidden=set())
    return {"BatchItemResponse": [_one(call, item) for item in items]}


def _one(call: Call, item: Wire) -> Wire:
    start = call.books.savepoint()
    name = {"bId": item["bId"]} if "bId" in item else {}
    try:
        return {**name, **_done(call, item)}
    except Invalid as error:
        call.books.rollback(start)
        return {**name, "Fault": error.fault()}


def _done(call: Call, item: Wire) -> Wire:
    if "Query" in item:
        return {"QueryResponse": select.answer(call, str(item["Query"]))}
    kind = next((KINDS[key] for key in item if key in KINDS), None)
    if kind is None or not isinstance(item[kind.name], dict):
        raise unsupported("The batch item has no object that is known")
    operation = item.get("operation")
    if operation not in OPERATIONS:
        raise bad_choice("operation", operation)
    include = frozenset(str(item.get("optionsData") or "").lower().split(","))
    if operation == "void" and kind.void_by_update:
        raise unsupported(f"Operation void is not supported for {kind.name}")
    return performed(replace(call, include=include), kind, str(operation), item[kind.name])
