"""What a person in MYOB can lay hands on: records by resource and id, and how they are written."""

from collections.abc import Callable

from services.sandbox.provider import RefusedError
from services.sandbox.providers.myob import routes
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.documents_page import table_of, view
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import KINDS
from services.sandbox.providers.myob.resource import Resource
from services.sandbox.providers.myob.schema import PATHS

Do = Callable[[Call, Wire], Wire]


def row_of(books: Books, table: str, uid: object) -> Row:
    """A record by UID; raises RefusedError (404)."""
    row = books.tables[table].get(uid)
    if row is None:
        raise RefusedError(f"There is no record {uid} in {PATHS[table]}.", 404)
    return row


def named(call: Call, action: Wire, default: str = "Sale/Invoice") -> tuple[str, Row]:
    """The table and the record an action is about."""
    table = table_of(action.get("resource") or default)
    return table, row_of(call.books, table, action.get("id"))


def resource_of(table: str, layout: str | None = None) -> Resource:
    """How records of a table are written; a document by its layout."""
    path = PATHS[table]
    return routes.RESOURCES[f"{path}/{layout}" if layout else path]


def shown(call: Call, table: str, uid: str) -> Wire:
    """A record as the API shows it."""
    return view(call.books, table, call.books.tables[table].rows[uid])


def bank(books: Books, account: object) -> Wire:
    """A reference to an account by UID, DisplayID or name; the first bank when none is named."""
    for row in books.tables["accounts"]:
        names = {row["UID"], row["DisplayID"], row["Name"]}
        if account in names or (not account and row["Type"] == "Bank"):
            return {"UID": row["UID"]}
    raise RefusedError(f"There is no account {account}.", 404)


def whole(call: Call, table: str, row: Row, changes: Wire) -> Wire:
    """The record with changes as a body for a full replace."""
    spec = KINDS[table].specs[row["_layout"]] if table in KINDS else None
    wire = call.shown.record(table, row, spec or resource_of(table).spec)
    return _merged(wire, changes)


def _merged(wire: Wire, changes: Wire) -> Wire:
    out = dict(wire)
    for key, value in changes.items():
        old = out.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        # A reference is replaced, a group of fields is merged.
        out[key] = _merged(old, value) if both and "UID" not in value else value  # type: ignore[arg-type]
    return out
