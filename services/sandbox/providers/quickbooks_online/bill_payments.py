"""Payments of bills, by cheque or card; vendor credits are applied the same way."""

from services.sandbox.providers.quickbooks_online.accounts import account_ref, chosen
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call, Kind, is_blank
from services.sandbox.providers.quickbooks_online.documents import (
    HEADER,
    cut_note,
    dated,
    guard,
    in_currency,
    numbered,
)
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    business,
    required,
    unlinkable,
)
from services.sandbox.providers.quickbooks_online.fields import Spec, choice, number, read, ref
from services.sandbox.providers.quickbooks_online.links import (
    applied,
    by_target,
    relink,
    still_open,
)
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.payment_posting import post_payment
from services.sandbox.providers.quickbooks_online.payments import linked_line
from services.sandbox.providers.quickbooks_online.posting import carried
from services.sandbox.providers.quickbooks_online.table import Row

SPEC: Spec = {**HEADER, "TotalAmt": number(), "PayType": choice("Check", "CreditCard")}
MEANS = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def build(call: Call, wire: Wire, before: Row | None) -> Row:
    """A payment of bills; its total is what its lines say."""
    row = read(call, SPEC, wire, before)
    for key in ("PayType", "TotalAmt"):
        if key not in row:
            raise required(key)
    if is_blank(wire.get("VendorRef")) and call.sparse and before:
        row["VendorRef"] = before["VendorRef"]
    else:
        row["VendorRef"] = ref("Vendor")(call, wire.get("VendorRef"), "VendorRef")
    if row["VendorRef"] is None:
        raise required("VendorRef")
    vendor = call.books.tables["Vendor"].rows[row["VendorRef"]["value"]]
    if (number_ := numbered(call, "BillPayment", wire, before)) is not None:
        row["DocNumber"] = number_
    dated(call, row)
    in_currency(call, wire, before, row, vendor)
    _money(call, wire, before, row)
    row["Line"] = _lines(call, wire, before, row)
    if applied(row["Line"]) != row["TotalAmt"]:
        raise business("The total of a bill payment must be what its lines apply.")
    row["APAccountRef"] = {"value": chosen(call, wire, "APAccountRef", "AP", "Accounts Payable")}
    row["_voided"] = bool(before and before.get("_voided"))
    return carried(before, row)


def _money(call: Call, wire: Wire, before: Row | None, row: Row) -> None:
    part, key, type_ = MEANS[row["PayType"]]
    sent = wire.get(part)
    if sent is None and call.sparse and before and part in before:
        row[part], row["_account"] = before[part], before["_account"]
        return
    account = account_ref(type_)(call, (sent or {}).get(key), f"{part}.{key}")
    if account is None:
        raise required(f"{part}.{key}")
    row[part] = {key: account}
    row["_account"] = account["value"]


def _lines(call: Call, wire: Wire, before: Row | None, row: Row) -> list[Row]:
    if call.sparse and before and "Line" not in wire:
        return list(before["Line"])
    lines = [line for sent in wire.get("Line") or [] for line in linked_line(sent)]
    mine = by_target(before["Line"] if before else [])
    for (entity, id_), amount in by_target(lines).items():
        document = call.get(entity, id_) if entity in {"Bill", "VendorCredit"} else None
        if document is None or document["VendorRef"] != row["VendorRef"]:
            raise unlinkable(f"{entity} {id_}")
        if amount > still_open(entity, document) + mine.get((entity, id_), ZERO):
            raise business("The amount applied is more than what is open.")
    return lines


def settle(call: Call, before: Row | None, after: Row | None) -> None:
    """Bills open or close; the journal follows."""
    row = after or before
    assert row is not None
    old, new = before["Line"] if before else [], after["Line"] if after else []
    relink(call.books, f"BillPayment/{row['Id']}", old, new)
    latest = call.books.tables["BillPayment"].rows[row["Id"]]
    post_payment(call.books, "BillPayment", latest, gone=after is None)


def voided(call: Call, _: Wire, before: Row) -> Row:
    """Nothing left of it but the record."""
    if before.get("_voided"):
        raise business("The transaction is voided already.")
    note = cut_note(call.books, before)
    return {**before, "TotalAmt": ZERO, "Line": [], "PrivateNote": note, "_voided": True}


def _view(_: Books, __: Row, wire: Wire) -> None:
    wire["LinkedTxn"] = []


FILTERS = {
    **dict.fromkeys(("Id", "DocNumber", "VendorRef", "PayType", "TxnDate"), "text"),
    "TotalAmt": "number",
}
KINDS = (
    Kind(
        "BillPayment",
        FILTERS,
        build,
        settle=settle,
        guard=guard,
        void=voided,
        void_by_update=True,
        deletable=True,
        view=_view,
    ),
)
