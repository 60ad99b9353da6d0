"""Bank deposits, which lock the payments in them, and journal entries."""

from decimal import Decimal

from services.sandbox.ledger import Line
from services.sandbox.providers.quickbooks_online.accounts import account_ref
from services.sandbox.providers.quickbooks_online.call import Call, Kind
from services.sandbox.providers.quickbooks_online.documents import (
    HEADER,
    dated,
    guard,
    in_currency,
    numbered,
)
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    bad_choice,
    business,
    required,
    unlinkable,
)
from services.sandbox.providers.quickbooks_online.fields import (
    Spec,
    id_in,
    number,
    read,
    ref,
    text,
    truth,
)
from services.sandbox.providers.quickbooks_online.links import release
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.posting import balanced, carried, home, repost
from services.sandbox.providers.quickbooks_online.table import Row

HOLDABLE = ("Payment", "SalesReceipt")
LINE: Spec = {"Description": text(4000), "Amount": number()}


def deposit(call: Call, wire: Wire, before: Row | None) -> Row:
    """Money taken to the bank: payments from Undeposited Funds, or straight from an account."""
    spec: Spec = {**HEADER, "DepositToAccountRef": account_ref("Bank", "Other Current Asset")}
    row = read(call, spec, wire, before)
    if "DepositToAccountRef" not in row:
        raise required("DepositToAccountRef")
    dated(call, row)
    _at_home(call, wire, before, row)
    if call.sparse and before and "Line" not in wire:
        row["Line"] = before["Line"]
    else:
        row["Line"] = [_held(call, one, before) for one in wire.get("Line") or []]
    if not row["Line"]:
        raise required("Line")
    row["TotalAmt"] = sum((line["Amount"] for line in row["Line"]), ZERO)
    return carried(before, row)


def _at_home(call: Call, wire: Wire, before: Row | None, row: Row) -> None:
    """Home currency unless another is named."""
    currency = wire.get("CurrencyRef") or call.books.currency
    in_currency(call, {**wire, "CurrencyRef": currency}, before, row, None)


def _held(call: Call, wire: Wire, before: Row | None) -> Row:
    line = read(call, LINE, wire, path="Line.")
    if links := wire.get("LinkedTxn"):
        entity, id_ = str(links[0].get("TxnType")), str(links[0].get("TxnId"))
        held = call.get(entity, id_) if entity in HOLDABLE else None
        if held is None or held.get("_deposit") not in {None, before and before["Id"]}:
            raise unlinkable(f"{entity} {id_}")
        if held["DepositToAccountRef"]["value"] != call.books.system["UNDEPOSITED"]:
            raise unlinkable(f"{entity} {id_} is not in Undeposited Funds")
        link = {"TxnId": id_, "TxnType": entity, "TxnLineId": "0"}
        return {"Amount": held["TotalAmt"], "LinkedTxn": [link]}
    detail = wire.get("DepositLineDetail") or {}
    account = account_ref()(call, detail.get("AccountRef"), "Line.DepositLineDetail.AccountRef")
    if account is None or "Amount" not in line:
        raise required("Line.DepositLineDetail.AccountRef" if account is None else "Line.Amount")
    return {
        **line,
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {"AccountRef": account},
    }


def settle_deposit(call: Call, before: Row | None, after: Row | None) -> None:
    """What is in a deposit is locked by it."""
    books = call.books
    row = after or before
    assert row is not None
    for holding, id_ in ((before, None), (after, row["Id"])):
        for line in holding["Line"] if holding else []:
            for link in line.get("LinkedTxn", []):
                held = books.tables[link["TxnType"]].rows[link["TxnId"]]
                books.save(link["TxnType"], {**held, "_deposit": id_})
    lines = None
    if after is not None:
        lines = [Line(after["DepositToAccountRef"]["value"], home(after["TotalAmt"], after))]
        for line in after["Line"]:
            source = line.get("DepositLineDetail", {}).get("AccountRef", {}).get("value")
            from_ = source or books.system["UNDEPOSITED"]
            lines.append(Line(from_, -home(line["Amount"], after)))
        lines = balanced(lines, books.system["EXCHANGE"])
    repost(books, "Deposit", books.tables["Deposit"].rows[row["Id"]], lines)


