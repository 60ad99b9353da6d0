"""Locations and choices of a line as tracking options, and back."""

from typing import Any

import pytest

from libs.connector.errors import Held
from services.connectors.xero.mapping.tracking import tracking_from, tracking_to
from tests.services.connectors.xero import around
from tests.services.connectors.xero.around import line

CONTEXT = around.context()


def options(header: str | None = None, **fields: Any) -> list[str]:
    chosen = tracking_to(line("l1", **fields), header, CONTEXT)
    return [one["TrackingOptionID"] for one in chosen]


def choice(tracking: str, option: str) -> dict[str, str]:
    return {"tracking": tracking, "option": option}


def test_the_documents_location_is_that_of_lines_without_one() -> None:
    assert options("harbour") == ["north"]
    assert options("harbour", location="hill") == ["s"]
    assert options("harbour", tracking=(choice("kind", "shop"),)) == ["north", "retail"]
    assert options("harbour", tracking=(choice("region", "s"),)) == ["s"]
    assert options() == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"location": "nowhere"}, "unmapped"),
        ({"location": "harbour", "tracking": (choice("region", "s"),)}, "tracking"),
    ],
)
def test_what_xero_cannot_say_is_a_question(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Held) as held:
        options(**fields)
    assert held.value.reason == reason
    assert "ledgerbridge map tracking" in held.value.action


def test_a_company_without_categories_is_asked_nothing() -> None:
    none = around.context(trackings=())
    assert tracking_to(line("l1", location="nowhere"), "harbour", none) == []


def test_what_is_mapped_comes_back_in_our_words_and_the_rest_in_xeros_ids() -> None:
    shown = [{"Name": "Region", "Option": "South"}, {"TrackingOptionID": "retail"}]
    placed = tracking_from({"Tracking": shown}, CONTEXT)
    assert placed.location == "hill"
    assert [one.model_dump() for one in placed.choices] == [choice("kind", "shop")]
    plain = around.context(words={})
    known = tracking_from({"Tracking": shown}, plain)
    assert (known.location, len(known.choices)) == (None, 2)
    assert known.choices[0].model_dump() == choice("region", "s")
