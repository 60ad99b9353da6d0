"""The vendor's own examples of answers -> records -> entities, against golden files."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from contracts.entities import Payment
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Held
from libs.connector.interface import Answer, Record, Verb
from libs.connector.states import ENTITY
from libs.testing import builders
from services.connectors.xero.mapping.lines import line_ids
from tests.services.connectors.xero import around
from tests.services.connectors.xero.around import XERO, good, invoice, write
from tests.services.connectors.xero.replay import Replay

FILES = sorted((Path(__file__).parent / "golden").glob("answer_*.json"))
PAYMENT = {
    "PaymentID": "p",
    "Date": "/Date(1788220800000+0000)/",
    "Amount": 115,
    "Reference": f"ch_77 {around.MARKER}",
    "PaymentType": "ACCRECPAYMENT",
    "Status": "AUTHORISED",
    "Account": {"Code": "090"},
    "Invoice": {"InvoiceID": "i", "Contact": {"ContactID": "c"}, "CurrencyCode": "NZD"},
}
ACCOUNTS = {"970": "a-970", "980": "a-980"}


async def listed(golden: dict[str, Any]) -> list[Record]:
    kind = EntityType(golden["kind"])
    session = Replay([golden["answer"]])
    return [r async for page in XERO.changes(session, kind, None) for r in page]


def told(record: Record) -> dict[str, Any]:
    """The record without its raw form, and the entity it is."""
    plain = {k: v for k, v in asdict(record).items() if k not in ("raw", "type")}
    entity = XERO.entity(record, around.context())
    return {
        "record": json.loads(json.dumps({k: v for k, v in plain.items() if v}, default=str)),
        "entity": json.loads(ENTITY.dump_json(entity, exclude_defaults=True)),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_an_answer_is_read_as_in_its_golden_file(file: Path) -> None:
    golden = json.loads(file.read_text())
    found = [told(record) for record in await listed(golden)]
    if os.environ.get("WRITE_GOLDEN"):
        golden["shown"] = found
        file.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
    assert found == golden["shown"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_what_was_read_is_not_changed_by_being_normalised(file: Path) -> None:
    for record in await listed(json.loads(file.read_text())):
        if record.state == "live":
            entity = XERO.entity(record, around.context(words=around.WORDS | _accounts()))
            again = XERO.normalised(entity, around.context(words=around.WORDS | _accounts()))
            # A list of credits does not say to which account the money went; a read looks it up.
            skipped = {"id", "totals"} | (
                {"method"} if not getattr(entity, "method", "-") else set()
            )
            assert again.model_dump(exclude=skipped) == entity.model_dump(exclude=skipped)


def _accounts() -> dict[tuple[str, str], str]:
    return {("payment_method", code): code for code in ACCOUNTS}


@pytest.mark.parametrize("missing", ["Contact", "DateString"])
def test_a_draft_without_contact_or_date_waits_for_its_bookkeeper(missing: str) -> None:
    raw = {
        "InvoiceID": "2693",
        "InvoiceNumber": "KP-1",
        "Status": "DRAFT",
        "DateString": "2026-09-01T00:00:00",
        "Contact": {"ContactID": "6f1d"},
    }
    del raw[missing]
    with pytest.raises(Held, match="KP-1") as held:
        XERO.entity(Record(EntityType.INVOICE, "2693", raw), around.context())
    assert held.value.reason == "incomplete"


def test_a_payment_of_nobody_is_not_guessed() -> None:
    raw = {"PaymentID": "p", "Amount": 1, "Invoice": {"InvoiceID": "i"}}
    with pytest.raises(Held, match="whose payment"):
        XERO.entity(Record(EntityType.PAYMENT, "p", raw), around.context())


def test_a_deleted_payment_is_void_and_still_read() -> None:
    removal = write(Verb.DELETE, builders.payment(invoice(), currency="NZD"))
    body = {"Payments": [{**PAYMENT, "Status": "DELETED"}]}
    (result,) = XERO.results([removal], Answer(200, {}, wire.encode(body)), around.context())
    record = good(result)
    assert (record.state, record.marker) == ("void", around.MARKER)
    shown = XERO.entity(record, around.context())
    assert isinstance(shown, Payment)
    assert (shown.status, shown.reference) == ("void", "ch_77")


def test_an_account_shown_by_its_id_alone_is_the_same_method() -> None:
    """Answers name accounts by code, by id, or by both."""
    ways = [{"Code": "090"}, {"AccountID": around.BANK}, {"Code": "090", "AccountID": around.BANK}]
    for way in ways:
        raw = {**PAYMENT, "Account": way}
        shown = XERO.entity(Record(EntityType.PAYMENT, "p", raw), around.context())
        assert isinstance(shown, Payment)
        assert shown.method == "090"


def test_lines_without_ids_are_told_apart_by_what_they_say() -> None:
    one, other = {"Description": "a", "Quantity": 1}, {"Description": "b", "Quantity": 1}
    first = line_ids([one, other, one])
    assert len(set(first)) == 3
    assert line_ids([other, one]) == [first[1], first[0]]
    assert line_ids([{"LineItemID": "820f", **one}]) == ["820f"]


@pytest.mark.parametrize(("whose", "shown"), [("contact:c1", True), ("contact:c9", False)])
def test_a_payment_that_became_anothers_is_read_like_any_change(whose: str, shown: bool) -> None:
    """Xero knows no payer: it is the payment of the invoice's own customer."""
    paid = builders.payment(invoice())
    of: dict[str, object] = PAYMENT["Invoice"]  # type: ignore[assignment]
    raw = {**PAYMENT, "Invoice": {**of, "Contact": {"ContactID": whose}}}
    answer = Answer(200, {}, wire.encode({"Payments": [raw]}))
    [record] = XERO.results([around.create(paid)], answer, around.context())
    assert isinstance(record, Record)
    assert (record.id, bool(record.raw)) == ("p", shown)
