"""Rules of customers and suppliers."""

import re

from services.sandbox.providers.myob import terms
from services.sandbox.providers.myob.call import Call
from services.sandbox.providers.myob.errors import Refused, out_of_place, required
from services.sandbox.providers.myob.fields import Row

ADDRESSES = 5
_ABN = re.compile(r"\d\d \d{3} \d{3} \d{3}")


def customer(call: Call, row: Row, _: Row | None) -> Row:
    """A card with selling details."""
    return _card(call, row, "SellingDetails")


def supplier(call: Call, row: Row, _: Row | None) -> Row:
    """A card with buying details."""
    return _card(call, row, "BuyingDetails")


def _card(call: Call, row: Row, details: str) -> Row:
    name = "LastName" if row["IsIndividual"] else "CompanyName"
    if not (row[name] or "").strip():
        raise Refused(400, required(name))
    _addresses(row["Addresses"])
    given: Row = row[details]
    if given["ABN"] and call.books.country == "AU" and not _ABN.fullmatch(given["ABN"]):
        raise out_of_place(f"{details}/ABN", "The ABN is not of the form XX XXX XXX XXX")
    given = {**given, "Terms": _terms(call, given["Terms"])}
    return {**row, details: given, "DisplayID": row["DisplayID"] or "*None"}


def _addresses(addresses: list[Row]) -> None:
    places = [one["Location"] for one in addresses]
    if len(places) > ADDRESSES or not set(places) <= set(range(1, ADDRESSES + 1)):
        raise out_of_place("Addresses/Location", "A card has addresses 1 to 5")
    if len(set(places)) < len(places):
        raise out_of_place("Addresses/Location", "A card has each address once")


def _terms(call: Call, given: Row) -> Row:
    if not terms.given(given):
        return dict(call.books.preferences["_terms"])
    return terms.checked(given)
