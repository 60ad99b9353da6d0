"""Money spent and received without an invoice: gateway fees, customer purchases."""

from services.sandbox.ledger import Line
from services.sandbox.providers.myob.amounts import rate_of, tax_on
from services.sandbox.providers.myob.banks import money_account
from services.sandbox.providers.myob.books import new_id
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.chart_rules import posted_to
from services.sandbox.providers.myob.errors import Refused, Wire, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.lines import known_line, tracked
from services.sandbox.providers.myob.money import ONE, ZERO
from services.sandbox.providers.myob.periods import changeable, unlocked
from services.sandbox.providers.myob.posting import post, tax_lines
from services.sandbox.providers.myob.reading import Reader
from services.sandbox.providers.myob.schema import SPECS

NUMBERS = {"spent": "PaymentNumber", "received": "ReceiptNumber"}
AMOUNTS = {"spent": "AmountPaid", "received": "AmountReceived"}
SAID = {
    "spent": {"journal": "CashPayment", "source": "SpendMoneyTxn"},
    "received": {"journal": "CashReceipt", "source": "ReceiveMoneyTxn"},
}


def write(call: Call, table: str, wire: Wire, before: Row | None = None) -> Row:
    """Lines over accounts against one bank account; raises Refused."""
    books = call.books
    if before is not None:
        changeable(books)
        unlocked(books, before["Date"])
    reader = Reader(books)
    row = reader.read(wire, SPECS[table])
    reader.done()
    if row["Account"] is None and row.get("DepositTo") == "Account":
        raise Refused(400, required("Account"))
    unlocked(books, row["Date"])
    tracked(call, row)
    row["UID"] = before["UID"] if before else new_id()
    number = NUMBERS[table]
    kept = before[number] if before else None
    row[number] = row[number] or kept or books.next_number(table, "", 8)
    old = {line["RowID"]: line for line in (before["Lines"] if before else [])}
    row["Lines"] = [_line(call, row, line, old) for line in row["Lines"]]
    tax = sum((line["_tax"] for line in row["Lines"]), ZERO)
    amount = sum((line["Amount"] for line in row["Lines"]), ZERO)
    row |= {"TotalTax": tax, AMOUNTS[table]: amount + (ZERO if row["IsTaxInclusive"] else tax)}
    row = post(books, table, row, _entry(call, table, row), before=before, **SAID[table])
    return books.save(table, row)


def _line(call: Call, row: Row, line: Row, old: dict[int, Row]) -> Row:
    known = known_line(line, old, "Lines/")
    posted_to(call.books, line["Account"], "Lines/Account")
    rate = rate_of(call.books, line["TaxCode"])
    return {
        **line,
        "RowID": known["RowID"] if known else call.books.row_id(),
        "RowVersion": call.books.version(),
        "_tax": tax_on(line["Amount"], rate, inclusive=row["IsTaxInclusive"]),
    }


def _entry(call: Call, table: str, row: Row) -> list[Line]:
    sign = 1 if table == "received" else -1
    lines = [Line(money_account(call.books, row), sign * row[AMOUNTS[table]])]
    for line in row["Lines"]:
        net = line["Amount"] - (line["_tax"] if row["IsTaxInclusive"] else ZERO)
        lines.append(Line(line["Account"], -sign * net))
        sales = table == "received"
        lines += tax_lines(call.books, line["TaxCode"], line["_tax"], -sign, ONE, sales=sales)
    return lines


def delete(call: Call, table: str, row: Row) -> None:
    """As if it had never been."""
    changeable(call.books)
    unlocked(call.books, row["Date"])
    post(call.books, table, row, None, before=row, **SAID[table])
    call.books.tables[table].remove(row)
