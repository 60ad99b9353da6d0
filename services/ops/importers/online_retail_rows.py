"""The lines of the Online Retail CSV, each checked on its own."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from contracts.values import CONTROL
from services.ops.importers.refused import Refused, UnknownFormat

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


class Row(NamedTuple):
    """A line of the file; `customer` is empty for anonymous sales."""

    invoice: str
    item: str
    description: str
    quantity: Decimal
    day: date
    price: Decimal
    customer: str
    country: str


class Spoilt(NamedTuple):
    """A line that cannot be read, and the invoice it spoils."""

    invoice: str
    refused: Refused


def rows(lines: Iterable[str], day: date | None = None) -> Iterator[Row | Spoilt]:
    """The lines of `day`, or all; raises UnknownFormat where the header lacks a column."""
    reader = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise UnknownFormat(f"not the Online Retail file: its header has no {', '.join(missing)}")
    for record in reader:
        if day is None or _may_be_of(day, record["InvoiceDate"] or ""):
            yield _row(f"line {reader.line_num}", record)


def _may_be_of(day: date, moment: str) -> bool:
    """Also true of what is no date at all, so that it is told rather than skipped."""
    return moment[:10] == day.isoformat() or moment[4:5] != "-"


def _row(where: str, record: dict[str, str]) -> Row | Spoilt:
    invoice = (record["InvoiceNo"] or "").strip()
    for column in COLUMNS:
        if record[column] is None or (column == "InvoiceNo" and not invoice):
            return Spoilt(invoice, Refused(where, column, "is missing"))
        if CONTROL.search(record[column]):
            return Spoilt(invoice, Refused(where, column, "contains a control character"))
    return _checked(where, invoice, record)


def _checked(where: str, invoice: str, record: dict[str, str]) -> Row | Spoilt:
    column = ""
    try:
        column = "Quantity"
        quantity = _number(record[column])
        column = "UnitPrice"
        price = _number(record[column])
        column = "InvoiceDate"
        moment = datetime.fromisoformat(record[column])
    except ValueError:
        sentence = f"{record[column]!r} cannot be read; invoice {invoice} is left out"
        return Spoilt(invoice, Refused(where, column, sentence))
    return Row(
        invoice,
        record["StockCode"].strip().upper(),
        record["Description"].strip(),
        quantity,
        moment.date(),
        price,
        record["CustomerID"].strip().removesuffix(".0"),
        record["Country"].strip(),
    )


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number
