"""Small lists: classes, departments, terms, payment methods, currencies; plans that have them."""

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Build, Call, Kind
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_choice,
    duplicate_name,
    no_feature,
    required,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    choice,
    number,
    read,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.naming import (
    full_name,
    legal,
    suffixed,
    unique,
    with_parent,
)
from services.sandbox.providers.quickbooks_online.rendering import CURRENCIES
from services.sandbox.providers.quickbooks_online.table import Row, own_id

PLANS = ("Simple Start", "Essentials", "Plus", "Advanced")
LARGE = frozenset({"Plus", "Advanced"})
TERM: Spec = {
    "Type": choice("STANDARD", "DATE_DRIVEN"),
    **{key: number(0) for key in ("DueDays", "DiscountDays", "DayOfMonthDue", "DueNextMonthDays")},
    "DiscountPercent": number(2),
    "DiscountDayOfMonth": number(0),
}
NAMED = {"Name": "text", "Active": "bool", "Id": "text"}


def in_plan(books: Books, feature: str) -> None:
    """Raises Invalid (5020) when the plan is too small."""
    if books.plan not in LARGE:
        raise no_feature(f"{feature} is not available in QuickBooks Online {books.plan}.")


def named(call: Call, entity: str, longest: int, spec: Spec, wire: Wire, before: Row | None) -> Row:
    """What every list object has: a unique name that is freed when it is made inactive."""
    row = read(call, {"Name": text(longest), "Active": truth, **spec}, wire, before)
    if "Name" not in row:
        raise required("Name")
    row["Active"] = row.get("Active", before["Active"] if before and call.sparse else True)
    row["Name"] = suffixed(legal(row["Name"]), active=row["Active"])
    if row["Active"]:
        unique(call, (entity,), row["Name"], own_id(before))
    return row


def _tree(entity: str, flag: str, feature: str) -> Build:
    def build(call: Call, wire: Wire, before: Row | None) -> Row:
        in_plan(call.books, feature)
        spec: Spec = {"ParentRef": ref(entity), flag: truth}
        row = named(call, entity, 100, spec, wire, before)
        return with_parent(call, entity, wire, row, own_id(before), flag)

    return build


def _term(call: Call, wire: Wire, before: Row | None) -> Row:
    row = named(call, "Term", 31, TERM, wire, before)
    if "DueDays" not in row and "DayOfMonthDue" not in row:
        raise required("DueDays")
    return {"Type": "STANDARD" if "DueDays" in row else "DATE_DRIVEN", **row}


def _method(call: Call, wire: Wire, before: Row | None) -> Row:
    spec: Spec = {"Type": choice("CREDIT_CARD", "NON_CREDIT_CARD")}
    return {"Type": "NON_CREDIT_CARD", **named(call, "PaymentMethod", 31, spec, wire, before)}


def _currency(call: Call, wire: Wire, before: Row | None) -> Row:
    if not call.books.multicurrency:
        raise no_feature("Multicurrency is not turned on for this company.")
    row = read(call, {"Code": text(3), "Active": truth}, wire, before)
    if row.get("Code") not in CURRENCIES:
        raise bad_choice("Code", row.get("Code"))
    if before is None and call.books.tables["CompanyCurrency"].find("Code", row["Code"]):
        raise duplicate_name("currency")
    return {"Active": True, **row, "Name": CURRENCIES[row["Code"]]}


def _path(books: Books, entity: str, row: Row, wire: Wire) -> None:
    wire["FullyQualifiedName"] = full_name(books, entity, row)[0]


KINDS = (
    Kind(
        "Class",
        NAMED | {"FullyQualifiedName": "computed", "SubClass": "bool"},
        _tree("Class", "SubClass", "Class tracking"),
        view=lambda books, row, wire: _path(books, "Class", row, wire),
        listed=True,
    ),
    Kind(
        "Department",
        NAMED | {"FullyQualifiedName": "computed", "SubDepartment": "bool"},
        _tree("Department", "SubDepartment", "Location tracking"),
        view=lambda books, row, wire: _path(books, "Department", row, wire),
        listed=True,
    ),
    Kind("Term", NAMED | {"Type": "text"}, _term, listed=True),
    Kind("PaymentMethod", NAMED | {"Type": "text"}, _method, listed=True),
    Kind("CompanyCurrency", NAMED | {"Code": "text"}, _currency, listed=True),
)
