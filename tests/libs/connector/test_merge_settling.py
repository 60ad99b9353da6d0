"""What a call leaves behind: answered, refused, unknown; and what is kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from libs.connector import merge
from libs.connector.agreed import Agreed, Put, Write
from libs.connector.flat import KEYS, State, unflatten
from libs.connector.threeway import plus, touched, update_happened
from tests.libs.connector.merge_timeline import INVOICE, Timeline, synced


def test_what_else_the_answer_shows_is_pulled() -> None:
    story = Timeline()
    plan = story.puts(state=INVOICE)
    assert isinstance(plan, Write)
    shown = plus(plan.meant, {"number": "INV-7"})
    put = Put(1, INVOICE, 0)
    story.keep(
        *merge.on_settled(story.agreed, put, plan.merged, plan.won, shown, plan.meant, full=True)
    )
    assert touched(story.changes[0].before, story.changes[0].after) == {"number": "INV-7"}
    assert story.agreed.theirs == shown


@pytest.mark.parametrize(("full", "events"), [(True, 0), (False, 1)])
def test_only_a_full_answer_says_how_the_ledger_spells_what_was_sent(
    full: bool, events: int
) -> None:
    story = synced()
    plan = story.puts(memo="oil")
    assert isinstance(plan, Write)
    shown = plus(plan.meant, {"memo": "OIL"})  # the ledger's spelling, or somebody's later edit
    put = Put(2, story.product, 0)
    story.keep(
        *merge.on_settled(story.agreed, put, plan.merged, plan.won, shown, plan.meant, full=full)
    )
    assert len(story.changes) == events


def test_a_refused_put_is_answered_with_what_it_did_not_know() -> None:
    story = synced()
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    plan = story.puts(memo="refused")
    assert isinstance(plan, Write)
    put = Put(story.revision, story.product, 0)
    story.keep(*merge.on_refused(story.agreed, put, plan.merged))
    last = story.changes[-1]
    assert (last.revision, last.after["due"], last.after["memo"]) == (2, "2024-06-01", "refused")


def test_a_change_after_a_dead_put_is_built_on_the_dead_put() -> None:
    story = synced()
    plan = story.puts(memo="refused")
    assert isinstance(plan, Write)
    story.bookkeeper(due="2024-06-01")
    story.pulls()
    assert (story.changes[-1].revision, story.changes[-1].before["memo"]) == (2, "refused")


def test_a_line_put_in_the_middle_is_written_in_its_place() -> None:
    story = Timeline()
    first: State = {"lines.a.price": Decimal(1), "lines.b.price": Decimal(2)}
    story.syncs(state=first)
    story.product = {"lines.a.price": Decimal(1), "lines.x.price": Decimal(9)} | first
    story.revision += 1
    plan = story.plan()
    assert isinstance(plan, Write)
    assert plan.delta == {"lines.x.price": Decimal(9)}
    assert [line["id"] for line in unflatten(plan.meant, KEYS)["lines"]] == ["a", "x", "b"]


BEFORE: State = {"memo": "old", "due": "1", "status": "approved"}


@pytest.mark.parametrize(
    ("delta", "shown", "happened"),
    [
        ({"memo": "new"}, {"memo": "new", "due": "1"}, True),
        ({"memo": "new"}, {"memo": "old", "due": "1"}, False),
        ({"memo": "new", "due": "2"}, {"memo": "new", "due": "1"}, False),
        ({"memo": "new", "due": "2"}, {"memo": "new", "due": "3"}, True),
        ({"memo": "new", "due": "2"}, {"memo": "other", "due": "3"}, False),
        ({"memo": "new", "status": "void"}, {"memo": "other", "status": "void"}, False),
        ({"status": "void"}, {"memo": "old", "status": "void"}, True),
        ({"memo": None}, {"due": "1"}, True),
        ({"memo": None, "due": "2"}, {"due": "3"}, False),
        ({"memo": "new"}, {}, False),
    ],
)
def test_whether_an_update_happened(delta: State, shown: State, happened: bool) -> None:
    assert update_happened(delta, BEFORE, plus(BEFORE, delta), shown) is happened


def test_a_product_that_does_not_listen_makes_nothing_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merge, "KEPT", 20)
    story = synced()
    for n in range(100):
        story.bookkeeper(memo=f"edit {n}")
        story.pulls()
    assert sum(len(changes) for changes in story.agreed.events.values()) == 20
    assert len(story.changes) == 20
    story.syncs(due="2024-06-01")  # the first word of it is answered with all that is owed
    assert story.changes[-1].after["memo"] == "edit 99"
    assert len(story.agreed.events) == 1


def test_what_the_product_has_named_is_forgotten() -> None:
    agreed = Agreed(seen=2, events={1: {"a": 1}, 2: {"b": 2}, 3: {"c": 3}})
    again = merge.acknowledge(agreed, Put(2, {}, 2))
    assert (again.ours, again.named, again.events) == ({"b": 2}, 2, {3: {"c": 3}})


def test_an_event_that_a_newer_put_does_not_name_is_over() -> None:
    agreed = Agreed(seen=2, events={1: {"a": 1}})
    later = merge.acknowledge(agreed, Put(3, {}, 0))
    assert (later.ours, later.events) == ({}, {})
