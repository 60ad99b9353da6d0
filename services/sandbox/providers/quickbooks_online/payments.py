"""Customers' payments: split, unapplied, applied credits, moved, voided, deposited."""

from services.sandbox.providers.quickbooks_online.accounts import MONEY_PLACES, chosen
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, is_blank
from services.sandbox.providers.quickbooks_online.documents import (
    HEADER,
    cut_note,
    dated,
    guard,
    in_currency,
)
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    business,
    deposited,
    required,
    unlinkable,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    choice,
    customer_ref,
    number,
    read,
    ref,
    text,
)
from services.sandbox.providers.quickbooks_online.links import (
    applied,
    by_target,
    relink,
    still_open,
)
from services.sandbox.providers.quickbooks_online.money import ZERO, decimal_of, rounded, trimmed
from services.sandbox.providers.quickbooks_online.naming import ancestors
from services.sandbox.providers.quickbooks_online.payment_posting import (
    post_payment,
    target,
)
from services.sandbox.providers.quickbooks_online.posting import carried
from services.sandbox.providers.quickbooks_online.table import Row

LINKABLE = ("Invoice", "CreditMemo", "JournalEntry", "Purchase")
SPEC: Spec = {
    **HEADER,
    "TotalAmt": number(),
    "PaymentRefNum": text(21),
    "PaymentMethodRef": ref("PaymentMethod"),
    "TxnSource": choice("QBMobile", "GoPayment", "EInvoice", "Square", "QBCommerce"),
    "CreditCardPayment": lambda _, value, __: dict(value),
}


def build(call: Call, wire: Wire, before: Row | None) -> Row:
    """A payment; its lines may not take more than it has."""
    row = read(call, SPEC, wire, before)
    if "TotalAmt" not in row:
        raise required("TotalAmt")
    if row["TotalAmt"] < 0:
        raise business("Enter a transaction amount that is 0 or greater.")
    customer = _customer(call, wire, before, row)
    dated(call, row)
    in_currency(call, wire, before, row, customer)
    row["_account"] = _account(call, wire, before)
    row["DepositToAccountRef"] = {"value": row["_account"]}
    row["ProcessPayment"] = False
    row["Line"] = _lines(call, wire, before, row)
    row["UnappliedAmt"] = row["TotalAmt"] - applied(row["Line"])
    if row["UnappliedAmt"] < 0:
        raise business("The amount applied is more than the payment and its credits.")
    if before and before.get("_voided") and row["TotalAmt"]:
        raise business("A voided transaction cannot be changed.")
    row["_voided"] = bool(before and before.get("_voided"))
    return carried(before, row)


def _customer(call: Call, wire: Wire, before: Row | None, row: Row) -> Row:
    if is_blank(wire.get("CustomerRef")):
        if not (call.sparse and before):
            raise required("CustomerRef")
        row["CustomerRef"] = before["CustomerRef"]
    else:
        row["CustomerRef"] = customer_ref(call, wire["CustomerRef"], "CustomerRef")
    return call.books.tables["Customer"].rows[row["CustomerRef"]["value"]]


def _account(call: Call, wire: Wire, before: Row | None) -> str:
    if call.sparse and before and is_blank(wire.get("DepositToAccountRef")):
        return str(before["_account"])
    return chosen(call, wire, "DepositToAccountRef", "UNDEPOSITED", *MONEY_PLACES)


def _lines(call: Call, wire: Wire, before: Row | None, row: Row) -> list[Row]:
    """All lines or none: what is not sent is unlinked, unless a sparse update has no Line."""
    if call.sparse and before and "Line" not in wire:
        same = before["CustomerRef"] == row["CustomerRef"]
        return list(before["Line"]) if same else []
    lines = [line for sent in wire.get("Line") or [] for line in linked_line(sent)]
    mine = by_target(before["Line"] if before else [])
    for (entity, id_), amount in by_target(lines).items():
        document = _document(call, entity, id_, row)
        if amount > still_open(entity, document) + mine.get((entity, id_), ZERO):
            raise business("The amount applied is more than what is open.")
    return lines


