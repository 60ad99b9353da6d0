"""Tracking categories and their options: at most two active categories, about 100 options each."""

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.bulk import Bulk, run
from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.errors import Invalid, Wire, not_found
from services.sandbox.providers.xero.paging import Listed, listed
from services.sandbox.providers.xero.rendering import kept
from services.sandbox.providers.xero.table import Row

NAME = "TrackingCategories"
OPTIONS = "Options"
MOST = 2
MOST_OPTIONS = 100
LONGEST = 100
LISTED = Listed(NAME, frozenset({"TrackingCategoryID", "Name", "Status"}), paged=False)


def _named(wire: Wire, others: list[Row], itself: str | None = None) -> str:
    name = text(wire, "Name") or ""
    if not name or len(name) > LONGEST:
        raise Invalid(f"Name must have 1 to {LONGEST} characters")  # UNCONFIRMED text
    if any(other["Name"] == name and itself not in other.values() for other in others):
        raise Invalid(f"The name {name} is already in use")  # UNCONFIRMED text
    return name


def create(call: Call, wire: Wire) -> Row:
    """PUT of one category."""
    table = call.books.tracking
    active = [row for row in table if row["Status"] == "ACTIVE"]
    if len(active) >= MOST:
        raise Invalid(f"Only {MOST} tracking categories can be active")  # UNCONFIRMED text
    row = {
        "TrackingCategoryID": new_id(),
        "Name": _named(wire, list(table)),
        "Status": "ACTIVE",
        "Options": [_option(call, one) for one in wire.get("Options") or []],
    }
    return call.books.save(table, row)


def update(call: Call, before: Row, wire: Wire) -> Row:
    """Rename, archive, restore."""
    row = {**before, **kept(wire, "Status")}
    if "Name" in wire:
        row["Name"] = _named(wire, list(call.books.tracking), before["TrackingCategoryID"])
    return call.books.save(call.books.tracking, row)


def _option(_: Call, wire: Wire) -> Row:
    return {"TrackingOptionID": new_id(), "Name": _named(wire, []), "Status": "ACTIVE"}


def view(row: Row) -> Wire:
    """A category with its options."""
    return {**kept(row, "Name", "Status", "TrackingCategoryID"), "Options": row["Options"]}


def _echo(wire: Wire) -> Wire:
    return kept(wire, "TrackingCategoryID", "TrackingOptionID", "Name", "Status")


BULK = Bulk(NAME, create, lambda _, row: view(row), _echo, None, status_key=False)
OPTION_BULK = Bulk(OPTIONS, _option, lambda _, row: dict(row), _echo, None, status_key=False)


def index(call: Call) -> Answer:
    """Archived ones with `includeArchived=true`."""
    archived = call.flag("includearchived")
    rows, _ = listed(
        call, call.books.tracking, LISTED, lambda row: archived or row["Status"] == "ACTIVE"
    )
    return Answer({NAME: [view(row) for row in rows]})


def one(call: Call, id_: str) -> Answer:
    """By id."""
    return Answer({NAME: [view(found(call.books.tracking, id_))]})


def save(call: Call) -> Answer:
    """PUT."""
    return run(call, BULK, call.elements_of(NAME))


def save_one(call: Call, id_: str) -> Answer:
    """POST of one."""
    before = found(call.books.tracking, id_)
    return run(call, BULK, call.elements_of(NAME)[:1], lambda c, wire: update(c, before, wire))


def delete(call: Call, id_: str) -> Answer:
    """It stays with status DELETED."""
    row = {**found(call.books.tracking, id_), "Status": "DELETED"}
    return Answer({NAME: [view(call.books.save(call.books.tracking, row))]})


def add_options(call: Call, id_: str) -> Answer:
    """PUT …/Options."""

    def added(c: Call, wire: Wire) -> Row:
        category = found(c.books.tracking, id_)
        if len(category["Options"]) >= MOST_OPTIONS:
            raise Invalid(f"A category has at most {MOST_OPTIONS} options")  # UNCONFIRMED text
        name = _named(wire, category["Options"])
        option = {"TrackingOptionID": new_id(), "Name": name, "Status": "ACTIVE"}
        c.books.save(c.books.tracking, {**category, "Options": [*category["Options"], option]})
        return option

    found(call.books.tracking, id_)
    return run(call, OPTION_BULK, call.elements_of(OPTIONS), added)


def change_option(call: Call, id_: str, option_id: str) -> Answer:
    """POST …/Options/{id}."""

    def changed(c: Call, wire: Wire) -> Row:
        return _replace(c.books, id_, option_id, kept(wire, "Name", "Status"))

    return run(call, OPTION_BULK, call.elements_of(OPTIONS)[:1], changed)


def delete_option(call: Call, id_: str, option_id: str) -> Answer:
    """DELETE …/Options/{id}."""
    return Answer({OPTIONS: [_replace(call.books, id_, option_id, {"Status": "DELETED"})]})


def _replace(books: Books, id_: str, option_id: str, changes: Wire) -> Row:
    category = found(books.tracking, id_)
    options = [dict(option) for option in category["Options"]]
    for option in options:
        if option["TrackingOptionID"] == option_id.lower():
            option.update(changes)
            books.save(books.tracking, {**category, "Options": options})
            return option
    raise not_found()
