"""A person's work on money and cards: pay, refund, apply credits, deposit, convert, merge."""

from decimal import Decimal

from services.sandbox.ledger import Line
from services.sandbox.provider import RefusedError
from services.sandbox.providers.myob import documents, payments, settlements
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.desk import Do, bank, named, row_of, shown, whole
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import KINDS
from services.sandbox.providers.myob.showing import without_nulls


def _pay(call: Call, action: Wire) -> Wire:
    """Of an invoice, a bill, or (as a deposit) an order; a person may pay more than is due."""
    table, row = named(call, action)
    kind = KINDS.get(table)
    side = next((one for one in payments.SIDES.values() if kind in {one.kind, one.order}), None)
    if side is None or kind is None:
        raise RefusedError("Only invoices, bills and orders are paid.", 422)
    foreign = "Foreign" if row["_foreign"] else ""
    line: Wire = {"Type": kind.source}
    line |= {"UID": row["UID"]} if kind.sales else {"Purchase": {"UID": row["UID"]}}
    line[f"AmountApplied{foreign}"] = _money(action.get("amount", row["_balance"]))
    wire: Wire = {
        kind.party: {"UID": row[kind.party]},
        "Date": action.get("date") or call.books.today().isoformat(),
        "Memo": action.get("reference"),
        side.lines: [line],
    }
    if action.get("account") == "UndepositedFunds":
        wire["DepositTo"] = "UndepositedFunds"
    else:
        wire["Account"] = bank(call.books, action.get("account"))
    if foreign:
        wire["ForeignCurrency"] = {"UID": row["ForeignCurrency"]}
    return shown(call, side.table, payments.create(call, side, wire)["UID"])


def _money(value: object) -> Decimal:
    return Decimal(str(value))


def _unpay(call: Call, action: Wire) -> Wire:
    table, row = named(call, action, "Sale/CustomerPayment")
    side = next((one for one in payments.SIDES.values() if one.table == table), None)
    if side is None:
        raise RefusedError("That is no payment.", 422)
    record = shown(call, table, row["UID"])
    payments.delete(call, side, row)
    return record


def _side(table: str) -> settlements.Side:
    for side in (settlements.CREDIT, settlements.DEBIT):
        if side.kind.table == table:
            return side
    raise RefusedError("Only invoices and bills are credits.", 422)


def _apply_credit(call: Call, action: Wire) -> Wire:
    """The credit `id` to the document `to`."""
    table, row = named(call, action)
    side = _side(table)
    target = row_of(call.books, table, action.get("to"))
    most = min(-row["_balance"], target["_balance"])
    line = {"Type": side.kind.source, side.target: {"UID": target["UID"]}}
    name = "AmountAppliedForeign" if row["_foreign"] else "AmountApplied"
    wire: Wire = {
        side.credit: {"UID": row["UID"]},
        side.kind.party: {"UID": row[side.kind.party]},
        "Date": action.get("date") or call.books.today().isoformat(),
        "Lines": [{**line, name: _money(action.get("amount", most))}],
    }
    made = settlements.create_settlement(call, side, wire)
    return shown(call, side.settlements, made["UID"])


def _refund(call: Call, action: Wire) -> Wire:
    table, row = named(call, action)
    side = _side(table)
    wire: Wire = {
        side.refunded: {"UID": row["UID"]},
        side.kind.party: {"UID": row[side.kind.party]},
        "Account": bank(call.books, action.get("account")),
        "Amount": _money(action.get("amount", -row["_balance"])),
        "Date": action.get("date") or call.books.today().isoformat(),
    }
    made = settlements.create_refund(call, side, wire)
    return shown(call, side.refunds, made["UID"])


def _deposit(call: Call, action: Wire) -> Wire:
    """Prepare bank deposit: undeposited funds go to a bank account."""
    books = call.books
    table, row = named(call, action, "Sale/CustomerPayment")
    if row.get("DepositTo") != "UndepositedFunds" or row.get("_deposited"):
        raise RefusedError("The payment is not in undeposited funds.")
    to = bank(books, action.get("account"))["UID"]
    _banked(call, row, to, row["AmountReceived"])
    books.tables[table].put({**row, "_deposited": to})
    return shown(call, table, row["UID"])


def _undo_deposit(call: Call, action: Wire) -> Wire:
    """The money is undeposited again."""
    table, row = named(call, action, "Sale/CustomerPayment")
    if not row.get("_deposited"):
        raise RefusedError("The payment is in no bank deposit.")
    _banked(call, row, row["_deposited"], -row["AmountReceived"])
    call.books.tables[table].put({**row, "_deposited": None})
    return shown(call, table, row["UID"])


def _banked(call: Call, row: Row, to: str, amount: Decimal) -> None:
    lines = [Line(to, amount), Line(row["_bank"], -amount)]
    call.books.ledger.post(call.books.clock.now(), row["UID"], "BankDeposit", lines)


def _convert(call: Call, action: Wire) -> Wire:
    """An order to an invoice or bill."""
    table, row = named(call, action, "Purchase/Order")
    kind = next((one for one in KINDS.values() if one.order_table == table), None)
    if kind is None:
        raise RefusedError("Only orders are converted.", 422)
    wire = without_nulls(whole(call, table, row, {}))
    for name in ("UID", "RowVersion", "Number"):
        wire.pop(name, None)
    for line in wire["Lines"]:
        line.pop("RowID", None)
        line.pop("RowVersion", None)
    wire["Order"] = {"UID": row["UID"]}
    made = documents.create(call, kind, row["_layout"], wire)
    return shown(call, kind.table, made["UID"])


ACTIONS: dict[str, Do] = {
    "pay": _pay,
    "overpay": _pay,
    "unpay": _unpay,
    "apply_credit": _apply_credit,
    "refund": _refund,
    "deposit": _deposit,
    "undo_deposit": _undo_deposit,
    "convert": _convert,
}
