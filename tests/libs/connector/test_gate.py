"""What a connection takes, and what becomes of the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.entities import DocumentStatus, Entity, MoneyStatus
from contracts.messages import BatchRef, EntityDeleted, EntityPut, Scope
from contracts.values import EntityType
from libs.connector import gate
from libs.connector.agreed import Agreed
from libs.connector.connections import Account
from libs.connector.gate import Ask, Skip, Verdict
from libs.connector.lane import Facts, Lane
from libs.connector.policy import Policy
from libs.testing.builders import contact, credit_note, invoice, item, payment

START = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE, AFTER = START - timedelta(days=1), START + timedelta(days=1)
ACCOUNT = Account("x1", "t1", "company", "Company", "open", START, Scope(), Policy(), None)
NORTH = replace(ACCOUNT, scope=Scope(locations=("north",)))
LANE = Lane(
    key="x1/invoice/i1", connection="x1", type=EntityType.INVOICE, id="i1", marker="lb-1",
    generation=0, state="absent", revision=1, agreed=Agreed(), lines={}, facts=Facts(),
    ledger_number="", version="", origin=None, hold="", dead=False, skipped=False, doubt=False,
    alone=False, token=1, attempts=1, leased_until=AFTER, call=None,
)  # fmt: skip
BOUND = replace(LANE, state="bound")


def put(entity: Entity, made_at: datetime = AFTER, **fields: Any) -> EntityPut:
    return EntityPut(tenant="t1", revision=1, made_at=made_at, entity=entity, **fields)


def judge(
    event: EntityPut | EntityDeleted, lane: Lane = LANE, account: Account = ACCOUNT, *others: Scope
) -> Verdict:
    return gate.verdict(account, others, lane, event)


def reason(found: Verdict) -> str:
    assert isinstance(found, Skip), found
    assert found.sentence
    return found.reason


@pytest.mark.parametrize("entity", [invoice(), credit_note(), payment(invoice())])
def test_a_document_made_before_the_start_is_not_created(entity: Entity) -> None:
    assert reason(judge(put(entity, BEFORE))) == "before-connection"
    assert judge(put(entity, START)) == "take"


def test_the_moment_of_its_batch_decides() -> None:
    late = BatchRef(id="b1", made_at=AFTER)
    assert judge(put(invoice(), BEFORE, batch=late)) == "take"
    early = BatchRef(id="b1", made_at=BEFORE)
    assert reason(judge(put(invoice(), AFTER, batch=early))) == "before-connection"


@pytest.mark.parametrize("entity", [contact(), item()])
def test_contacts_and_items_are_as_old_as_they_like(entity: Entity) -> None:
    assert judge(put(entity, BEFORE)) == "take"


def test_what_is_bound_is_edited_however_old_it_is() -> None:
    assert judge(put(invoice(), BEFORE), BOUND) == "take"


def test_what_a_person_has_created_again_is_not_turned_away() -> None:
    assert judge(put(invoice(), BEFORE), replace(LANE, generation=1)) == "take"


# Removals

VOID = invoice(status=DocumentStatus.VOID)
DELETED = EntityDeleted(tenant="t1", type=EntityType.INVOICE, id="i1", revision=2)


@pytest.mark.parametrize("event", [put(VOID), DELETED], ids=["void", "deleted"])
def test_there_is_nothing_to_remove_where_there_is_no_record(
    event: EntityPut | EntityDeleted,
) -> None:
    assert judge(event) == "nothing"
    assert judge(event, replace(LANE, state="gone")) == "nothing"
    assert judge(event, BOUND) == "take"


@pytest.mark.parametrize("event", [put(VOID), DELETED], ids=["void", "deleted"])
def test_in_doubt_there_may_be_a_record(event: EntityPut | EntityDeleted) -> None:
    assert judge(event, replace(LANE, doubt=True)) == "take"


def test_a_void_payment_is_a_removal() -> None:
    gone = payment(invoice(), status=MoneyStatus.VOID)
    assert judge(put(gone)) == "nothing"


def test_a_removal_needs_no_scope() -> None:
    assert judge(put(invoice(status=DocumentStatus.VOID, location="south")), BOUND, NORTH) == "take"


# Scope


def test_a_scope_takes_its_own_locations_and_currencies() -> None:
    here, there = invoice(location="north"), invoice(location="south")
    assert judge(put(here), LANE, NORTH) == "take"
    assert isinstance(judge(put(there), LANE, NORTH), Ask)
    assert isinstance(judge(put(invoice()), LANE, NORTH), Ask)
    pounds = replace(ACCOUNT, scope=Scope(currencies=("GBP",)))
    assert judge(put(invoice()), LANE, pounds) == "take"
    assert isinstance(judge(put(invoice(currency="EUR")), LANE, pounds), Ask)


def test_what_another_connection_takes_is_not_asked_about() -> None:
    there = put(invoice(location="south"))
    south = Scope(locations=("south",))
    assert reason(judge(there, LANE, NORTH, south)) == "other-connection"
    assert isinstance(judge(there, LANE, NORTH, Scope(locations=("west",))), Ask)


def test_what_leaves_the_scope_where_it_is_bound_is_removed_there() -> None:
    assert judge(put(invoice(location="south")), BOUND, NORTH) == "remove"


@pytest.mark.parametrize("entity", [contact(), item(), payment(invoice())])
def test_what_has_no_location_is_in_every_scope(entity: Entity) -> None:
    assert judge(put(entity), LANE, NORTH) == "take"


# Status


def test_drafts_wait_until_they_are_far_enough() -> None:
    draft = put(invoice(status=DocumentStatus.DRAFT))
    assert reason(judge(draft)) == "draft"
    assert judge(draft, BOUND) == "take"
    early = replace(ACCOUNT, policy=Policy(push_from="draft"))
    assert judge(draft, LANE, early) == "take"
    late = replace(ACCOUNT, policy=Policy(push_from="sent"))
    assert reason(judge(put(invoice()), LANE, late)) == "draft"
    assert judge(put(invoice(status=DocumentStatus.PAID)), LANE, late) == "take"


# Direction


@pytest.mark.parametrize("way", ["none", "pull"])
def test_what_is_not_sent_is_turned_away_with_a_sentence(way: str) -> None:
    closed = replace(ACCOUNT, policy=Policy.model_validate({"directions": {"invoice": way}}))
    assert reason(judge(put(invoice()), LANE, closed)) == "not-sent"
    assert judge(put(contact()), LANE, closed) == "take"
    assert judge(put(VOID), LANE, closed) == "nothing"
    assert not gate.would_take(closed, put(invoice()))
    assert gate.would_take(ACCOUNT, put(invoice()))
