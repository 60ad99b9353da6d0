"""A date never moves: whatever zone the company keeps, and whatever zone this process runs in."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.entities import Entity, Invoice, Payment
from libs.connector.interface import Context, Record
from libs.connector.states import state_of
from libs.testing import builders
from tests.services.connectors.myob import around as myob
from tests.services.connectors.myob import echo as myob_echo
from tests.services.connectors.quickbooks_online import around as quickbooks
from tests.services.connectors.quickbooks_online import echo as quickbooks_echo
from tests.services.connectors.xero import around as xero
from tests.services.connectors.xero import echo as xero_echo

ZONES = (
    "Pacific/Kiritimati",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
    "Europe/London",
    "America/St_Johns",
    "America/Los_Angeles",
    "Pacific/Pago_Pago",
)
OFFSETS = ("+14:00", "+12:45", "+05:30", "Z", "", "-03:30", "-08:00", "-11:00")
SIDES: Mapping[str, tuple[ModuleType, ModuleType, Any]] = {
    "xero": (xero, xero_echo, xero.XERO),
    "quickbooks_online": (quickbooks, quickbooks_echo, quickbooks.QBO),
    "myob": (myob, myob_echo, myob.MYOB),
}
DATES = ("issue_date", "due_date", "date")
days = st.dates(date(2019, 12, 28), date(2033, 1, 4))
zones = st.sampled_from(ZONES)


@contextmanager
def living_in(zone: str) -> Iterator[None]:
    """This process' own zone."""
    former = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if former is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = former
        time.tzset()


def entities(day: date, term: int, currency: str) -> tuple[Invoice, Payment]:
    """An invoice due so many days later, and its payment."""
    fields: dict[str, Any] = {"issue_date": day, "due_date": day + timedelta(days=term)}
    sold = builders.invoice(currency=currency, **fields)
    return sold, builders.payment(sold)


def stored(provider: str, entity: Entity, context: Context) -> Record:
    """The record that the vendor answers with."""
    around, echo, connector = SIDES[provider]
    write = around.create(entity)
    request = connector.request([write], context)
    (found,) = connector.results([write], echo.answer(request), context)
    assert isinstance(found, Record), found
    return found


def dates(entity: Entity) -> dict[str, Any]:
    return {name: value for name, value in state_of(entity).items() if name in DATES}


def respelled(value: Any, spell: Callable[[str, Any], Any]) -> Any:
    """The wire form with every field as `spell` has it; None: without the field."""
    if isinstance(value, Mapping):
        pairs = ((name, spell(name, respelled(one, spell))) for name, one in value.items())
        return {name: one for name, one in pairs if one is not None}
    return [respelled(one, spell) for one in value] if isinstance(value, list) else value


def other_spelling(provider: str, offset: str) -> Callable[[str, Any], Any]:
    """The same dates as the vendor spells them elsewhere: milliseconds alone, with a zone behind
    the day, with fractions of a second."""

    def spell(name: str, value: Any) -> Any:
        if provider == "xero":
            return None if name in ("DateString", "DueDateString") else value
        if provider == "myob" and name in ("Date", "DueDate"):
            return f"{value[:19]}.000"
        if provider == "quickbooks_online" and name in ("TxnDate", "DueDate"):
            return f"{value}{offset}"
        return value

    return spell


@pytest.mark.parametrize("provider", SIDES)
@settings(max_examples=120, deadline=None)
@given(day=days, term=st.integers(0, 400), zone=zones, own=zones, offset=st.sampled_from(OFFSETS))
def test_a_date_is_the_same_there_and_back(
    provider: str, day: date, term: int, zone: str, own: str, offset: str
) -> None:
    around, _, connector = SIDES[provider]
    context = around.context(time_zone=zone)
    with living_in(own):
        for entity in entities(day, term, context.company.currency):
            record = stored(provider, entity, context)
            assert dates(connector.normalised(entity, context)) == dates(entity)
            assert dates(connector.entity(record, context)) == dates(entity)
            spelt = respelled(record.raw, other_spelling(provider, offset))
            again = connector.entity(replace(record, raw=spelt), context)
            assert dates(again) == dates(entity)
