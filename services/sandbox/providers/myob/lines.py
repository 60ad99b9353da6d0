"""The lines of documents: what each layout needs, and what one line comes to."""

from decimal import Decimal

from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.chart_rules import posted_to
from services.sandbox.providers.myob.errors import (
    Wire,
    error,
    invalid,
    out_of_place,
    required,
    stale,
)
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.kinds import Kind
from services.sandbox.providers.myob.money import CENT, HUNDRED, ONE, PRICE_PLACES, ZERO, rounded

MONEY = ("UnitPrice", "Total")


def lacking(call: Call, kind: Kind, layout: str, lines: list[Row]) -> list[Wire]:
    """The required fields that no line may be without."""
    wrong = [] if lines else [required("Lines")]
    for at, line in enumerate(lines):
        if line["Type"] != "Transaction":
            continue
        hybrid = call.books.habits.hybrid_lines and line["Account"] and not line["Item"]
        names = ["Account"] if layout != "Item" or hybrid else [kind.quantity, "Item"]
        wrong += [
            required(f"Lines[{at}]/{name}") for name in (*names, "TaxCode") if line[name] is None
        ]
        if line["Total"] is None and line["TotalForeign"] is None:
            wrong.append(required(f"Lines[{at}]/Total"))
    return wrong


def built(call: Call, kind: Kind, layout: str, head: Row, before: list[Row]) -> list[Row]:
    """The new set of lines: what is not sent is gone; raises Refused."""
    old = {line["RowID"]: line for line in before}
    out: list[Row] = []
    for at, sent in enumerate(head["Lines"]):
        known = known_line(sent, old, f"Lines[{at}]/")
        line = {**sent, "_amount": ZERO}
        if line["Type"] == "Transaction":
            _check(call, kind, line, f"Lines[{at}]/")
            line = _priced(call, kind, layout, head, line)
        else:
            line |= {"Total": None, "TotalForeign": None}
        if line["Type"] == "SubTotal":
            line["Total"] = _subtotal(out)
        line["RowID"] = known["RowID"] if known else call.books.row_id()
        same = known and all(known.get(key) == line[key] for key in line if key != "RowVersion")
        line["RowVersion"] = known["RowVersion"] if known and same else call.books.version()
        out.append(line)
    return out


def known_line(line: Row, old: dict[int, Row], path: str) -> Row | None:
    """The line that a RowID names; its RowVersion must be current."""
    if not line["RowID"]:
        return None
    known = old.get(line["RowID"])
    if known is None:
        raise invalid("NotFound", f"{path}RowID was not found", 150, f"{path}RowID")
    if line["RowVersion"] != known["RowVersion"]:
        raise stale(f"{path}RowVersion")
    return known


def _subtotal(lines: list[Row]) -> Decimal:
    total = ZERO
    for line in reversed(lines):
        if line["Type"] == "SubTotal":
            break
        total += line["_amount"]
    return total


def _check(call: Call, kind: Kind, line: Row, path: str) -> None:
    books = call.books
    posted_to(books, line["Account"], f"{path}Account")
    if line["Job"] is not None and books.tables["jobs"].rows[line["Job"]]["IsHeader"]:
        raise invalid("Line_JobHeaderNotAllowed", "A header job is not allowed", None, f"{path}Job")
    if line["Job"] is None and books.habits.jobs_required:
        raise invalid("JobId", "A job is required", 4245, f"{path}Job")
    if line.get("Item") is not None:
        item = books.tables["items"].rows[line["Item"]]
        if not item["IsSold" if kind.sales else "IsBought"]:
            raise out_of_place(f"{path}Item", "The item is not sold or bought this way")


def _priced(call: Call, kind: Kind, layout: str, head: Row, line: Row) -> Row:
    """Total, unit price and their foreign twins; they must agree to the cent."""
    rate, foreign = head["_rate"], head["_foreign"]
    suffix = "Foreign" if foreign else ""
    sent, price = line["Total" + suffix], line["UnitPrice" + suffix]
    if foreign:
        sent = rounded(line["Total"] / rate) if sent is None else sent
        if line["Total"] is not None and abs(line["Total"] - rounded(sent * rate)) > CENT:
            raise out_of_place("Lines/Total", "Total is not TotalForeign at the exchange rate")
    quantity = line[kind.quantity if layout == "Item" and line["Item"] else "UnitCount"]
    share = ONE - line["DiscountPercent"] / HUNDRED
    if price is not None and quantity is not None:
        sent = _agreed(call, sent, rounded(quantity * price * share))
    elif quantity and share:
        price = rounded(sent / quantity / share, PRICE_PLACES)
    shown = {"_amount": sent, "Total": rounded(sent * rate)}
    shown["UnitPrice"] = None if price is None else rounded(price * rate, PRICE_PLACES)
    if foreign:
        shown |= {"TotalForeign": sent, "UnitPriceForeign": price}
    else:
        shown |= {"TotalForeign": None, "UnitPriceForeign": None}
    return {**line, **shown}


def _agreed(call: Call, sent: Decimal, expected: Decimal) -> Decimal:
    """What the vendor makes of a mismatch is UNCONFIRMED."""
    habit = call.books.habits.total_mismatch
    if habit == "compute":
        return expected
    if habit == "refuse" and abs(sent - expected) > CENT:
        raise out_of_place(
            "Lines/Total", f"Total {sent} is not quantity x price less discount: {expected}"
        )
    return sent


def credit_hold(call: Call, card: Row, total: Decimal) -> None:
    """A customer on hold cannot go over the credit limit."""
    credit = card["SellingDetails"]["Credit"]
    over = call.books.owed(card["UID"]) + total > credit["Limit"]
    if credit["OnHold"] and over and total > 0:
        raise invalid("CardId", "The customer is on hold and over the credit limit")


def tracked(call: Call, row: Row) -> None:
    """Categories as the company's preferences ask; raises Refused 4227."""
    mode = call.books.preferences["System"]["CategoryTracking"]
    if mode == "OnAndRequired" and row["Category"] is None:
        raise invalid("CategoryId", "A category is required", 4227, "Category")
    if mode == "Off" and row["Category"] is not None:
        # UNCONFIRMED: what a file without tracking does with a category.
        raise invalid("CategoryId", "Category tracking is off", 4227, "Category")


def warned_duplicate(call: Call, number: str) -> Wire | None:
    """A number that is taken: refused, warned of or let through (UNCONFIRMED)."""
    habit = call.books.habits.duplicate_numbers
    text = f"Number '{number}' already exists"
    if habit == "warn":
        call.warn("DuplicateIdentifier", text)
    return error("DuplicateIdentifier", text, None, "Number") if habit == "refuse" else None
