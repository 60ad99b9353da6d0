"""What payments and credits take of documents: links, open amounts, and undoing both."""

from decimal import Decimal

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.payment_posting import (
    CREDITS,
    post_payment,
    target,
)
from services.sandbox.providers.quickbooks_online.table import Row

OPEN = {
    "Invoice": ("Balance",),
    "CreditMemo": ("RemainingCredit", "Balance"),
    "Bill": ("Balance",),
    "VendorCredit": ("Balance",),
    "JournalEntry": ("_remaining",),
    "Purchase": ("_remaining",),
}


def still_open(entity: str, row: Row) -> Decimal:
    """What is left of a document."""
    return Decimal(row.get(OPEN[entity][0], ZERO))


def applied(lines: list[Row]) -> Decimal:
    """What the lines take out of a payment: documents paid less credits used."""
    whole = ZERO
    for line in lines:
        whole += -line["Amount"] if target(line)[0] in CREDITS else line["Amount"]
    return whole


def by_target(lines: list[Row]) -> dict[tuple[str, str], Decimal]:
    """How much each document gets of these lines."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        sums[target(line)] = sums.get(target(line), ZERO) + line["Amount"]
    return sums


def relink(
    books: Books, key: str, old: list[Row], new: list[Row], quiet: tuple[str, str] | None = None
) -> None:
    """Move the open amounts of documents from old lines to new; `quiet` one is no change of it."""
    deltas: dict[tuple[str, str], Decimal] = {}
    for lines, sign in ((old, -1), (new, 1)):
        for line in lines:
            deltas[target(line)] = deltas.get(target(line), ZERO) + sign * line["Amount"]
    for (entity, id_), delta in deltas.items():
        if not delta:
            continue
        row = books.tables[entity].rows[id_]
        links = dict(row.get("_links", {}))
        links[key] = links.get(key, ZERO) + delta
        if not links[key]:
            del links[key]
        changed = {**row, "_links": links}
        changed |= {name: row.get(name, ZERO) - delta for name in OPEN[entity]}
        if (entity, id_) == quiet or entity in {"JournalEntry", "Purchase"}:
            books.keep(entity, changed)
        else:
            books.save(entity, changed)


def shrunk(lines: list[Row], of: tuple[str, str], by: Decimal) -> list[Row]:
    """The lines with so much less for one document, taken from the last ones first."""
    out: list[Row] = []
    for line in reversed(lines):
        if target(line) == of and by > 0:
            cut = min(by, line["Amount"])
            by -= cut
            if cut < line["Amount"]:
                out.append({**line, "Amount": line["Amount"] - cut})
        else:
            out.append(line)
    return out[::-1]


def funded(lines: list[Row], money: Decimal) -> list[Row]:
    """The lines cut from the end until money and credits cover them."""
    while (missing := applied(lines) - money) > 0:
        last = next(line for line in reversed(lines) if target(line)[0] not in CREDITS)
        lines = shrunk(lines, target(last), min(missing, last["Amount"]))
    return lines


def release(call: Call, entity: str, row: Row, amount: Decimal | None = None) -> None:
    """Payments let go of a document, wholly or by an amount, newest payment first."""
    left = sum(row.get("_links", {}).values(), ZERO) if amount is None else amount
    for key, linked in reversed(list(row.get("_links", {}).items())):
        cut = min(left, linked)
        if cut <= 0:
            return
        left -= cut
        payer, id_ = key.split("/")
        payment = call.books.tables[payer].rows[id_]
        old = payment["Line"]
        new = funded(shrunk(old, (entity, row["Id"]), cut), payment["TotalAmt"])
        relink(call.books, key, old, new, (entity, row["Id"]))
        changed = {**payment, "Line": new}
        if payer == "Payment":
            changed["UnappliedAmt"] = payment["TotalAmt"] - applied(new)
        else:
            changed["TotalAmt"] = applied(new)
        stored = call.books.save(payer, changed)
        post_payment(call.books, payer, stored)


def linked_txns(row: Row) -> list[Wire]:
    """`LinkedTxn` of a document, by what is linked to it now."""
    out = []
    for key in row.get("_links", {}):
        entity, id_ = key.split("/")
        sort = {"BillPayment": "BillPaymentCheck"}.get(entity, entity)
        out.append({"TxnId": id_, "TxnType": sort})
    return out
