"""Locations in a company that keeps none: the product is told, once."""

import json
from dataclasses import replace

from contracts.entities import TrackingChoice
from contracts.messages import Scope
from libs.connector import alerts, connections, places
from libs.connector.interface import Company, LedgerTracking
from libs.service.database import Connection
from libs.testing.builders import invoice, line
from tests.libs.connector.filed import COMPANY

EVERYWHERE = Scope()
AREA = LedgerTracking(id="area", name="Area", options={"n": "North"})
CHOICE = TrackingChoice(tracking="team", option="red")
LINES = (line("l1", location="hill"), line("l2", tracking=(CHOICE,)), line("l3"))
DOCUMENT = invoice("i1", LINES, location="quay")


async def _tell(db: Connection, company: Company, scope: Scope = EVERYWHERE) -> list[str]:
    """The words of every alert so far."""
    account = replace(await connections.account(db, "x1"), scope=scope)
    await places.tell(db, "acme", account, company, DOCUMENT)
    rows = await db.fetch("select value from journal order by seq")
    return [json.loads(row["value"])["local"] for row in rows]


async def test_each_word_is_told_once_and_again_after_the_company_kept_such_things(
    db: Connection,
) -> None:
    assert await _tell(db, COMPANY) == ["quay", "hill", "team/red"]
    assert await _tell(db, COMPANY) == ["quay", "hill", "team/red"]
    assert await alerts.broken(db, "x1") == {}, "it holds nothing"
    account = await connections.account(db, "x1")
    keeps = COMPANY.model_copy(update={"trackings": (AREA,)})
    await alerts.validate(db, "acme", account, keeps)
    assert len(await _tell(db, keeps)) == 3
    assert len(await _tell(db, COMPANY)) == 6


async def test_a_location_that_only_chooses_the_connection_is_no_news(db: Connection) -> None:
    assert await _tell(db, COMPANY, Scope(locations=("quay", "hill"))) == ["team/red"]
