"""Totals that the ledger made something else of: held with both, until they agree."""

from dataclasses import replace
from decimal import Decimal

import pytest

from contracts.entities import Totals
from libs.connector import differing, lanes
from libs.connector.lane import Facts
from libs.service.database import Connection
from tests.libs.connector.filed import file, put


def comes_to(tax: str) -> Totals:
    amount = Decimal(tax)
    return Totals(net=Decimal(50), tax=amount, gross=50 + amount)


OURS, THEIRS = comes_to("5.00"), comes_to("4.63")


@pytest.mark.parametrize(
    ("ours", "theirs", "off"),
    [(OURS, THEIRS, OURS), (OURS, comes_to("5"), None), (None, THEIRS, None), (OURS, None, None)],
)
def test_after_a_write(ours: Totals | None, theirs: Totals | None, off: Totals | None) -> None:
    assert differing.noted(Facts(totals=theirs), ours, theirs).off == off


def test_it_ends_when_the_ledger_shows_ours_or_the_product_wants_theirs() -> None:
    facts = Facts(totals=THEIRS, off=OURS)
    assert differing.still(facts, THEIRS) == OURS
    assert differing.still(facts, OURS) is None
    assert differing.settled(facts, THEIRS).off is None
    assert differing.settled(facts, OURS).off == OURS
    assert differing.settled(Facts(totals=THEIRS), OURS).off is None, "no write was off"


async def test_the_lane_says_both(db: Connection) -> None:
    await file(db, put())
    [lane] = (await lanes.load(db, ["x1/contact/c1"])).values()
    lane.facts = Facts.load(replace(lane.facts, totals=THEIRS, off=OURS).dump())
    assert differing.fault(lane) is None, "there is no record yet"
    lane.state = "bound"
    held = differing.fault(lane)
    assert held is not None
    assert held.reason == "totals"
    assert "50 + 5.00 = 55.00 here" in held.sentence
    assert "50 + 4.63 = 54.63" in held.sentence
