"""What documents post: balanced entries in the file's currency, and the journal the API shows."""

from collections.abc import Iterable
from decimal import Decimal

from services.sandbox.ledger import Entry, Line, merged
from services.sandbox.providers.myob.amounts import split
from services.sandbox.providers.myob.books import Books, new_id
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import ZERO, rounded


def document_lines(books: Books, kind: Kind, row: Row) -> list[Line]:
    """The control account against lines, tax and freight; a gap of conversion to gains."""
    sign, rate, inclusive = kind.sign, row["_rate"], row["IsTaxInclusive"]
    lines = [Line(books.system[kind.control], sign * rounded(row["_total"] * rate))]
    for line in row["Lines"]:
        if line["Type"] != "Transaction":
            continue
        net = line["_amount"] - (line["_tax"] if inclusive else ZERO)
        lines.append(Line(coded(books, kind, line), -sign * rounded(net * rate)))
        lines += tax_lines(books, line["TaxCode"], line["_tax"], -sign, rate, sales=kind.sales)
    freight, tax = row["_freight"], row["_freight_tax"]
    net = freight - (tax if inclusive else ZERO)
    account = books.system["freight_collected" if kind.sales else "freight_paid"]
    lines.append(Line(account, -sign * rounded(net * rate)))
    lines += tax_lines(books, row["FreightTaxCode"], tax, -sign, rate, sales=kind.sales)
    return balanced(books, lines)


def coded(books: Books, kind: Kind, line: Row) -> str:
    """The account a line is posted to: its own, else its item's."""
    if line["Account"]:
        return str(line["Account"])
    item = books.tables["items"].rows[line["Item"]]
    if kind.sales:
        return str(item["IncomeAccount"])
    return str(item["AssetAccount"] if item["IsInventoried"] else item["ExpenseAccount"])


def tax_lines(
    books: Books, code: str | None, tax: Decimal, sign: int, rate: Decimal, *, sales: bool
) -> list[Line]:
    """To the account of the tax code, or of each component."""
    if code is None or not tax:
        return []
    name = "TaxCollectedAccount" if sales else "TaxPaidAccount"
    codes = books.tables["tax_codes"].rows
    return [
        Line(codes[one][name], sign * rounded(share * rate))
        for one, share in split(books, code, tax)
    ]


def balanced(books: Books, lines: list[Line]) -> list[Line]:
    """What conversion leaves over is a currency gain or loss."""
    gap = sum((line.amount for line in lines), ZERO)
    return [*lines, Line(books.system["gains"], -gap)] if gap else lines


def post(
    books: Books,
    table: str,
    row: Row,
    lines: Iterable[Line] | None,
    *,
    journal: str,
    source: str,
    before: Row | None = None,
) -> Row:
    """Make the journal say what a record stands for now; `lines` None takes it all back."""
    at, uid = books.clock.now(), row["UID"]
    standing: Entry | None = before.get("_entry") if before else None
    kind = f"{source} {row.get('Number') or ''}".strip()
    wanted = merged(lines) if lines is not None else None
    if standing is None or standing.lines != wanted:
        books.ledger.reverse(at, standing, f"{kind} (reversal)")
        standing = books.ledger.post(at, uid, kind, wanted or ())
    operation = "Deleted" if lines is None else "Edited" if before else "Added"
    _journal(books, table, row, wanted or (), (journal, source, operation))
    return {**row, "_entry": standing}


def _journal(
    books: Books, table: str, row: Row, lines: Iterable[Line], said: tuple[str, str, str]
) -> None:
    """The journal transaction that stands, and one more row of its history."""
    journal, source, operation = said
    shown = {
        "DisplayID": row.get("Number") or row.get("ReceiptNumber") or row.get("PaymentNumber"),
        "JournalType": journal,
        "DateOccurred": row["Date"],
        "DatePosted": books.stamp(),
        "Description": row.get("JournalMemo") or row.get("Memo"),
        "SourceTransaction": {
            "UID": row["UID"],
            "TransactionType": source,
            "_table": table,
        },
        "Lines": [
            {"Account": line.account, "Amount": abs(line.amount), "IsCredit": line.amount < 0}
            for line in lines
        ],
        "LastModified": books.stamp(),
        "RowVersion": books.version(),
    }
    if operation == "Deleted":
        books.tables["journal"].remove(books.tables["journal"].rows[row["UID"]])
    else:
        books.tables["journal"].put({"UID": row["UID"], **shown})
    history = {"UID": new_id(), "OperationType": operation, "GroupUID": row["UID"]}
    books.tables["history"].put({**history, **shown})
