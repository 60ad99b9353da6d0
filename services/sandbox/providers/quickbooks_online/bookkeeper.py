"""A person at work in QuickBooks itself: the API's rules, without its limits."""

from collections.abc import Callable
from typing import Any

from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online import special_work as special
from services.sandbox.providers.quickbooks_online.books import Books, Event
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.desk import (
    account,
    decimal,
    kind_of,
    row_of,
    token,
)
from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.operations import performed
from services.sandbox.providers.quickbooks_online.table import Row

UNCOPIED = frozenset(
    {"Id", "SyncToken", "MetaData", "DocNumber", "LinkedTxn", "TotalAmt", "Balance", "domain"}
    | {"sparse", "EmailStatus", "TxnDate", "DueDate", "DeliveryInfo", "HomeTotalAmt"}
    | {"HomeBalance", "RemainingCredit"}
)


def act(books: Books, action: Wire) -> tuple[Wire, list[Event]]:
    """The record as the API shows it, and what webhooks tell; raises RefusedError."""
    done = ACTIONS.get(str(action.get("do")))
    if done is None:
        raise RefusedError(f"A bookkeeper cannot do {action.get('do')!r}: {sorted(ACTIONS)}.", 422)
    start = books.savepoint()
    try:
        # A person may use a number again after the warning.
        call = Call(books, include=frozenset({"allowduplicatedocnum"}))
        record = done(call, action)
    except Invalid as error:
        books.rollback(start)
        raise RefusedError(f"{error.code}: {error.detail}") from None
    except RefusedError:
        books.rollback(start)
        raise
    return record, books.commit()


def _add(call: Call, action: Wire) -> Wire:
    kind = kind_of(action)
    return _inner(performed(call, kind, "create", numbers(action.get("record") or {})))


def _edit(call: Call, action: Wire) -> Wire:
    kind, row = row_of(call.books, action)
    wire = {**numbers(action.get("changes") or {}), **token(row), "sparse": True}
    return _inner(performed(call, kind, "update", wire))


def _do(operation: str) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        kind, row = row_of(call.books, action)
        if operation == "void" and kind.void_by_update:
            call.include = frozenset({"void"})
            return _inner(performed(call, kind, "update", token(row)))
        return _inner(performed(call, kind, operation, token(row)))

    return change


def _active(*, active: bool) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        kind, row = row_of(call.books, {"resource": "Customer", **action})
        wire = {**token(row), "sparse": True, "Active": active}
        return _inner(performed(call, kind, "update", wire))

    return change


def _pay(call: Call, action: Wire) -> Wire:
    """A payment (or bill payment) of a document; more than its balance is left unapplied."""
    kind, row = row_of(call.books, action)
    amount = numbers(action.get("amount", row["Balance"]))
    line = {
        "Amount": min(decimal(amount), row["Balance"]),
        "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind.name}],
    }
    wire: Wire = {
        "TotalAmt": amount,
        "TxnDate": action.get("date"),
        "CurrencyRef": row["CurrencyRef"],
        "Line": [line],
    }
    if kind.name == "Bill":
        bank = {"BankAccountRef": account(call.books, action.get("account") or "Checking")}
        wire |= {"VendorRef": row["VendorRef"], "PayType": "Check", "CheckPayment": bank}
        return _inner(performed(call, KINDS["BillPayment"], "create", wire))
    wire |= {"CustomerRef": row["CustomerRef"], "PaymentRefNum": action.get("reference")}
    if action.get("account"):
        wire["DepositToAccountRef"] = account(call.books, action["account"])
    return _inner(performed(call, KINDS["Payment"], "create", wire))


def _unpay(call: Call, action: Wire) -> Wire:
    kind, row = row_of(call.books, {"resource": "Payment", **action})
    return _inner(performed(call, kind, "delete", token(row)))


def _copy(call: Call, action: Wire) -> Wire:
    """The same document with the next number, its note and our marker too."""
    kind, row = row_of(call.books, action)
    wire = {k: v for k, v in row.items() if k[0] != "_" and k not in UNCOPIED}
    wire["Line"] = [_line(line) for line in row["Line"]]
    return _inner(performed(call, kind, "create", wire))


def _line(line: Row) -> Wire:
    return {key: value for key, value in line.items() if key not in {"Id", "LinkedTxn"}}


def _account_change(changes_of: Callable[[Wire], Wire]) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        id_ = account(call.books, action.get("id"))["value"]
        row = call.books.tables["Account"].rows[id_]
        wire = {**token(row), "sparse": True, **changes_of(action)}
        return _inner(performed(call, KINDS["Account"], "update", wire))

    return change


def _new_name(action: Wire) -> Wire:
    return {"Name": action.get("name") or (action.get("changes") or {}).get("Name")}


def _inner(wire: Wire) -> Wire:
    found: Wire = next(iter(wire.values()))
    return found


def numbers(wire: Any) -> Any:
    """JSON of the control API has floats: they become the decimals they are written as."""
    if isinstance(wire, float):
        return decimal(wire)
    if isinstance(wire, dict):
        return {key: numbers(value) for key, value in wire.items()}
    return [numbers(one) for one in wire] if isinstance(wire, list) else wire


ACTIONS: dict[str, Callable[[Call, Wire], Wire]] = {
    "add": _add,
    "edit": _edit,
    "pay": _pay,
    "overpay": _pay,
    "unpay": _unpay,
    "void": _do("void"),
    "delete": _do("delete"),
    "archive": _active(active=False),
    "unarchive": _active(active=True),
    "copy": _copy,
    "rename_account": _account_change(_new_name),
    "archive_account": _account_change(lambda _: {"Active": False}),
    **special.ACTIONS,
}
