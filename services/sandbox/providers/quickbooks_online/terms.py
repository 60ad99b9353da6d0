"""Due dates: as sent, else from the terms."""

from datetime import date, timedelta

from services.sandbox.providers.quickbooks_online.call import Call, is_blank
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.table import Row


def due_date(call: Call, wire: Wire, row: Row, owner: Row | None, key: str = "SalesTermRef") -> str:
    """A new date or new terms move it; without terms it is the document's own date."""
    if "DueDate" in row and (not is_blank(wire.get("DueDate")) or not _retermed(wire)):
        return str(row["DueDate"])
    if "SalesTermRef" not in row and owner and key in owner:
        row["SalesTermRef"] = owner[key]
    terms = row.get("SalesTermRef")
    if terms is None:
        return str(row["TxnDate"])
    start = date.fromisoformat(row["TxnDate"])
    return _due(start, call.books.tables["Term"].rows[terms["value"]]).isoformat()


def _retermed(wire: Wire) -> bool:
    return not is_blank(wire.get("SalesTermRef")) or not is_blank(wire.get("TxnDate"))


def _due(start: date, term: Row) -> date:
    if "DueDays" in term:
        return start + timedelta(days=int(term["DueDays"]))
    month_end = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    wanted = int(term["DayOfMonthDue"])
    for first in (start.replace(day=1), month_end):
        last = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
        due = first.replace(day=min(wanted, last))
        if (due - start).days >= int(term.get("DueNextMonthDays", 0)):
            return due
    return due
