"""Money a person gives back: cheques linked to what a customer has left."""

from dataclasses import replace
from decimal import Decimal

from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.desk import account, decimal, found, kind_of, show
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.operations import performed
from services.sandbox.providers.quickbooks_online.payment_posting import post_payment
from services.sandbox.providers.quickbooks_online.table import Row


def refund(call: Call, action: Wire) -> Wire:
    """A cheque to the customer for what a payment or credit memo has left, linked to it."""
    kind = kind_of(action, "Payment")
    row = found(call.books, kind.name, action.get("id"))
    rest = row["RemainingCredit" if kind.name == "CreditMemo" else "UnappliedAmt"]
    amount = decimal(action.get("amount", rest))
    if not 0 < amount <= rest:
        raise RefusedError(f"The {kind.name} has not that much left.")
    cheque = _cheque(call, action, row, amount)
    link = {"Amount": amount, "LinkedTxn": [{"TxnId": cheque, "TxnType": "Check"}]}
    if kind.name == "CreditMemo":
        _credit_given_back(call, action, row, link)
    else:
        _payment_given_back(call, row, link)
    return show(call, "Purchase", cheque)


def _cheque(call: Call, action: Wire, row: Row, amount: Decimal) -> str:
    """Of receivables, to the customer; its id."""
    detail = {"AccountRef": {"value": call.books.system["AR"]}, "CustomerRef": row["CustomerRef"]}
    line = {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }
    wire = {
        "PaymentType": "Check",
        "AccountRef": account(call.books, action.get("account") or "Checking"),
        "EntityRef": {**row["CustomerRef"], "type": "Customer"},
        "TxnDate": action.get("date"),
        "CurrencyRef": row["CurrencyRef"],
        "ExchangeRate": row.get("ExchangeRate"),
        "GlobalTaxCalculation": "NotApplicable",
        "Line": [line],
    }
    return str(performed(call, KINDS["Purchase"], "create", wire)["Purchase"]["Id"])


def _payment_given_back(call: Call, row: Row, link: Row) -> None:
    books, [linked] = call.books, link["LinkedTxn"]
    left = row["UnappliedAmt"] - link["Amount"]
    changed = {**row, "UnappliedAmt": left, "Line": [*row["Line"], link]}
    post_payment(books, "Payment", books.save("Payment", changed))
    known = books.tables["Purchase"].rows[linked["TxnId"]]
    books.keep("Purchase", {**known, "_links": {f"Payment/{row['Id']}": link["Amount"]}})


def _credit_given_back(call: Call, action: Wire, row: Row, link: Row) -> None:
    """A payment of nothing between the credit and the cheque, as with an invoice."""
    books, [linked] = call.books, link["LinkedTxn"]
    known = books.tables["Purchase"].rows[linked["TxnId"]]
    owed: Row = {"_customer": row["CustomerRef"], "_remaining": link["Amount"]}
    books.keep("Purchase", {**known, **owed})
    used = {**link, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": "CreditMemo"}]}
    wire = {
        "TotalAmt": 0,
        "TxnDate": action.get("date"),
        "CustomerRef": row["CustomerRef"],
        "CurrencyRef": row["CurrencyRef"],
        "Line": [used, link],
    }
    # What was typed a moment ago can be chosen.
    performed(replace(call, hidden=set()), KINDS["Payment"], "create", wire)
