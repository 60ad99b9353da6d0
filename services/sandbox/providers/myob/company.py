"""The company file itself and its preferences."""

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Answer, Call
from services.sandbox.providers.myob.dates import written
from services.sandbox.providers.myob.errors import Wire, not_allowed

BROWSER, BOTH = 2, 3
"""UIAccessFlags: the browser product, AccountRight with browser access."""


def file(books: Books, base: str) -> Wire:
    """A `CompanyFile`."""
    return {
        "Id": books.id,
        "Name": books.name,
        "LibraryPath": books.name,
        "ProductVersion": "2026.4",
        "ProductLevel": {"Code": 30, "Name": "Plus"},
        "CheckedOutDate": None,
        "CheckedOutBy": None,
        "Uri": base,
        "Country": books.country,
        "LauncherId": None,
        "SerialNumber": None,
        "UIAccessFlags": BROWSER if books.habits.essentials else BOTH,
    }


def root(call: Call, resources: list[str]) -> Answer:
    """GET /accountright/{businessId}/."""
    if call.method != "GET":
        raise not_allowed(call.method)
    paths = [f"{call.base}/{path}" for path in resources]
    return Answer({"CompanyFile": file(call.books, call.base), "Resources": paths})


def preferences(call: Call) -> Answer:
    """GET /Company/Preferences."""
    if call.method != "GET":
        raise not_allowed(call.method)
    return Answer(shown(call.books))


def shown(books: Books) -> Wire:
    """The preferences as the API shows them."""
    system, terms = dict(books.preferences["System"]), books.preferences["_terms"]
    lock = system["LockPeriodPriorTo"]
    system["LockPeriodPriorTo"] = written(lock) if lock else None
    return {
        "System": system,
        "ReportsAndForms": {},
        "Banking": {},
        "Sales": {"Terms": terms},
        "Purchases": {"Terms": terms},
        "Timesheets": {},
        "URI": None,
        "RowVersion": "0",
    }
