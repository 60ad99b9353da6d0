"""Who edits what, what is written and what is published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from libs.connector.agreed import Settled, Write
from libs.connector.threeway import plus, touched
from tests.libs.connector.merge_timeline import INVOICE, PRICE, Timeline, synced


def test_a_put_creates_the_record_and_nothing_is_published() -> None:
    story = Timeline()
    plan = story.puts(state=INVOICE)
    assert isinstance(plan, Write)
    assert (plan.kind, plan.delta, plan.recreates) == ("create", INVOICE, False)
    story.write(plan)
    assert story.ledger[PRICE] == Decimal("10.13")
    assert story.published == []


def test_the_ledger_rounds_a_price_and_only_the_memo_changes_the_price_is_not_written() -> None:
    story = synced()
    plan = story.puts(memo="brakes and oil")
    assert isinstance(plan, Write)
    assert plan.delta == {"memo": "brakes and oil"}
    story.write(plan)
    assert story.ledger[PRICE] == Decimal("10.13")
    assert story.product[PRICE] == Decimal("10.125")
    assert story.published == []


def test_a_price_that_rounds_to_what_the_ledger_has_is_not_written() -> None:
    story = synced()
    assert isinstance(story.puts(price=Decimal("10.13")), Settled)
    assert isinstance(story.puts(price=Decimal("10.131")), Settled)
    assert story.published == []


def test_a_ledger_edit_not_yet_seen_and_an_update_of_another_field_both_survive() -> None:
    story = synced()
    story.bookkeeper(due="2024-06-01")
    story.pulls()  # read before the update, where the provider has no version
    story.syncs(memo="oil")
    assert (story.ledger["memo"], story.ledger["due"]) == ("oil", "2024-06-01")
    assert story.changes[-1].revision == story.revision
    story.takes()
    assert (story.product["memo"], story.product["due"]) == ("oil", "2024-06-01")
    assert isinstance(story.plan(), Settled)
    assert story.conflicts == []


def test_a_change_there_that_the_product_had_not_seen_when_it_put_the_next_revision() -> None:
    story = synced()
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    first = story.changes[-1]
    assert (first.revision, touched(first.before, first.after)) == (1, {"due": "2024-06-01"})
    story.syncs(memo="oil")  # revision 2 leaves the event, which was built on revision 1
    assert story.ledger == plus(story.agreed.theirs, {"memo": "oil", "due": "2024-06-01"})
    story.takes()
    assert story.product == plus(INVOICE, {"memo": "oil", "due": "2024-06-01"})
    assert isinstance(story.plan(), Settled)
    assert len(story.changes) == 2


def test_a_normalised_value_never_travels_back() -> None:
    story = synced()
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    assert story.changes[-1].after[PRICE] == Decimal("10.125")


def test_an_echo_is_dropped() -> None:
    story = synced()
    before = story.agreed
    story.pulls()
    story.pulls()
    assert story.agreed is before
    assert story.published == []


@pytest.mark.parametrize("mute", [False, True])
def test_n_round_trips_make_no_extra_write(mute: bool) -> None:
    story = synced(mute=mute)
    for day in range(2, 30):
        story.bookkeeper(due=f"2024-06-{day:02}", price=Decimal(day))
        story.pulls()
        story.takes()
        assert isinstance(story.plan(), Settled)
        story.pulls()
    assert story.writes == 1
    assert [c.number for c in story.changes] == list(range(1, 29))
    assert story.product == plus(INVOICE, {"due": "2024-06-29", PRICE: Decimal(29)})
    assert story.conflicts == []


def test_two_pulls_in_a_row_are_told_together() -> None:
    story = synced()
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    story.bookkeeper(color="blue")
    story.pulls()
    told = touched(story.changes[-1].before, story.changes[-1].after)
    assert told == {"due": "2024-06-01", "attributes.color": "blue"}


def test_what_the_named_event_changed_is_taken_in_and_not_its_whole_after() -> None:
    story = synced()
    story.product = plus(story.product, {"memo": "oil"})  # put as revision 2, not yet answered
    story.revision = 2
    story.puts()
    story.bookkeeper(due="2024-06-01")
    story.pulls()  # its `after` holds the product's own memo, which the ledger has not got
    assert story.changes[-1].after["memo"] == "oil"
    story.takes()
    plan = story.plan()
    assert isinstance(plan, Write)
    assert plan.delta == {"memo": "oil"}


def test_a_product_that_edits_what_it_has_just_taken_in_makes_no_conflict() -> None:
    story = synced(policy="ask")
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    story.takes()
    story.syncs(due="2024-07-01")
    assert story.ledger["due"] == "2024-07-01"
    assert story.conflicts == []


def test_a_product_that_names_nothing_has_taken_in_what_its_put_shows() -> None:
    story = synced(policy="ask", mute=True)
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    story.takes()
    story.bookkeeper(due="2024-07-01")  # while the put that shows the first change is on its way
    story.pulls()
    assert isinstance(story.plan(), Settled)
    assert story.conflicts == []
    story.takes()
    assert story.product["due"] == "2024-07-01"