def journal(call: Call, wire: Wire, before: Row | None) -> Row:
    """A journal entry; a credit to receivables for a customer can be applied like a credit memo."""
    if before and before.get("_links"):
        raise business("A journal entry cannot be changed while it is applied to invoices.")
    row = read(call, {**HEADER, "Adjustment": truth}, wire, before)
    if (number_ := numbered(call, "JournalEntry", wire, before)) is not None:
        row["DocNumber"] = number_
    dated(call, row)
    _at_home(call, wire, before, row)
    sent = wire.get("Line") or (before["Line"] if before and call.sparse else [])
    row["Line"] = [_sided(call, one, at) for at, one in enumerate(sent)]
    if len(row["Line"]) < 2 or sum((signed(line) for line in row["Line"]), ZERO):
        raise business("Please balance debits and credits.")
    for line in row["Line"]:
        detail = line["JournalEntryLineDetail"]
        receivable = detail["AccountRef"]["value"] == call.books.system["AR"]
        if receivable and detail["PostingType"] == "Credit":
            row["_customer"] = detail["Entity"]["EntityRef"]
            row["_remaining"] = line["Amount"]
    row.setdefault("_remaining", ZERO)
    return {**carried(before, row), "_remaining": row["_remaining"]}


def signed(line: Row) -> Decimal:
    """Debits are positive."""
    debit = line["JournalEntryLineDetail"]["PostingType"] == "Debit"
    return Decimal(line["Amount"] if debit else -line["Amount"])


def _sided(call: Call, wire: Wire, at: int) -> Row:
    line = read(call, LINE, wire, path="Line.")
    detail = wire.get("JournalEntryLineDetail") or {}
    path = "Line.JournalEntryLineDetail"
    if detail.get("PostingType") not in {"Debit", "Credit"}:
        raise bad_choice(f"{path}.PostingType", detail.get("PostingType"))
    account = account_ref()(call, detail.get("AccountRef"), f"{path}.AccountRef")
    if account is None or "Amount" not in line:
        raise Invalid("6440", "Transaction detail missing", f"{path} is incomplete", path)
    kept: Row = {"PostingType": detail["PostingType"], "AccountRef": account}
    entity = detail.get("Entity") or {}
    if id_in(entity.get("EntityRef")) is not None:
        known = ref(str(entity.get("Type")))(call, entity["EntityRef"], f"{path}.EntityRef")
        kept["Entity"] = {"Type": entity["Type"], "EntityRef": known}
    owned = account["value"] in {call.books.system["AR"], call.books.system["AP"]}
    if owned and "Entity" not in kept:
        raise business("Lines of receivables and payables need a customer or vendor.")
    sort = "JournalEntryLineDetail"
    return {"Id": str(at), **line, "DetailType": sort, sort: kept}


def settle_journal(call: Call, before: Row | None, after: Row | None) -> None:
    """The entry as it stands; payments let go of what is gone."""
    row = after or before
    assert row is not None
    if before is not None and before.get("_links"):
        release(call, "JournalEntry", row)
    latest = call.books.tables["JournalEntry"].rows[row["Id"]]
    lines = None
    if after is not None:
        sides = [(x["JournalEntryLineDetail"], signed(x)) for x in after["Line"]]
        lines = [Line(detail["AccountRef"]["value"], home(x, after)) for detail, x in sides]
        lines = balanced(lines, call.books.system["EXCHANGE"])
    repost(call.books, "JournalEntry", latest, lines)


FILTERS = {"Id": "text", "TxnDate": "text", "DocNumber": "text", "TotalAmt": "number"}
KINDS = (
    Kind("Deposit", FILTERS, deposit, settle=settle_deposit, guard=guard, deletable=True),
    Kind("JournalEntry", FILTERS, journal, settle=settle_journal, guard=guard, deletable=True),
)
