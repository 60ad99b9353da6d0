"""References that carry our marker, however people edit them; codes, dates and rates."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import EntityType
from libs.connector.lane import marker_of
from services.connectors.xero.mapping.contacts import contact_number
from services.connectors.xero.mapping.items import item_code
from services.connectors.xero.mapping.wire import (
    MARKER_LENGTH,
    REFERENCE_LENGTH,
    currency_rate,
    day,
    home_rate,
    marked,
    moment,
    reference,
    rounded,
    unmarked,
)
from tests.services.connectors.xero.around import MARKER

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300)


def test_a_marker_of_the_kernel_is_recognised() -> None:
    marker = marker_of("connection-1", EntityType.INVOICE, "i1", 0)
    assert len(marker) == MARKER_LENGTH
    assert unmarked(marked("job 77", marker)) == ("job 77", marker)


@pytest.mark.parametrize(
    ("edited", "people", "marker"),
    [
        (f"job 77 {MARKER}", "job 77", MARKER),
        (f"job 78, urgent {MARKER}", "job 78, urgent", MARKER),
        (f"{MARKER} moved to the front", "moved to the front", MARKER),
        (f"before {MARKER} after", "before after", MARKER),
        (f"job 77 {MARKER}.", "job 77 .", MARKER),
        (f"job 77 {MARKER.upper()}", "job 77", MARKER),
        (f"job 77\n{MARKER}", "job 77", MARKER),
        (f"lb-zzzzzzzzzzzzzzzz copy of it {MARKER}", "copy of it", MARKER),
        (MARKER, "", MARKER),
        ("job 77", "job 77", ""),
        ("", "", ""),
        (f"job 77 {MARKER}x", f"job 77 {MARKER}x", ""),
        (f"job 77 x{MARKER}", f"job 77 x{MARKER}", ""),
        ("job 77 lb-tooshort", "job 77 lb-tooshort", ""),
    ],
)
def test_the_marker_is_found_in_an_edited_reference(edited: str, people: str, marker: str) -> None:
    assert unmarked(edited) == (people, marker)


@given(TEXT)
def test_a_reference_fits_can_be_searched_and_comes_back(text: str) -> None:
    sent = marked(text, MARKER)
    assert len(sent) <= REFERENCE_LENGTH
    assert not {'"', "\\", "\n"} & set(sent)
    assert unmarked(sent) == (reference(text), MARKER)
    assert reference(reference(text)) == reference(text)


@given(TEXT)
def test_the_marker_takes_its_room_whether_it_is_there_or_not(text: str) -> None:
    assert unmarked(marked(text, "")) == (unmarked(marked(text, MARKER))[0], "")


def test_quotes_and_inches_stay_readable() -> None:
    assert reference('6" pipe, "as agreed"') == "6'' pipe, ''as agreed''"


@given(st.text(min_size=1, max_size=60))
def test_a_code_fits_and_stays_what_it_is(code: str) -> None:
    assert len(item_code(code)) <= 30
    assert item_code(item_code(code)) == item_code(code)


def test_codes_that_differ_behind_the_thirtieth_character_stay_different() -> None:
    one, other = "X" * 39 + "1", "X" * 39 + "2"
    assert len(item_code(one)) == 30
    assert item_code(one) != item_code(other)


def test_the_contact_number_shows_our_id_where_there_is_room() -> None:
    assert contact_number("c-1001", MARKER) == f"c-1001 {MARKER}"
    assert contact_number("c" * 31, MARKER) == MARKER
    assert contact_number('c"1', MARKER) == contact_number("c\\1", MARKER) == MARKER


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"Date": "/Date(1788220800000+0000)/"}, date(2026, 9, 1)),
        ({"Date": "/Date(1788220800000)/"}, date(2026, 9, 1)),
        ({"Date": "/Date(1788134400000+1300)/"}, date(2026, 8, 31)),
        ({"DateString": "2026-08-31T00:00:00", "Date": "/Date(0)/"}, date(2026, 8, 31)),
        ({"DateString": "2018-10-10 00:00:00"}, date(2018, 10, 10)),
        ({"Date": "2026-02-28T23:59:59+13:00"}, date(2026, 2, 28)),
        ({"Date": "/Date(-86400000+0000)/"}, date(1969, 12, 31)),
        ({"Date": ""}, None),
        ({}, None),
    ],
)
def test_a_date_is_the_calendar_date_whatever_the_zone(
    raw: dict[str, str], expected: date | None
) -> None:
    assert day(raw, "Date") == expected


def test_moments_are_utc() -> None:
    assert moment("/Date(1788220800100+0000)/") == datetime(2026, 9, 1, 0, 0, 0, 100_000, UTC)
    seven_digits = moment("2026-05-02T01:10:11.5165400")
    assert seven_digits == datetime(2026, 5, 2, 1, 10, 11, 516_540, UTC)


def test_a_rate_is_turned_over() -> None:
    """A US dollar is 1.6 New Zealand dollars: Xero says 0.625 US dollars to one of them."""
    assert currency_rate(Decimal("1.6")) == Decimal("0.625")
    assert home_rate(Decimal("0.625")) == Decimal("1.6")
    assert currency_rate(None) is None
    assert home_rate(Decimal(0)) is None


@given(st.decimals(min_value=Decimal("0.00004"), max_value=Decimal(90_000), places=12))
def test_a_rate_that_came_from_xero_goes_back_as_it_was(home: Decimal) -> None:
    sent = currency_rate(home)
    assert sent is not None
    assert sent == rounded(sent, 6)
    shown = home_rate(sent)
    assert home_rate(currency_rate(shown)) == shown
