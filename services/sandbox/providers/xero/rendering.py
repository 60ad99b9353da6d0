"""Bytes on the wire: the envelope, JSON numbers from Decimal, records' common parts."""

from datetime import date
from typing import Any

import msgspec

from services.sandbox.providers.xero.books import Books, new_id
from services.sandbox.providers.xero.dates import iso_date, ms_date, ms_envelope, ms_moment
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.money import trimmed
from services.sandbox.providers.xero.table import Row

PROVIDER_NAME = "sandbox"
_encoder = msgspec.json.Encoder(decimal_format="number")


def encoded(wire: Any) -> bytes:
    """JSON; Decimals become numbers, never floats."""
    return _encoder.encode(wire)


def envelope(books: Books, body: Wire) -> Wire:
    """The frame of every answer of the Accounting API."""
    return {
        "Id": new_id(),
        "Status": "OK",
        "ProviderName": PROVIDER_NAME,
        "DateTimeUTC": ms_envelope(books.clock.now()),
        **body,
    }


def kept(row: Row, *keys: str) -> Wire:
    """These fields, where they have a value: Xero leaves null fields out."""
    return {key: value for key in keys if (value := row.get(key)) is not None}


def dated(key: str, day: date | None) -> Wire:
    """A date and its `…String` twin; nothing when there is no date."""
    return {} if day is None else {f"{key}String": iso_date(day), key: ms_date(day)}


def only_date(key: str, day: date | None) -> Wire:
    """A date without a twin."""
    return {} if day is None else {key: ms_date(day)}


def updated(row: Row) -> Wire:
    """`UpdatedDateUTC`."""
    return {"UpdatedDateUTC": ms_moment(row["UpdatedDateUTC"])}


def amounts(row: Row) -> Wire:
    """A document's totals."""
    return {key: trimmed(row[key]) for key in ("SubTotal", "TotalTax", "Total")}
