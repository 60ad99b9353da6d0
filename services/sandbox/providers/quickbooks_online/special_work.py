"""What only a person does, or only QuickBooks has: merges, deposits, credits, closing, settings."""

from collections.abc import Callable
from typing import Any

from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online.books import NAMES, TRANSACTIONS, Event
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.desk import (
    account,
    decimal,
    found,
    kind_of,
    row_of,
    show,
    token,
)
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.lists import PLANS
from services.sandbox.providers.quickbooks_online.operations import performed
from services.sandbox.providers.quickbooks_online.refund_work import refund
from services.sandbox.providers.quickbooks_online.states import STATES
from services.sandbox.providers.quickbooks_online.tax_work import tax_group


def _merge(call: Call, action: Wire) -> Wire:
    """The loser disappears; the other takes its documents and children."""
    books, entity = call.books, kind_of(action, "Customer").name
    if entity not in NAMES:
        raise RefusedError(f"{entity} cannot be merged.", 422)
    row = found(books, entity, action.get("id"))
    into = found(books, entity, action.get("into"))
    if row["Id"] == into["Id"] or row.get("CurrencyRef") != into.get("CurrencyRef"):
        raise RefusedError("These two cannot be merged.")
    key, target = f"{entity}Ref", {"value": into["Id"]}
    for name in TRANSACTIONS:
        table = books.tables[name]
        if table.indexed(key):
            for document in table.find(key, row["Id"]):
                books.keep(name, {**document, key: target})
    for child in books.tables[entity].find("parent", row["Id"]):
        books.save(entity, {**child, "ParentRef": target})
    told = len(books.events)
    books.save(entity, {**row, "_deleted": True})
    books.save(entity, into)
    del books.events[told:]
    books.tell(Event(entity, into["Id"], "Merge", row["Id"]))
    return show(call, entity, into["Id"])


def _apply_credit(call: Call, action: Wire) -> Wire:
    """Apply a credit (`credit`, its `credit_type`) to a document: a payment of nothing."""
    kind, row = row_of(call.books, action)
    sort = str(
        action.get("credit_type") or ("VendorCredit" if kind.name == "Bill" else "CreditMemo")
    )
    credit = found(call.books, sort, action.get("credit"))
    rest = credit.get("RemainingCredit", credit.get("_remaining", credit.get("Balance")))
    amount = decimal(action["amount"]) if "amount" in action else min(rest, row["Balance"])
    links = [(row["Id"], kind.name), (credit["Id"], sort)]
    lines = [{"Amount": amount, "LinkedTxn": [{"TxnId": i, "TxnType": t}]} for i, t in links]
    wire: Wire = {"TotalAmt": 0, "CurrencyRef": row["CurrencyRef"], "Line": lines}
    if kind.name == "Bill":
        bank = {"BankAccountRef": account(call.books, "Checking")}
        wire |= {"VendorRef": row["VendorRef"], "PayType": "Check", "CheckPayment": bank}
        return dict(performed(call, KINDS["BillPayment"], "create", wire)["BillPayment"])
    wire["CustomerRef"] = row["CustomerRef"]
    return dict(performed(call, KINDS["Payment"], "create", wire)["Payment"])


def _deposit(call: Call, action: Wire) -> Wire:
    """Payments (`id` or `ids`) from Undeposited Funds to the bank."""
    ids = action.get("ids") or [action.get("id")]
    sort = kind_of(action, "Payment").name
    lines = [{"LinkedTxn": [{"TxnId": str(id_), "TxnType": sort}]} for id_ in ids]
    to = account(call.books, action.get("account") or "Checking")
    currency = found(call.books, sort, ids[0])["CurrencyRef"]
    wire = {"DepositToAccountRef": to, "CurrencyRef": currency, "Line": lines}
    return dict(performed(call, KINDS["Deposit"], "create", wire)["Deposit"])


def _matched(*, matched: bool) -> Callable[[Call, Wire], Wire]:
    def change(call: Call, action: Wire) -> Wire:
        kind, row = row_of(call.books, {"resource": "Payment", **action})
        call.books.keep(kind.name, {**row, "_matched": matched})
        return show(call, kind.name, row["Id"])

    return change


def _lock(call: Call, action: Wire) -> Wire:
    """The closing date is the later of the two; `password` makes it 6200 instead of 6210."""
    keys = ("period_lock_date", "end_of_year_lock_date")
    days = [str(action[key]) for key in keys if action.get(key)]
    call.books.closing_password = bool(action.get("password"))
    closing = {"AccountingInfoPrefs": {"BookCloseDate": max(days) if days else None}}
    wire = {**token(call.books.prefs), **closing}
    return dict(performed(call, KINDS["Preferences"], "update", {**wire, "Id": "1"})["Preferences"])


def _settings(call: Call, action: Wire) -> Wire:
    """`changes`: `plan`, `state`, any habit, and sections of the Preferences."""
    books = call.books
    changes = dict(action.get("changes") or {})
    if (plan := changes.pop("plan", books.plan)) not in PLANS:
        raise RefusedError(f"The plans are {PLANS}.", 422)
    if (state := changes.pop("state", books.state)) not in {"fine", *STATES}:
        raise RefusedError(f"The states are fine and {sorted(STATES)}.", 422)
    books.plan, books.state = plan, state
    adopt(books.habits, {k: changes.pop(k) for k in list(changes) if hasattr(books.habits, k)})
    if changes:
        wire = {**token(books.prefs), "Id": "1", **changes}
        performed(call, KINDS["Preferences"], "update", wire)
    return show(call, "Preferences", "1")


def adopt(habits: Any, wanted: Wire) -> None:
    """Set habits by name; raises RefusedError for one that is none."""
    for key, value in wanted.items():
        if key not in habits.__dataclass_fields__:
            raise RefusedError(f"There is no habit {key!r}.", 422)
        setattr(habits, key, type(getattr(habits, key))(value))


ACTIONS: dict[str, Callable[[Call, Wire], Wire]] = {
    "merge": _merge,
    "apply_credit": _apply_credit,
    "refund": refund,
    "deposit": _deposit,
    "reconcile": _matched(matched=True),
    "unreconcile": _matched(matched=False),
    "lock": _lock,
    "settings": _settings,
    "tax_group": tax_group,
}
