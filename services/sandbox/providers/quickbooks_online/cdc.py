"""Change data capture: full objects and deletes of the last 30 days."""

from datetime import timedelta

from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.dates import read_moment
from services.sandbox.providers.quickbooks_online.errors import Wire, bad_query, bad_value, required
from services.sandbox.providers.quickbooks_online.kinds import BY_PATH
from services.sandbox.providers.quickbooks_online.rendering import shown

LOOK_BACK = timedelta(days=30)
LARGEST = 1000
EXCLUDED = frozenset({"taxcode", "taxrate", "taxagency", "timeactivity", "journalcode"})
"""Per third parties; the list is UNCONFIRMED."""


def answer(call: Call, entities: str, since: str) -> Wire:
    """One QueryResponse per asked entity in order, `{}` for none; at most 1000 objects in all."""
    if not entities:
        raise required("entities")
    if not since:
        raise required("changedSince")
    moment = read_moment(since)
    if moment is None:
        raise bad_value("changedSince", "Date", since)
    if call.books.clock.now() - moment > LOOK_BACK:
        # Code and text are UNCONFIRMED, the limit is not.
        raise bad_query("4002", "changedSince must be within the last 30 days")
    left = LARGEST
    found = []
    for name in entities.split(","):
        kind = BY_PATH.get(name.strip().lower())
        if kind is None or kind.name.lower() in EXCLUDED:
            raise bad_query("4001", f"{name.strip()} is not supported by change data capture")
        # Times are told to the second, so that is how they are compared.
        changed = call.books.tables[kind.name].changed(moment.replace(microsecond=0))
        objects = [
            shown(call.books, kind, row) for row, _ in zip(changed, range(left), strict=False)
        ]
        left -= len(objects)
        count = len(objects)
        place = {"startPosition": 1, "maxResults": count, "totalCount": count}
        found.append({kind.name: objects, **place} if objects else {})
    return {"CDCResponse": [{"QueryResponse": found}]}
