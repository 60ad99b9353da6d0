"""What sales forms do once they are saved: stock, journal, links, and how they are shown."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from services.sandbox.ledger import Line
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.documents import guard, home_amounts
from services.sandbox.providers.quickbooks_online.errors import Wire, deposited
from services.sandbox.providers.quickbooks_online.items import cost_of
from services.sandbox.providers.quickbooks_online.lines import DISCOUNT, SALES, sold
from services.sandbox.providers.quickbooks_online.links import linked_txns, release
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.posting import balanced, home, repost
from services.sandbox.providers.quickbooks_online.sales import form, linked
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.tax_posting import tax_lines
from services.sandbox.providers.quickbooks_online.voiding import voided

SIGNS = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
NUMBERS = ("TotalAmt", "Balance", "RemainingCredit")
FILTERS = {
    **dict.fromkeys(("Id", "DocNumber", "CustomerRef", "DepartmentRef", "SalesTermRef"), "text"),
    **dict.fromkeys(("TxnDate", "DueDate", "ExpirationDate"), "text"),
    **dict.fromkeys(NUMBERS, "number"),
}


def settle(entity: str, call: Call, before: Row | None, after: Row | None) -> None:
    """Links that no longer fit are cut; then stock and journal follow."""
    books = call.books
    row = after or before
    assert row is not None
    if after is None or after.get("_voided"):
        release(call, entity, row)
        if after is not None:
            zero: Row = {key: ZERO for key in ("Balance", "RemainingCredit") if key in after}
            books.keep(entity, {**books.tables[entity].rows[row["Id"]], **zero})
    elif (over := linked(row) - row["TotalAmt"] + row.get("Deposit", ZERO)) > 0:
        release(call, entity, row, over)
    if entity in SIGNS:
        latest = books.tables[entity].rows[row["Id"]]
        _stock(books, entity, before, after)
        repost(books, entity, latest, None if after is None else posted(books, entity, latest))


def posted(books: Books, entity: str, row: Row) -> list[Line]:
    """Receivable or money against income, discount and tax; stock against its cost."""
    sign = SIGNS[entity]
    deposit = row["TotalAmt"] if "Receipt" in entity else row.get("Deposit", ZERO)
    lines = [Line(books.system["AR"], sign * home(row["TotalAmt"] - deposit, row))]
    if deposit:
        lines.append(Line(row["DepositToAccountRef"]["value"], sign * home(deposit, row)))
    for line in sold(row["Line"]):
        account = line[SALES]["ItemAccountRef"]["value"]
        lines.append(Line(account, -sign * home(line["Amount"], row)))
        item = books.tables["Item"].rows[line[SALES]["ItemRef"]["value"]]
        if cost := sign * home(cost_of(item, line[SALES].get("Qty", ZERO)), {}):
            asset = item["AssetAccountRef"]["value"]
            lines += [Line(item["ExpenseAccountRef"]["value"], cost), Line(asset, -cost)]
    for line in row["Line"]:
        if line["DetailType"] == DISCOUNT:
            account = line[DISCOUNT]["DiscountAccountRef"]["value"]
            lines.append(Line(account, sign * home(line["Amount"], row)))
    lines += tax_lines(books, row, -sign)
    return balanced(lines, books.system["EXCHANGE"])


def _stock(books: Books, entity: str, before: Row | None, after: Row | None) -> None:
    moved: dict[str, Decimal] = {}
    for row, sign in ((before, 1), (after, -1)):
        for line in sold(row["Line"] if row else []):
            id_ = line[SALES]["ItemRef"]["value"]
            moved[id_] = moved.get(id_, ZERO) + sign * SIGNS[entity] * line[SALES].get("Qty", ZERO)
    stock_moved(books, moved.items())


def stock_moved(books: Books, moved: Iterable[tuple[str, Decimal]]) -> None:
    """Quantities on hand; they are no change of the item itself."""
    for id_, quantity in moved:
        item = books.tables["Item"].rows[id_]
        if item["Type"] == "Inventory" and quantity:
            books.keep("Item", {**item, "QtyOnHand": item["QtyOnHand"] + quantity})


def _guard(call: Call, row: Row) -> None:
    guard(call, row)
    if row.get("_deposit"):
        raise deposited()


def _view(books: Books, row: Row, wire: Wire) -> None:
    wire.setdefault("CustomField", [])
    wire["LinkedTxn"] = linked_txns(row)
    if row.get("_deposit"):
        wire["LinkedTxn"].append({"TxnId": row["_deposit"], "TxnType": "Deposit"})
    if row["_voided"]:
        wire["LinkedTxn"] = []
    if not wire["TxnTaxDetail"].get("TaxLine"):
        wire["TxnTaxDetail"].pop("TaxLine", None)
    home_amounts(books, row, wire, "TotalAmt", "Balance")


def _kind(entity: str, *, by_update: bool = False) -> Kind:
    return Kind(
        entity,
        FILTERS,
        partial(form, entity),
        settle=partial(settle, entity),
        guard=_guard,
        void=None if entity == "Estimate" else voided,
        void_by_update=by_update,
        deletable=True,
        view=_view,
    )


KINDS = (
    _kind("Invoice"),
    _kind("CreditMemo"),
    _kind("SalesReceipt", by_update=True),
    _kind("RefundReceipt", by_update=True),
    _kind("Estimate"),
)
