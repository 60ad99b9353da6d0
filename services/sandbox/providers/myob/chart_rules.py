"""Rules of accounts and tax codes."""

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import Refused, out_of_place, required
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.list_fields import CLASSIFICATIONS

DIGITS = {
    "Asset": 1,
    "Liability": 2,
    "Equity": 3,
    "Income": 4,
    "CostOfSales": 5,
    "Expense": 6,
    "OtherIncome": 8,
    "OtherExpense": 9,
}
LARGEST_NUMBER = 9999


def account(call: Call, row: Row, before: Row | None) -> Row:
    """Its classification follows from its type, its DisplayID from both and its number."""
    type_ = row["Type"]
    if type_ is None and not row["IsHeader"]:
        raise Refused(400, required("Type"))
    classes = (name for name, types in CLASSIFICATIONS.items() if type_ in types)
    classification = next(classes, row["Classification"])
    if classification is None:
        raise Refused(400, required("Classification"))
    if row["Classification"] not in {None, classification}:
        raise out_of_place("Classification", f"{type_} is not of {row['Classification']}")
    if not 0 < row["Number"] <= LARGEST_NUMBER:
        raise out_of_place("Number", "An account's number has four digits")
    if before and call.books.used(row["UID"]) and before["Type"] != type_:
        raise out_of_place("Type", "The type of an account in use cannot be changed")
    return {
        **row,
        "Classification": classification,
        "DisplayID": f"{DIGITS[classification]}-{row['Number']:04d}",
        "Level": 2,
        "OpeningBalance": 0,
    }


def tax_code(call: Call, row: Row, before: Row | None) -> Row:
    """A consolidated code's components are kept in MYOB itself, not in the API's contract."""
    kind = row["Type"]
    if kind == "Consolidated":
        if before is None or before["Type"] != kind:
            raise out_of_place("Type", "Consolidated tax codes are made in MYOB")
        return {**row, "_components": before["_components"], "Rate": before["Rate"]}
    if row["Rate"] < 0:
        raise out_of_place("Rate", "A negative rate is said by IsRateNegative")
    wrong = []
    for name in ("TaxCollectedAccount", "TaxPaidAccount"):
        if row["Rate"] and not row[name]:
            wrong.append(required(name))
        posted_to(call.books, row[name], name)
    if wrong:
        raise Refused(400, *wrong)
    return row


def posted_to(books: Books, uid: str | None, path: str) -> None:
    """Raises Refused for a header account: nothing is posted to it."""
    if uid is not None and books.tables["accounts"].rows[uid]["IsHeader"]:
        raise out_of_place(path, "A header account cannot be posted to")
