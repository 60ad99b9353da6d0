"""Notes on records."""

from services.sandbox.providers.xero.call import Answer, Call, found, text
from services.sandbox.providers.xero.dates import ms_moment
from services.sandbox.providers.xero.errors import Wire, not_found
from services.sandbox.providers.xero.table import Row

NAME = "HistoryRecords"
LONGEST = 2500


def answer(call: Call, table: str, id_: str, *rest: str) -> Answer:
    """GET and PUT …/History."""
    row = found(call.books.tables[table], id_)
    notes = call.books.history.setdefault(row[call.books.tables[table].key], [])
    if rest or call.method not in {"GET", "PUT"}:
        raise not_found()
    if call.method == "GET":
        return Answer({NAME: [_view(note) for note in reversed(notes)]})
    made = [_note(call, wire) for wire in call.elements_of(NAME)]
    notes.extend(made)
    return Answer({NAME: [_view(note) for note in made]})


def _note(call: Call, wire: Wire) -> Row:
    details = (text(wire, "Details") or "")[:LONGEST]
    return {"Changes": "Note", "Details": details, "User": "", "DateUTC": call.books.clock.now()}


def _view(note: Row) -> Wire:
    return {**note, "DateUTC": ms_moment(note["DateUTC"])}
