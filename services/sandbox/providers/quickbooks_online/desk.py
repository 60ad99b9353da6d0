"""What a person in QuickBooks can lay hands on: objects by entity and id, accounts by name."""

from decimal import Decimal
from typing import Any

from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.indexes import name_key
from services.sandbox.providers.quickbooks_online.kinds import KINDS, kind_named
from services.sandbox.providers.quickbooks_online.rendering import shown
from services.sandbox.providers.quickbooks_online.table import Row


def kind_of(action: Wire, default: str = "Invoice") -> Kind:
    """The entity an action names; raises RefusedError."""
    kind = kind_named(str(action.get("resource") or default))
    if kind is None:
        known = sorted(KINDS)
        raise RefusedError(f"There is no entity {action.get('resource')!r}: {known}.", 422)
    return kind


def row_of(books: Books, action: Wire) -> tuple[Kind, Row]:
    """The object an action names; raises RefusedError (404)."""
    kind = kind_of(action)
    return kind, found(books, kind.name, action.get("id"))


def found(books: Books, entity: str, id_: object) -> Row:
    """A live object; raises RefusedError (404)."""
    row = books.tables[entity].get(id_)
    if row is None:
        raise RefusedError(f"There is no {entity} {id_}.", 404)
    return row


def token(row: Row) -> Wire:
    """What a write must carry of an object that is there."""
    return {"Id": row["Id"], "SyncToken": str(row["_sync"])}


def account(books: Books, named: object) -> Wire:
    """A reference to an account by id or name; raises RefusedError (404)."""
    row = books.tables["Account"].get(named)
    rows = [row] if row else books.tables["Account"].find("Name", name_key(named))
    if not rows:
        raise RefusedError(f"There is no account {named}.", 404)
    return {"value": rows[0]["Id"]}


def decimal(value: Any) -> Decimal:
    """A number of the control API's JSON."""
    return Decimal(str(value))


def show(call: Call, entity: str, id_: str) -> Wire:
    """An object as the API shows it."""
    return shown(call.books, KINDS[entity], call.books.tables[entity].rows[id_])
