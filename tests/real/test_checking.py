"""Planted faults are found by the expectation that is meant to find them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.real import checking
from tests.real.checking import Verdict
from tests.real.data import Data, Wanted
from tests.real.ledgers import LEDGERS, Shown

SOLD = Wanted("invoice", "7", "Customer 1", "2011-01-05", 2, Decimal("10.00"), Decimal("2.00"))
LONG = replace(SOLD, number="8", lines=751)
THERE = Shown("invoice", "id7", "7", "Customer 1", "2011-01-05", 2, SOLD.net, SOLD.tax)
DATA = Data({"7": SOLD, "8": LONG}, frozenset({"1"}), frozenset({"A"}), {})
BOUND = {"state": "bound", "hold": "", "hold_sentence": "", "dead": False}


def lanes(**changes: Any) -> list[dict[str, Any]]:
    """What must be there at QuickBooks, which takes 750 lines; `changes` of invoice 7."""
    held = BOUND | {"state": "absent", "hold": "too-large", "hold_sentence": "Too long."}
    return [
        BOUND | {"type": "contact", "id": "1"},
        BOUND | {"type": "item", "id": "A"},
        BOUND | {"type": "invoice", "id": "7"} | changes,
        held | {"type": "invoice", "id": "8"},
    ]


def judged(found: list[dict[str, Any]], provider: str = "quickbooks_online") -> set[str]:
    verdict = Verdict()
    outcome = checking.wanted(DATA, LEDGERS[provider])
    checking.check_lanes(verdict, found, DATA, outcome)
    return set(verdict.failed)


def test_what_is_expected_fails_nothing() -> None:
    assert judged(lanes()) == set()


def test_a_hold_is_expected_only_where_the_vendor_has_the_limit() -> None:
    assert "what is held is what was expected, with that reason" in judged(lanes(), "xero")


@pytest.mark.parametrize(
    ("changes", "expectation"),
    [
        ({"dead": True}, "nothing is dead"),
        ({"hold": "rounding"}, "what is held is what was expected, with that reason"),
        ({"state": "absent"}, "everything else is bound"),
        ({"id": "9"}, "a lane for each document"),
    ],
)
def test_a_record_that_went_astray_is_named(changes: dict[str, Any], expectation: str) -> None:
    assert expectation in judged(lanes(**changes))


@pytest.mark.parametrize(
    "change",
    [{"tax": Decimal("2.01")}, {"net": Decimal("9.99")}, {"who": "Cash sales"}, {"lines": 1}],
)
def test_a_cent_is_a_difference(change: dict[str, Any]) -> None:
    assert not checking._differences({"7": THERE}, {"7": SOLD})
    assert checking._differences({"7": replace(THERE, **change)}, {"7": SOLD})


def test_sums_are_by_customer_month_and_kind() -> None:
    assert checking._sums([SOLD]) == checking._sums([THERE])
    assert checking._sums([SOLD]) != checking._sums([replace(THERE, day="2011-02-05")])


def test_one_twice_is_found() -> None:
    verdict = Verdict()
    checking._check_once(verdict, "document", ["invoice 7", "invoice 8", "invoice 7"])
    assert verdict.failed == {"no document is there twice": "invoice 7: 2"}
