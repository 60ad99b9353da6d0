"""Purchase orders become bills line by line, and close when all lines are used."""

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.table import Row


def status(before: Row | None, row: Row) -> str:
    """`Closed` by hand or because every line is billed."""
    used = (before or {}).get("_used", {})
    if used and all(line["Id"] in used for line in row["Line"]):
        return "Closed"
    row["_used"] = used
    return str(row.get("POStatus", "Open"))


def orders_followed(books: Books, before: Row | None, after: Row | None) -> None:
    """Mark the order lines a bill uses, free those it no longer does."""
    old, new = _billed(before), _billed(after)
    bill = (after or before or {})["Id"]
    for id_ in dict.fromkeys(order for order, _ in (*old, *new)):
        order = books.tables["PurchaseOrder"].get(id_)
        if order is None:
            continue
        used = {line: by for line, by in order.get("_used", {}).items() if by != bill}
        used |= {line: bill for one, line in new if one == id_}
        if used != order.get("_used", {}):
            closed = all(line["Id"] in used for line in order["Line"])
            changed = {**order, "_used": used, "POStatus": "Closed" if closed else "Open"}
            books.save("PurchaseOrder", changed)


def _billed(bill: Row | None) -> list[tuple[str, str]]:
    links = [link for line in bill["Line"] for link in line.get("LinkedTxn", [])] if bill else []
    return [(link["TxnId"], link["TxnLineId"]) for link in links]
