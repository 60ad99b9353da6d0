"""Cards, items, accounts, tax codes, categories, jobs and locations: written by their rules."""

from collections.abc import Callable

from services.sandbox.providers.myob import card_rules, chart_rules
from services.sandbox.providers.myob.books import new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import Refused, Wire, duplicate, out_of_place, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.money import ZERO
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.resource import Resource
from services.sandbox.providers.myob.schema import SPECS

Check = Callable[[Call, Row, Row | None], Row]


def written(call: Call, table: str, wire: Wire, before: Row | None) -> Row:
    """Read and checked, ready to be saved: a PUT replaces everything."""
    reader = Reader(call.books)
    row = reader.read(wire, SPECS[table])
    reader.done()
    row["UID"] = before["UID"] if before else new_id()
    row = _RULES[table](call, row, before)
    _unique(call, table, row)
    return row


def _unique(call: Call, table: str, row: Row) -> None:
    name = _UNIQUE[table]
    value = row.get(name)
    if value in {None, "", "*None"}:
        return
    others = call.books.tables[table].find(name, str(value))
    if any(other["UID"] != row["UID"] for other in others):
        raise Refused(400, duplicate(name, str(value)))


def resource(table: str) -> Resource:
    """GET, POST, PUT and DELETE of one list."""

    def create(call: Call, wire: Wire) -> Row:
        row = call.books.save(table, written(call, table, wire, None))
        if table == "items" and row["IsInventoried"]:
            stock = {"UID": row["UID"], "Quantity": ZERO, "Value": ZERO}
            call.books.tables["stock"].put(stock)
        return row

    def update(call: Call, before: Row, wire: Wire) -> Row:
        return call.books.save(table, written(call, table, wire, before))

    def delete(call: Call, row: Row) -> None:
        posted = any(line == row["UID"] for line in call.books.system.values())
        if posted or call.books.used(row["UID"]):
            # Expected, its text is UNCONFIRMED: what is used can only be made inactive.
            raise out_of_place("UID", "The record is used and cannot be deleted")
        call.books.tables[table].remove(row)

    return Resource(table, SPECS[table], create, update, delete)


def _item(call: Call, row: Row, _: Row | None) -> Row:
    """A sold item needs an income account and a tax code, a bought one somewhere to cost to."""
    wrong = []
    if row["IsSold"]:
        wrong += [] if row["IncomeAccount"] else [required("IncomeAccount")]
        tax = row["SellingDetails"]["TaxCode"]
        wrong += [] if tax else [required("SellingDetails/TaxCode")]
    if row["IsBought"] and not row["IsInventoried"] and not row["ExpenseAccount"]:
        wrong.append(required("ExpenseAccount"))
    if row["IsInventoried"]:
        needed = ("AssetAccount", *(("CostOfSalesAccount",) if row["IsSold"] else ()))
        wrong += [required(name) for name in needed if not row[name]]
    if wrong:
        raise Refused(400, *wrong)
    for name in ("IncomeAccount", "ExpenseAccount", "AssetAccount", "CostOfSalesAccount"):
        chart_rules.posted_to(call.books, row[name], name)
    return row


def _plain(_: Call, row: Row, __: Row | None) -> Row:
    return row


def _job(call: Call, row: Row, _: Row | None) -> Row:
    """A parent is a header."""
    parent = row["ParentJob"] and call.books.tables["jobs"].rows[row["ParentJob"]]
    if parent and not parent["IsHeader"]:
        raise out_of_place("ParentJob", "The parent job is no header")
    return row


_RULES: dict[str, Check] = {
    "customers": card_rules.customer,
    "suppliers": card_rules.supplier,
    "items": _item,
    "accounts": chart_rules.account,
    "tax_codes": chart_rules.tax_code,
    "categories": _plain,
    "jobs": _job,
    "locations": _plain,
    "currencies": _plain,
}
_UNIQUE = {
    **dict.fromkeys(("customers", "suppliers", "accounts", "categories"), "DisplayID"),
    **dict.fromkeys(("items", "jobs"), "Number"),
    **dict.fromkeys(("tax_codes", "currencies"), "Code"),
    "locations": "Identifier",
}
