"""From a row to the wire, and to the value of a field that a filter names."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.dates import written
from services.sandbox.providers.myob.errors import Wire
from services.sandbox.providers.myob.fields import Field, Row, Spec
from services.sandbox.providers.myob.money import trimmed
from services.sandbox.providers.myob.schema import DOCUMENTS, SUMMARIES, path_of

_encoder = msgspec.json.Encoder(decimal_format="number")


def encoded(wire: Any) -> bytes:
    """JSON; Decimals become numbers, never floats."""
    return _encoder.encode(wire)


@dataclass(frozen=True, slots=True)
class Shown:
    """How records are shown: `base` is the company file's URI, empty for `generateUris=false`."""

    books: Books
    base: str = ""

    def uri(self, table: str, row: Row) -> str | None:
        """Where a record is found."""
        return f"{self.base}/{path_of(table, row)}" if self.base else None

    def record(self, table: str, row: Row, spec: Spec) -> Wire:
        """A whole record."""
        row = {**row, "URI": self.uri(table, row)}
        shown = self.part(spec, row)
        if _hides_stamp(self.books, table):
            shown.pop("LastModified", None)
        return without_nulls(shown) if self.books.habits.omit_nulls else shown

    def part(self, spec: Spec, row: Row) -> Wire:
        """The fields of a record or of an object within one."""
        return {name: self._value(one, row, name) for name, one in spec.items()}

    def _value(self, one: Field, row: Row, name: str) -> Any:
        value = one.computed(self.books, row) if one.computed else row.get(name)
        if value is None:
            return self._address(row) if one.kind == "uri" else None
        if one.kind == "ref":
            return self.reference(value, one.tables)
        if one.kind == "object":
            return self.part(one.inner, value)
        if one.kind == "list":
            return [self.part(one.inner, each) for each in value]
        return self._plain(one, value)

    def _plain(self, one: Field, value: Any) -> Any:
        if one.kind == "version" and self.books.habits.numeric_row_versions:
            return int(value)
        if isinstance(value, Decimal):
            return trimmed(value)
        return written(value) if isinstance(value, date) else value

    def _address(self, row: Row) -> str | None:
        """Of a document that a line names by its UID."""
        target = self.books.tables[row["_table"]].rows.get(row["UID"]) if "_table" in row else None
        return self.uri(row["_table"], target) if target else None

    def reference(self, uid: str, tables: tuple[str, ...]) -> Wire | None:
        """UID, name and number of what is referred to; null when it is gone."""
        for table in tables:
            row = self.books.tables[table].rows.get(uid)
            if row is not None:
                names = {name: summary(row, name) for name in SUMMARIES[table]}
                return {"UID": uid, **names, "URI": self.uri(table, row)}
        return None


def summary(row: Row, name: str) -> Any:
    """A field of a reference; a card's name is its company's, or last and first name."""
    if name != "Name" or "IsIndividual" not in row:
        return row.get(name)
    if not row["IsIndividual"]:
        return row["CompanyName"]
    return " ".join(filter(None, (row["FirstName"], row["LastName"])))


def without_nulls(value: Any) -> Any:
    """The same with null members left out, as some company files answer."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value


STAMPED = frozenset(
    {"customers", "suppliers", "employees", "items", "accounts", "tax_codes", "categories"}
    | {"jobs", "locations", "currencies"}
)
"""Tables whose `LastModified` is shown and filters."""


def _hides_stamp(books: Books, table: str) -> bool:
    return table not in STAMPED and not books.habits.sales_last_modified


def filters(books: Books, table: str, field: str) -> bool:
    """May a filter name this field? (Which ones may is UNCONFIRMED in part.)"""
    if field == "LastModified":
        return not _hides_stamp(books, table)
    if field == "DatePosted":
        return books.habits.history_date_posted
    return field not in {"URI", "RowVersion", "Terms", "Comment"} or table not in DOCUMENTS


_TYPES = {
    **dict.fromkeys(("text", "choice"), "text"),
    **dict.fromkeys(("amount", "price", "whole"), "number"),
    **dict.fromkeys(("day", "moment"), "moment"),
    "flag": "flag",
    "guid": "guid",
}


def type_of(spec: Spec, path: list[str]) -> str | None:
    """The type of a field a filter names by its path; None when it cannot be compared."""
    one = spec.get(path[0])
    if one is None:
        return None
    if len(path) == 1:
        return _TYPES.get(one.kind)
    if one.kind == "object":
        return type_of(one.inner, path[1:])
    if one.kind != "ref" or len(path) > 2:
        return None
    known = {name for table in one.tables for name in SUMMARIES[table]}
    return "guid" if path[1] == "UID" else "text" if path[1] in known else None


def value_of(books: Books, spec: Spec, row: Row, path: list[str]) -> Any:
    """A field's value as a filter compares it."""
    one = spec[path[0]]
    value = one.computed(books, row) if one.computed else row.get(path[0])
    if value is None or len(path) == 1:
        return value
    if one.kind == "object":
        return value_of(books, one.inner, value, path[1:])
    if path[1] == "UID":
        return value
    for table in one.tables:
        target = books.tables[table].rows.get(value)
        if target is not None:
            return summary(target, path[1])
    return None
