"""From the wire to a row: types, lengths, required fields and references of a body."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.dates import read_moment
from services.sandbox.providers.myob.errors import (
    Refused,
    Wire,
    dead,
    required,
    too_long,
    unreadable,
)
from services.sandbox.providers.myob.fields import Field, Row, Spec
from services.sandbox.providers.myob.money import LARGEST, PRICE_PLACES, rounded

NOBODY = "00000000-0000-0000-0000-000000000000"
"""What .NET clients send for a GUID they leave out."""


@dataclass(slots=True)
class Reader:
    """Reads one body; what breaks rules is collected, so that an answer names all of it."""

    books: Books
    errors: list[Wire] = field(default_factory=list)

    def read(self, wire: Any, spec: Spec, where: str = "") -> Row:
        """Every field of the spec that is sent, absent ones at their default."""
        if not isinstance(wire, dict):
            raise unreadable(where or "The body is not an object")
        if self.books.habits.unknown_properties_fail:
            for name in wire:
                if name not in spec:
                    raise unreadable(f"There is no member '{where}{name}'")
        return {
            name: self._field(wire.get(name), one, where + name)
            for name, one in spec.items()
            if one.sent
        }

    def done(self) -> None:
        """Raises Refused when something was wrong."""
        if self.errors:
            raise Refused(400, *self.errors)

    def _field(self, value: Any, one: Field, path: str) -> Any:
        if value is None:
            if one.required:
                self.errors.append(required(path))
            if one.kind == "list":
                return []
            if one.kind == "object" and not one.required:
                return self.read({}, one.inner, path + "/")
            return one.default if one.kind not in _DECIMAL else _decimal(one.default)
        return getattr(self, _KINDS[one.kind])(value, one, path)

    def _text(self, value: Any, one: Field, path: str) -> str:
        if not isinstance(value, str):
            raise unreadable(f"{path} is not a text")
        if one.size and len(value) > one.size:
            self.errors.append(too_long(path, one.size))
        return value

    def _flag(self, value: Any, _: Field, path: str) -> bool:
        if not isinstance(value, bool):
            raise unreadable(f"{path} is not a boolean")
        return value

    def _number(self, value: Any, one: Field, path: str) -> Decimal | int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise unreadable(f"{path} is not a number")
        number = Decimal(value)
        if abs(number) > LARGEST:
            raise unreadable(f"{path} is too large")
        if one.kind != "whole":
            return rounded(number, 2 if one.kind == "amount" else PRICE_PLACES)
        if number != int(number):
            raise unreadable(f"{path} is not a whole number")
        return int(number)

    def _day(self, value: Any, _: Field, path: str) -> Any:
        try:
            return read_moment(value).date()
        except (TypeError, ValueError):
            raise unreadable(f"{path} is not a date: YYYY-MM-DDTHH:mm:ss") from None

    def _choice(self, value: Any, one: Field, path: str) -> str:
        if value not in one.choices:
            raise unreadable(f"{path} is none of {', '.join(one.choices)}")
        return str(value)

    def _guid(self, value: Any, one: Field, path: str) -> str | None:
        try:
            found = str(UUID(value)) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None:
            raise unreadable(f"{path} is not a GUID")
        if found == NOBODY:
            if one.required:
                self.errors.append(required(path))
            return None
        return found

    def _ref(self, value: Any, one: Field, path: str) -> str | None:
        if not isinstance(value, dict):
            raise unreadable(f"{path} is not a reference")
        uid = value.get("UID")
        found = None if uid is None else self._guid(uid, Field("guid"), f"{path}/UID")
        if found is None:
            if one.required:
                self.errors.append(required(f"{path}/UID"))
            return None
        if all(found not in self.books.tables[table].rows for table in one.tables):
            self.errors.append(dead(path))
        return found

    def _object(self, value: Any, one: Field, path: str) -> Row:
        return self.read(value, one.inner, path + "/")

    def _list(self, value: Any, one: Field, path: str) -> list[Row]:
        if not isinstance(value, list):
            raise unreadable(f"{path} is not a list")
        if not value and one.required:
            self.errors.append(required(path))
        return [self.read(each, one.inner, f"{path}[{at}]/") for at, each in enumerate(value)]

    def _any(self, value: Any, _: Field, __: str) -> Any:
        return value

    def _version(self, value: Any, _: Field, __: str) -> str:
        # Compared, never stored; some company files write it as a number.
        return str(value)

    def _ignored(self, _: Any, __: Field, ___: str) -> None:
        return None


_DECIMAL = frozenset({"amount", "price"})
_KINDS = {
    **dict.fromkeys(("amount", "price", "whole"), "_number"),
    **dict.fromkeys(("uri", "moment"), "_ignored"),
    **{
        kind: f"_{kind}"
        for kind in (
            *("text", "flag", "day", "choice", "guid", "ref", "object", "list", "any"),
            "version",
        )
    },
}


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
