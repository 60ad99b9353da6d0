"""What every resource does alike: list, read, POST, PUT with RowVersion, DELETE."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.sandbox.providers.myob.call import Answer, Call, Handler, found
from services.sandbox.providers.myob.errors import (
    Refused,
    Wire,
    missing,
    not_allowed,
    not_yours_to_choose,
    required,
    stale,
)
from services.sandbox.providers.myob.fields import Row, Spec
from services.sandbox.providers.myob.listing import listed
from services.sandbox.providers.myob.reading import NOBODY

Create = Callable[[Call, Wire], Row]
Update = Callable[[Call, Row, Wire], Row]
Delete = Callable[[Call, Row], None]


@dataclass(frozen=True, slots=True)
class Resource:
    """One path of the API: its table, its fields, and which methods it takes."""

    table: str
    spec: Spec
    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None
    keep: Callable[[Row], bool] | None = None
    single: bool = True
    """Records are read below this path."""
    render: Callable[[Call, Row], Answer] | None = None
    """Another form of one record, when it is asked for."""
    sub: dict[tuple[str, str], Handler] = field(default_factory=dict)
    calls: dict[tuple[str, str], Handler] = field(default_factory=dict)

    def answer(self, call: Call, rest: list[str]) -> Answer:
        """The call, `rest` being what follows the resource in its path."""
        if not rest:
            return self._collection(call)
        if handler := self.calls.get((call.method, rest[0])):
            return handler(call)
        if not self.single:
            raise missing()
        row = found(call, self.table, rest[0])
        if self.keep is not None and not self.keep(row):
            raise missing()
        if len(rest) == 1:
            return self._record(call, row)
        handler = self.sub.get((call.method, rest[1]))
        if handler is None:
            raise missing()
        return handler(call, row, *rest[2:])

    def shown(self, call: Call, row: Row) -> Wire:
        """A record as it is answered."""
        return call.shown.record(self.table, row, self.spec)

    def _collection(self, call: Call) -> Answer:
        if call.method == "POST" and self.create is not None:
            refuse_identity(call.body())
            row = self.create(call, call.body())
            return self._written(call, row, 201)
        if call.method != "GET":
            raise not_allowed(call.method)
        rows, frame = listed(call, self.table, self.spec, self.keep)
        return Answer({"Items": [self.shown(call, row) for row in rows], **frame})

    def _record(self, call: Call, row: Row) -> Answer:
        if call.method == "GET":
            if self.render is not None and _asks_pdf(call):
                return self.render(call, row)
            return Answer(self.shown(call, row))
        if call.method == "PUT" and self.update is not None:
            check_version(call.body(), row)
            return self._written(call, self.update(call, row, call.body()), 200)
        if call.method == "DELETE" and self.delete is not None:
            self.delete(call, row)
            return Answer()
        raise not_allowed(call.method)

    def _written(self, call: Call, row: Row, status: int) -> Answer:
        """With `returnBody=true` the entity; else only where it is."""
        shown = self.shown(call, row) if call.flag("returnBody") else None
        base = call.shown.base or call.base
        path = call.address.removeprefix(call.base).strip("/")
        where = f"{base}/{path}" if status == 200 else f"{base}/{path}/{row['UID']}"
        return Answer(shown, status, location=where)


def _asks_pdf(call: Call) -> bool:
    return "application/pdf" in call.accept or call.query.get("format") == "pdf"


def refuse_identity(wire: Wire) -> None:
    """POST must not carry UID, RowID or RowVersion; .NET's empty values count as absent."""
    for name in ("UID", "RowVersion"):
        if wire.get(name) not in (None, NOBODY, ""):
            raise not_yours_to_choose(name)
    lines = wire.get("Lines")
    for line in lines if isinstance(lines, list) else []:
        for name in ("RowID", "RowVersion"):
            if isinstance(line, dict) and line.get(name) not in (None, 0, ""):
                raise not_yours_to_choose(f"Lines/{name}")


def check_version(wire: Wire, row: Row) -> None:
    """PUT needs the UID and the current RowVersion."""
    if wire.get("UID") in (None, NOBODY):
        raise Refused(400, required("UID"))
    if str(wire["UID"]).lower() != row["UID"] or str(wire.get("RowVersion")) != row["RowVersion"]:
        raise stale("RowVersion")
