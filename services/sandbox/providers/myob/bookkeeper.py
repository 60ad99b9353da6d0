"""A person at work in MYOB's own user interface: the API's rules, without its limits."""

from datetime import date, timedelta

from services.sandbox.provider import RefusedError
from services.sandbox.providers.myob import bookwork, company, office
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Call, decoded
from services.sandbox.providers.myob.dates import read_moment
from services.sandbox.providers.myob.desk import Do, named, resource_of, shown, whole
from services.sandbox.providers.myob.documents_page import table_of
from services.sandbox.providers.myob.errors import Refused, Wire
from services.sandbox.providers.myob.kinds import KINDS
from services.sandbox.providers.myob.showing import encoded, without_nulls


def act(books: Books, action: Wire) -> Wire:
    """The record as the API shows it; raises RefusedError."""
    do = str(action.get("do"))
    done = ACTIONS.get(do)
    if done is None:
        known = f"A bookkeeper cannot do {do!r}: {sorted(ACTIONS)}."
        raise RefusedError(_MISSING.get(do, known), 422)
    # Numbers of the control API come as floats: here they are what was written.
    action = decoded(encoded(action))
    start = books.savepoint()
    try:
        record = done(Call(books, "POST", {"generateUris": "false"}, person=True), action)
    except Refused as error:
        books.rollback(start)
        told = (f"{one['Name']}: {one['Message']}." for one in error.errors)
        raise RefusedError(" ".join(told)) from None
    except BaseException:
        books.rollback(start)
        raise
    books.commit()
    return record


def _add(call: Call, action: Wire) -> Wire:
    """A document's layout is said by `resource` or `layout`, or by its first line."""
    table, record = table_of(action.get("resource")), action.get("record") or {}
    layout = _layout(action, record) if table in KINDS else None
    create = resource_of(table, layout).create
    if create is None:
        raise RefusedError("A bookkeeper cannot write that this way.", 422)
    return shown(call, table, create(call, record)["UID"])


def _layout(action: Wire, record: Wire) -> str:
    last = str(action.get("resource")).rpartition("/")[2]
    layouts = KINDS["invoices"].specs
    if last in layouts or action.get("layout") in layouts:
        return last if last in layouts else str(action["layout"])
    lines = record.get("Lines") or [{}]
    return "Item" if any("Item" in line for line in lines) else "Service"


def _edit(call: Call, action: Wire) -> Wire:
    table, row = named(call, action)
    update = resource_of(table, row.get("_layout")).update
    if update is None:
        raise RefusedError("MYOB does not change that; delete it and enter it again.")
    changes = action.get("changes") or {}
    return shown(call, table, update(call, row, whole(call, table, row, changes))["UID"])


def _delete(call: Call, action: Wire) -> Wire:
    table, row = named(call, action)
    delete = resource_of(table, row.get("_layout")).delete
    if delete is None:
        raise RefusedError("That cannot be deleted.", 422)
    record = shown(call, table, row["UID"])
    delete(call, row)
    return record


def _active(*, active: bool) -> Do:
    def change(call: Call, action: Wire) -> Wire:
        resource = action.get("resource") or "Contact/Customer"
        return _edit(call, {**action, "resource": resource, "changes": {"IsActive": active}})

    return change


def _account(changes_of: Do) -> Do:
    def change(call: Call, action: Wire) -> Wire:
        changes = changes_of(call, action)
        uid = office.account(call.books, action.get("id"))
        found = {"resource": "GeneralLedger/Account", "id": uid, "changes": changes}
        return _edit(call, found)

    return change


def _copy(call: Call, action: Wire) -> Wire:
    """The next number and everything else as it was, our marker too."""
    table, row = named(call, action)
    return _again(call, table, row["UID"], 1)


def _reverse(call: Call, action: Wire) -> Wire:
    """A negative copy."""
    table, row = named(call, action)
    return _again(call, table, row["UID"], -1)


def _again(call: Call, table: str, uid: str, sign: int) -> Wire:
    row = call.books.tables[table].rows[uid]
    if table not in KINDS:
        raise RefusedError("Only documents are copied or reversed.", 422)
    wire = without_nulls(whole(call, table, row, {}))
    for name in ("UID", "RowVersion", "Number", "Order"):
        wire.pop(name, None)
    for line in wire["Lines"]:
        line.pop("RowID", None)
        line.pop("RowVersion", None)
        for name in ("Total", "TotalForeign", KINDS[table].quantity, "UnitCount"):
            if line.get(name) is not None:
                line[name] *= sign
    wire["Freight"] = wire["Freight"] * sign
    create = resource_of(table, row["_layout"]).create
    if create is None:
        raise RefusedError("That layout is read-only.", 422)
    return shown(call, table, create(call, wire)["UID"])


def _lock(call: Call, action: Wire) -> Wire:
    """Dates are the last locked day; MYOB's own preference is the day after it."""
    books = call.books
    if "period_lock_date" in action:
        last = _day(action["period_lock_date"])
        system = {**books.preferences["System"]}
        system["LockPeriodPriorTo"] = last + timedelta(days=1) if last else None
        books.preferences = {**books.preferences, "System": system}
    if last := _day(action.get("end_of_year_lock_date")):
        books.year_start = last + timedelta(days=1)
    return company.shown(books)


def _day(value: object) -> date | None:
    return read_moment(str(value)).date() if value else None


def _preferences(call: Call, action: Wire) -> Wire:
    """`changes` to the `System` preferences."""
    changes = action.get("changes") or {}
    if unknown := set(changes) - set(call.books.preferences["System"]):
        raise RefusedError(f"There is no preference {sorted(unknown)}.", 422)
    system = {**call.books.preferences["System"], **changes}
    if isinstance(system["LockPeriodPriorTo"], str):
        system["LockPeriodPriorTo"] = _day(system["LockPeriodPriorTo"])
    call.books.preferences = {**call.books.preferences, "System": system}
    return company.shown(call.books)


ACTIONS: dict[str, Do] = {
    "add": _add,
    "edit": _edit,
    "delete": _delete,
    "archive": _active(active=False),
    "unarchive": _active(active=True),
    "copy": _copy,
    "reverse": _reverse,
    "lock": _lock,
    "preferences": _preferences,
    "rename_account": _account(lambda _, action: office.new_name(action)),
    "archive_account": _account(lambda _, __: {"IsActive": False}),
    **bookwork.ACTIONS,
    **office.ACTIONS,
}
_MISSING = {"void": "MYOB has no void: delete the transaction, or reverse it."}
