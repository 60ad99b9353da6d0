"""What both sides touched, and what is gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from libs.connector.agreed import Held, Settled, Write
from libs.connector.disputes import on_decision
from libs.connector.flat import State
from libs.connector.threeway import clashes, plus
from libs.connector.threeway import merge as merged_of
from tests.libs.connector.merge_timeline import INVOICE, PRICE, QTY, Timeline, synced


def test_both_touch_a_field_and_the_loser_is_published_before_the_write() -> None:
    story = synced(policy="product")
    story.bookkeeper(memo="there")
    story.pulls()
    plan = story.puts(memo="here")
    assert isinstance(plan, Write)
    (conflict,) = story.conflicts
    assert conflict.conflicts == {"memo": ({"memo": "here"}, {"memo": "there"})}
    assert conflict.winner == "product"
    assert conflict in plan.publications
    story.write(plan)
    assert story.ledger["memo"] == "here"


def test_the_ledger_wins_and_its_value_travels_to_the_product() -> None:
    story = synced(policy="ledger")
    story.bookkeeper(memo="there")
    story.pulls()
    assert isinstance(story.puts(memo="here"), Settled)
    assert story.conflicts[-1].winner == "ledger"
    story.takes()
    assert story.product["memo"] == "there"
    assert isinstance(story.plan(), Settled)
    assert story.writes == 1


def test_the_same_value_on_both_sides_is_no_conflict() -> None:
    story = synced(policy="ask")
    story.bookkeeper(memo="oil")
    story.pulls()
    assert isinstance(story.puts(memo="oil"), Settled)
    assert story.conflicts == []


def test_ask_holds_and_the_decision_holds_for_these_values_only() -> None:
    story = synced(policy="ask")
    story.bookkeeper(memo="there", due="2024-06-01")
    story.pulls()
    held = story.puts(memo="here")
    assert isinstance(held, Held)
    question = story.agreed.held
    assert question
    assert question.winner is None
    undisputed = story.changes[-1]  # goes on meanwhile, built on the held put
    assert (undisputed.revision, undisputed.after["due"]) == (story.revision, "2024-06-01")
    told = len(story.published)
    assert isinstance(story.plan(), Held)
    assert len(story.published) == told  # asked once, told once

    story.bookkeeper(memo="elsewhere")
    story.pulls()
    story.agreed = on_decision(story.agreed, question.number, "product")
    assert isinstance(story.plan(), Held)  # the ledger's value has moved: asked again
    again = story.agreed.held
    assert again
    assert again.number > question.number
    assert on_decision(story.agreed, question.number, "product") is story.agreed

    story.agreed = on_decision(story.agreed, again.number, "product")
    story.write(story.plan())
    assert story.ledger["memo"] == "here"
    assert (story.agreed.held, story.agreed.decision) == (None, None)


def test_a_line_removed_there_and_touched_here_is_decided_whole() -> None:
    story = synced(policy="ask")
    story.bookkeeper(line=None)
    story.pulls()
    assert isinstance(story.puts(price=Decimal(12)), Held)
    held = story.agreed.held
    assert held
    assert held.conflicts == {"lines.l1": ({PRICE: Decimal(12), QTY: 2}, {})}
    story.agreed = on_decision(story.agreed, held.number, "product")
    story.write(story.plan())
    assert (story.ledger[PRICE], story.ledger[QTY]) == (Decimal("12.00"), 2)


def test_a_nested_element_is_decided_whole_inside_a_line_that_both_have() -> None:
    base: State = {"lines.a.price": 1, "lines.a.tracking.t.option": "x", "lines.a.tracking.t.n": 1}
    a = plus(base, {"lines.a.tracking.t.option": "y"})
    b: State = {"lines.a.price": 1}
    assert list(clashes(base, a, b)) == ["lines.a.tracking.t"]
    assert merged_of(base, a, b, clashes(base, a, b), "ledger") == (
        {},
        {"lines.a.tracking.t.option": None, "lines.a.tracking.t.n": None},
    )


def test_map_entries_are_fields_of_their_own() -> None:
    story = synced(policy="ask")
    story.bookkeeper(color=None)
    story.pulls()
    story.syncs(state={"attributes.plate": "AB 12"})
    assert story.ledger["attributes.plate"] == "AB 12"
    assert "attributes.color" not in story.ledger
    assert story.conflicts == []


def test_a_decided_conflict_is_published_once_however_often_the_call_is_repeated() -> None:
    story = synced(policy="product")
    story.bookkeeper(memo="there")
    story.pulls()
    story.puts(memo="here")
    story.plan()
    story.plan()
    assert len(story.conflicts) == 1


def test_a_record_deleted_there_and_put_again_is_a_conflict_and_not_created_again() -> None:
    story = synced(policy="product")
    story.ledger = {}
    story.pulls()
    assert story.changes[-1].after == {}
    plan = story.puts(memo="still here")
    assert isinstance(plan, Held)
    held = story.agreed.held
    assert held
    assert held.conflicts == {"": (story.product, {})}
    story.agreed = on_decision(story.agreed, held.number, "product")
    again = story.plan()
    assert isinstance(again, Write)
    assert (again.kind, again.recreates) == ("create", True)


def test_a_record_deleted_there_that_nobody_touched_is_deleted_in_the_product() -> None:
    story = synced()
    story.ledger = {}
    story.pulls()
    story.takes()
    assert story.product == {}
    assert isinstance(story.plan(), Settled)
    assert story.conflicts == []


def test_a_record_deleted_there_and_put_again_unchanged_is_deleted_in_the_product() -> None:
    story = synced(policy="ask")
    story.ledger = {}
    story.pulls()
    assert isinstance(story.puts(), Settled)
    assert (story.changes[-1].revision, story.changes[-1].after) == (2, {})
    assert story.conflicts == []


def test_a_record_deleted_on_both_sides_is_no_question() -> None:
    story = synced(policy="ask")
    story.ledger = {}
    story.pulls()
    story.product = {}
    assert isinstance(story.puts(), Settled)
    assert story.conflicts == []


def test_a_record_born_and_deleted_there_is_not_created_by_a_put_that_comes_late() -> None:
    story = Timeline(mute=True)
    story.ledger, story.bound = dict(INVOICE), True
    story.pulls()
    story.takes()
    story.product = {k: f"{v}!" for k, v in story.product.items()}  # nothing shows what it took
    story.ledger = {}
    story.pulls()
    assert isinstance(story.plan(), Held)


def test_a_deleted_product_record_is_deleted_there() -> None:
    story = synced()
    story.product = {}
    story.revision += 1
    plan = story.plan()
    assert isinstance(plan, Write)
    assert (plan.kind, plan.meant) == ("delete", {})


def test_a_decision_to_create_again_outlives_an_event_of_before() -> None:
    """What was decided for the product is no longer the earlier event's to give."""
    story = synced(policy="ask")
    story.bookkeeper(memo="there")
    story.pulls()
    early = story.changes[-1]
    story.ledger = {}
    story.pulls()
    story.puts(due="2024-07-01")
    held = story.agreed.held
    assert held
    number = story.agreed.number + 1
    agreed = replace(story.agreed, events={number: {"memo": "there"}}, number=number)
    story.agreed = on_decision(agreed, held.number, "product")
    story.write(story.plan())
    assert early.after["memo"] == "there"
    story.applied = number
    plan = story.puts(memo="there")
    assert isinstance(plan, Write)
    assert plan.delta == {"memo": "there"}
