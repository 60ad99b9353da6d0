"""Create, update, delete and void: ids, SyncTokens and the order in which rules are asked."""

from services.sandbox.providers.quickbooks_online.call import Call, Kind, id_of, is_blank
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_id,
    not_found,
    required,
    stale,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.table import Row


def save(call: Call, kind: Kind, wire: Wire) -> Row:
    """Create without an Id, else a full or sparse update; raises Invalid."""
    if kind.build is None:
        raise unsupported(f"{kind.name} cannot be written")
    call = call.of(wire)
    before = None
    if id_of(wire) is not None or kind.name in {"Preferences", "CompanyInfo"}:
        before = current(call, kind, wire)
        kind.guard(call, before)
    row = kind.build(call, wire, before)
    if before is not None:
        row["Id"] = before["Id"]
    stored = call.books.save(kind.name, row)
    kind.settle(call, before, stored)
    return _now(call, kind, stored)


def delete(call: Call, kind: Kind, wire: Wire) -> Row:
    """Gone for GET and queries; CDC still tells."""
    if not kind.deletable:
        raise unsupported(f"Operation delete is not supported for {kind.name}")
    before = current(call, kind, wire)
    kind.guard(call, before)
    kind.settle(call, before, None)
    latest = _now(call, kind, before)
    return call.books.save(kind.name, {**latest, "_deleted": True}, "Delete")


def void(call: Call, kind: Kind, wire: Wire) -> Row:
    """Amounts to zero, links cut; the document stays."""
    if kind.void is None:
        raise unsupported(f"Operation void is not supported for {kind.name}")
    before = current(call, kind, wire)
    kind.guard(call, before)
    row = kind.void(call, wire, before)
    stored = call.books.save(kind.name, {**row, "Id": before["Id"]}, "Void")
    kind.settle(call, before, stored)
    return _now(call, kind, stored)


def current(call: Call, kind: Kind, wire: Wire) -> Row:
    """The live row a write names, its SyncToken checked; raises Invalid (2020, 610, 5010)."""
    id_ = "1" if kind.name in {"Preferences", "CompanyInfo"} else id_of(wire)
    if id_ is None:
        raise required("Id")
    row = call.get(kind.name, id_)
    if row is None:
        raise not_found()
    token = wire.get("SyncToken")
    if is_blank(token):
        raise required("SyncToken")
    if not str(token).isdigit():
        raise bad_id(token, "SyncToken")
    if call.stale or int(str(token)) != row["_sync"]:
        raise stale()
    return row


def _now(call: Call, kind: Kind, row: Row) -> Row:
    """Settling may have replaced the row."""
    return call.books.tables[kind.name].rows[row["Id"]]