def linked_line(sent: Wire) -> list[Row]:
    """One line of one link; nothing for an amount of zero or without a link."""
    links = sent.get("LinkedTxn") or []
    if is_blank(sent.get("Amount")):
        raise required("Line.Amount")
    amount = rounded(decimal_of(sent["Amount"], "Line.Amount"))
    if amount < 0:
        raise business("The amount of a line cannot be negative.")
    if not links or not amount:
        return []
    link = {"TxnId": str(links[0].get("TxnId")), "TxnType": str(links[0].get("TxnType"))}
    return [{"Amount": amount, "LinkedTxn": [link]}]


def _document(call: Call, entity: str, id_: str, row: Row) -> Row:
    """What a line is for; raises Invalid (620) when it cannot be."""
    document = call.get(entity, id_) if entity in LINKABLE else None
    if document is None or document.get("_voided"):
        raise unlinkable(f"{entity} {id_}")
    theirs = (document.get("CustomerRef") or document.get("_customer") or {}).get("value")
    if not _may_pay(call, row["CustomerRef"]["value"], theirs):
        raise unlinkable(f"{entity} {id_} belongs to another customer")
    if document["CurrencyRef"] != row["CurrencyRef"]:
        raise unlinkable(f"{entity} {id_} is in another currency")
    return document


def _may_pay(call: Call, payer: str, owner: str | None) -> bool:
    """The customer's own, or a child's; whether a child may pay the parent's is a habit."""
    if owner is None:
        return False
    up = ancestors(call.books, "Customer", payer) if call.books.habits.child_pays_parent else []
    return payer in ancestors(call.books, "Customer", owner) or owner in up


def settle(call: Call, before: Row | None, after: Row | None) -> None:
    """Documents open or close; the journal follows."""
    row = after or before
    assert row is not None
    old, new = before["Line"] if before else [], after["Line"] if after else []
    relink(call.books, f"Payment/{row['Id']}", old, new)
    latest = call.books.tables["Payment"].rows[row["Id"]]
    post_payment(call.books, "Payment", latest, gone=after is None)


def voided(call: Call, _: Wire, before: Row) -> Row:
    """Nothing left of it but the record."""
    if before.get("_voided"):
        raise business("The transaction is voided already.")
    zero = {"TotalAmt": ZERO, "UnappliedAmt": ZERO, "Line": []}
    return {**before, **zero, "PrivateNote": cut_note(call.books, before), "_voided": True}


def _guard(call: Call, row: Row) -> None:
    guard(call, row)
    if row.get("_deposit"):
        raise deposited()


def _view(books: Books, row: Row, wire: Wire) -> None:
    wire["LinkedTxn"] = []
    if row.get("_deposit"):
        wire["LinkedTxn"].append({"TxnId": row["_deposit"], "TxnType": "Deposit"})
    for line, shown in zip(row["Line"], wire["Line"], strict=True):
        document = books.tables[target(line)[0]].rows[target(line)[1]]
        values = {
            "txnId": target(line)[1],
            "txnOpenBalance": str(trimmed(still_open(target(line)[0], document) + line["Amount"])),
            "txnReferenceNumber": document.get("DocNumber"),
        }
        known = [{"value": {"Name": k, "Value": v}} for k, v in values.items() if v is not None]
        shown["LineEx"] = {"any": known}


FILTERS = {
    **dict.fromkeys(("Id", "CustomerRef", "PaymentRefNum", "TxnDate", "PaymentMethodRef"), "text"),
    "DepositToAccountRef": "text",
    "TotalAmt": "number",
    "UnappliedAmt": "number",
}
KINDS = (
    Kind(
        "Payment",
        FILTERS,
        build,
        settle=settle,
        guard=_guard,
        void=voided,
        void_by_update=True,
        deletable=True,
        view=_view,
    ),
)
