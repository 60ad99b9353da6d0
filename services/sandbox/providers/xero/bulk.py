"""Bulk calls: an outcome per element, or everything or nothing (dossier section 3)."""

from collections.abc import Callable
from dataclasses import dataclass

from services.sandbox.providers.xero.call import Answer, Call
from services.sandbox.providers.xero.errors import Invalid, Wire, validation
from services.sandbox.providers.xero.table import Row

Write = Callable[[Call, Wire], Row]
Render = Callable[[Call, Row], Wire]
Echo = Callable[[Wire], Wire]


@dataclass(frozen=True, slots=True)
class Bulk:
    """How one resource is written, shown, and echoed when it is refused."""

    name: str
    write: Write
    render: Render
    echo: Echo
    errors_key: str | None = "HasErrors"
    status_key: bool = True

    def failed(self, call: Call, wire: Wire, error: Invalid) -> Wire:
        """The element as it was sent, with what is wrong with it."""
        out = self.echo(wire)
        if self.errors_key:
            out[self.errors_key] = True
        if self.status_key and call.separate:
            out["StatusAttributeString"] = "ERROR"
        out["ValidationErrors"] = [{"Message": message} for message in error.messages]
        return out

    def done(self, call: Call, row: Row) -> Wire:
        """The record as stored; its outcome too when elements were to be judged apart."""
        out = self.render(call, row)
        if self.status_key and call.separate:
            out["StatusAttributeString"] = "OK"
        return out


def run(call: Call, bulk: Bulk, elements: list[Wire], write: Write | None = None) -> Answer:
    """Write every element in order; raises Refused (400) when a summarized call has a bad one."""
    outcomes: list[tuple[Row | None, Wire]] = []
    for wire in elements[: call.stop_after]:
        before = call.books.savepoint()
        try:
            outcomes.append(((write or bulk.write)(call, wire), {}))
        except Invalid as error:
            call.books.rollback(before)
            outcomes.append((None, bulk.failed(call, wire, error)))
    failures = [failure for row, failure in outcomes if row is None]
    if failures and not call.separate:
        # Whoever handles the call rolls it back as a whole.
        raise validation(failures)
    shown = [failure if row is None else bulk.done(call, row) for row, failure in outcomes]
    return Answer({bulk.name: shown})
