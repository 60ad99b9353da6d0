"""The journal of payments: money against what each document stood for, the rest a currency gain."""

from services.sandbox.ledger import Line
from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.money import ZERO
from services.sandbox.providers.quickbooks_online.posting import balanced, home, repost
from services.sandbox.providers.quickbooks_online.table import Row

CREDITS = frozenset({"CreditMemo", "VendorCredit", "JournalEntry"})
TYPES = {
    "Check": "Purchase",
    "Expense": "Purchase",
    "CashPurchase": "Purchase",
    "BillPaymentCheck": "BillPayment",
    "BillPaymentCreditCard": "BillPayment",
}
"""What `TxnType` calls by another name than the entity."""


def entity_of(txn_type: object) -> str:
    """The entity behind a `TxnType`."""
    return TYPES.get(str(txn_type), str(txn_type))


def target(line: Row) -> tuple[str, str]:
    """Entity and id of what a payment's line is for."""
    link = line["LinkedTxn"][0]
    return entity_of(link["TxnType"]), str(link["TxnId"])


def post_payment(books: Books, entity: str, row: Row, *, gone: bool = False) -> Row:
    """Money in against receivables, or out against payables."""
    sign, control = (1, "AR") if entity == "Payment" else (-1, "AP")
    against = books.system[control]
    lines = [Line(row["_account"], sign * home(row["TotalAmt"], row))]
    for line in row["Line"]:
        kind, id_ = target(line)
        way = -1 if kind in CREDITS else 1
        document = books.tables[kind].rows[id_]
        lines.append(Line(against, -sign * way * home(line["Amount"], document)))
    if row.get("UnappliedAmt", ZERO):
        lines.append(Line(against, -sign * home(row["UnappliedAmt"], row)))
    posted = None if gone else balanced(lines, books.system["EXCHANGE"])
    return repost(books, entity, row, posted)
