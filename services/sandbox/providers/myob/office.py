"""A person's work on cards and settings: combine, switch habits, tax codes, who may come in."""

from services.sandbox.provider import RefusedError
from services.sandbox.providers.myob import lists
from services.sandbox.providers.myob.books import Books, Habits, new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.desk import Do, bank, named, row_of, shown
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.list_fields import TAX_TYPES


def account(books: Books, named_: object) -> str:
    """An account's UID by UID, DisplayID or name."""
    return str(bank(books, named_ or "?")["UID"])


def new_name(action: Wire) -> Wire:
    """What an account is to be called."""
    return {"Name": action.get("name") or (action.get("changes") or {}).get("Name")}


def _merge(call: Call, action: Wire) -> Wire:
    """Combine cards: the other takes every transaction, and this card is gone."""
    books = call.books
    table, row = named(call, action, "Contact/Customer")
    into = row_of(books, table, action.get("into"))
    if row is into:
        raise RefusedError("A card cannot be combined with itself.")
    party = "Customer" if table == "customers" else "Supplier"
    for name, other in books.tables.items():
        for one in other.find("refs", row["UID"]):
            changed = dict(one)
            for field in (party, "Contact", "LinkedCustomer", "LinkedSupplier"):
                if one.get(field) == row["UID"]:
                    changed[field] = into["UID"]
            books.save(name, changed)
    books.owe(into["UID"], books.owed(row["UID"]))
    books.owe(row["UID"], -books.owed(row["UID"]))
    books.tables[table].remove(row)
    return shown(call, table, into["UID"])


def _habits(call: Call, action: Wire) -> Wire:
    return set_habits(call.books.habits, action.get("changes") or {})


def set_habits(habits: Habits, changes: Wire) -> Wire:
    """Switch what the vendor's documents leave open; raises RefusedError."""
    for key, value in changes.items():
        if key not in Habits.__dataclass_fields__:
            raise RefusedError(f"There is no habit {key!r}.", 422)
        setattr(habits, key, type(getattr(habits, key))(value))
    return {key: getattr(habits, key) for key in Habits.__dataclass_fields__}


def _consolidated(call: Call, action: Wire) -> Wire:
    """A consolidated tax code of `components` (codes), which the API cannot make."""
    books = call.books
    codes = books.tables["tax_codes"]
    parts = [row for code in action.get("components") or () for row in codes.find("Code", code)]
    if not parts:
        raise RefusedError("A consolidated tax code has components.", 422)
    rate = sum((row["Rate"] for row in parts[1:]), parts[0]["Rate"])
    base = {**parts[0], "Type": TAX_TYPES[0], "Rate": rate, "Code": str(action.get("code"))}
    named_ = {"Description": action.get("name"), "_components": [row["UID"] for row in parts]}
    row = books.save("tax_codes", {**base, **named_, "UID": new_id()})
    return shown(call, "tax_codes", row["UID"])


def _enable_currency(call: Call, action: Wire) -> Wire:
    """A currency `code` more, which the API only shows; `rate`: the file's own for one of it."""
    code = str(action.get("code"))
    wire = {"Code": code, "CurrencyName": code, "CurrencySymbol": "$"}
    row = lists.written(call, "currencies", {**wire, "CurrentRate": action.get("rate", 1)}, None)
    return shown(call, "currencies", call.books.save("currencies", row)["UID"])


def _removed(*, removed: bool) -> Do:
    """The connecting user loses (or gets back) access to the file."""

    def change(call: Call, _: Wire) -> Wire:
        call.books.removed = removed
        return {"removed": removed}

    return change


ACTIONS: dict[str, Do] = {
    "merge": _merge,
    "habits": _habits,
    "consolidate_tax": _consolidated,
    "enable_currency": _enable_currency,
    "remove_user": _removed(removed=True),
    "restore_user": _removed(removed=False),
}
