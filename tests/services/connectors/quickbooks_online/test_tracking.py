"""Locations and dimensions: classes of lines or of documents, and locations of documents."""

import json
from typing import Any

import pytest

from contracts.entities import Invoice, Line, TrackingChoice
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping import tracking
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO, create, invoice, line, update
from tests.services.connectors.quickbooks_online.test_properties import answered

US = around.context()
PER_DOCUMENT = around.context(around.US | {tracking.PER_DOCUMENT})
DESIGN = (TrackingChoice(tracking="trade", option="design"),)


def sent(document: Invoice, context: Context = US) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(QBO.request([create(document)], context).body)
    return body


def classes(body: dict[str, Any]) -> list[str | None]:
    details = (one["SalesItemLineDetail"] for one in body["Line"])
    return [(detail.get("ClassRef") or {}).get("value") for detail in details]


def lines(*fields: dict[str, Any]) -> tuple[Line, ...]:
    return tuple(line(f"l{n}", **one) for n, one in enumerate(fields))


def held(document: Invoice, context: Context = US) -> Held:
    with pytest.raises(Held) as raised:
        QBO.check(document, context)
    return raised.value


def test_the_location_of_a_document_is_that_of_lines_without_one() -> None:
    there = invoice(lines({}, {"location": "south"}, {"tracking": DESIGN}), location="south")
    assert classes(sent(there)) == ["6", "6", "5"]
    shown = QBO.entity(answered(create(there), US), US)
    assert isinstance(shown, Invoice)
    assert [one.location for one in shown.lines] == ["south", "south", None]
    assert shown.lines[2].tracking == DESIGN


def test_a_location_that_is_no_class_is_the_documents() -> None:
    body = sent(invoice(lines({"tracking": DESIGN}, {}), location="north"))
    assert body["DepartmentRef"] == {"value": "3"}
    assert classes(body) == ["5", None]
    of_a_line = sent(invoice(lines({"location": "north"}, {})))
    assert of_a_line["DepartmentRef"] == {"value": "3"}


def test_where_classes_are_of_documents_all_lines_have_the_same() -> None:
    body = sent(invoice(lines({"location": "south"}, {})), PER_DOCUMENT)
    assert (body["ClassRef"], classes(body)) == ({"value": "6"}, [None, None])
    shown = QBO.entity(answered(create(invoice(lines({}), location="south")), PER_DOCUMENT), US)
    assert isinstance(shown, Invoice)
    assert shown.lines[0].location == "south"
    two = held(invoice(lines({"location": "south"}, {"tracking": DESIGN})), PER_DOCUMENT)
    assert two.reason == "tracking"
    assert "Design" in two.sentence


def test_a_line_has_one_class() -> None:
    assert held(invoice(lines({"location": "south", "tracking": DESIGN}))).reason == "tracking"


def test_what_is_mapped_to_nothing_is_a_question() -> None:
    """Its own name or id needs no mapping; without classes and locations there is none to ask."""
    asked = held(invoice(lines({}), location="harbour"))
    assert asked.reason == "unmapped"
    assert "Class/5 (Class: Design)" in asked.sentence
    assert classes(sent(invoice(lines({"location": "Design"})))) == ["5"]
    none = around.context(trackings=())
    assert classes(sent(invoice(lines({"location": "harbour"})), none)) == [None]
    gone = around.context(words=around.WORDS | {("tracking", "south"): "Class/77"})
    assert held(invoice(lines({}), location="south"), gone).reason == "unmapped"


def test_what_nobody_has_mapped_comes_back_in_the_vendors_ids_and_goes_out_again() -> None:
    raw = {"ClassRef": {"value": "6"}}
    bare = around.context(words={})
    placed = tracking.of_line(raw, {}, bare)
    assert placed.choices == (TrackingChoice(tracking="Class", option="6"),)
    assert classes(sent(invoice(lines({"tracking": placed.choices})))) == ["6"]


def test_a_place_that_is_taken_away_is_emptied() -> None:
    there = {"Id": "58", "SyncToken": "1", "DepartmentRef": {"value": "3"}, "Line": []}
    write = update(invoice(lines({})), "location", raw={"Invoice": there})
    body = json.loads(QBO.request([write], US).body)
    assert body["DepartmentRef"] == {"value": ""}
