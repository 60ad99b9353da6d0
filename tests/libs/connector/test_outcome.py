"""Decisions about writes of unknown outcome: a timeline for each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.connector.outcome import (
    Adopt,
    Doubtful,
    Found,
    Gone,
    Open,
    Repeat,
    Target,
    Traits,
    may_repeat_unseen,
    quiet_until,
    resolve_create,
    unknown_record,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MARKER = Traits("marker", timedelta(seconds=60), timedelta(seconds=360), timedelta(seconds=30))
NUMBER = replace(MARKER, find="number")
NONE = replace(MARKER, find="none")
CALL = Open(NOON, NOON + timedelta(seconds=120), None, 0)
OURS = Found("r1", ours=True, equal=False, deleted=False, owner="")
ALIKE = Found("r2", ours=False, equal=True, deleted=False, owner="")
OTHER = Found("r3", ours=False, equal=False, deleted=False, owner="")
LANE = "x1/invoice/i1"
LATER = NOON + timedelta(seconds=150)


def resolve(
    *found: Found, traits: Traits = MARKER, call: Open = CALL, at: datetime = LATER
) -> object:
    return resolve_create(LANE, call, found, traits, at)


# How long the lane is quiet


def test_a_sender_that_died_may_have_sent_as_late_as_its_lease_allowed() -> None:
    assert quiet_until(CALL, MARKER) == NOON + timedelta(seconds=120 - 30 + 60)


def test_a_sender_that_learned_says_when_it_was() -> None:
    left = NOON + timedelta(seconds=5)
    assert quiet_until(replace(CALL, left=left), MARKER) == left + timedelta(seconds=60)


def test_the_moment_is_taken_even_if_it_was_long_ago() -> None:
    """A create that may have been sent before a schema was lost is quiet already."""
    left = NOON - timedelta(days=3650)
    assert quiet_until(replace(CALL, left=left), MARKER) < NOON


# What cannot be found


@pytest.mark.parametrize(("age", "may"), [(0, True), (299, True), (300, False), (3000, False)])
def test_a_key_must_outlive_the_send_it_protects(age: int, may: bool) -> None:
    assert may_repeat_unseen(CALL, NONE, NOON + timedelta(seconds=age)) is may


def test_without_keys_nothing_is_repeated_unseen() -> None:
    keyless = replace(NONE, key_lives=timedelta())
    assert not may_repeat_unseen(CALL, keyless, NOON)
    assert isinstance(resolve(traits=keyless), Doubtful)


def test_the_same_key_is_repeated_while_it_lives() -> None:
    assert resolve(traits=NONE) == Repeat(fresh=False)
    assert isinstance(resolve(traits=NONE, at=NOON + timedelta(seconds=301)), Doubtful)


def test_a_key_that_has_answered_two_errors_is_spent() -> None:
    assert resolve(traits=NONE, call=replace(CALL, errors=1)) == Repeat(fresh=False)
    assert isinstance(resolve(traits=NONE, call=replace(CALL, errors=2)), Doubtful)


def test_equal_content_is_no_find() -> None:
    """Two equal payments are two payments: what the search shows says nothing."""
    assert not isinstance(resolve(ALIKE, traits=NONE), Adopt)
    keyless = replace(NONE, key_lives=timedelta())
    assert isinstance(resolve(ALIKE, traits=keyless), Doubtful)


def test_a_record_that_a_late_answer_named_is_ours_however_it_is_found() -> None:
    assert resolve(OURS, traits=NONE) == Adopt("r1")
    assert resolve(replace(OURS, deleted=True), traits=NONE) == Gone("r1")


def test_a_person_who_has_looked_decides() -> None:
    looked = replace(CALL, looked=True)
    at = NOON + timedelta(days=1)
    assert resolve(traits=NONE, call=looked, at=at) == Repeat(fresh=True)
    assert resolve(OTHER, traits=NUMBER, call=looked) == Repeat(fresh=True)
    assert resolve(OURS, call=looked) == Adopt("r1")


# What can be found


@pytest.mark.parametrize("traits", [MARKER, NUMBER], ids=["marker", "number"])
def test_what_carries_our_marker_is_ours(traits: Traits) -> None:
    assert resolve(OURS, traits=traits) == Adopt("r1")


def test_what_was_deleted_there_is_gone() -> None:
    assert resolve(replace(OURS, deleted=True)) == Gone("r1")


@pytest.mark.parametrize("traits", [MARKER, NUMBER], ids=["marker", "number"])
def test_what_is_not_there_is_sent_again_with_the_same_key(traits: Traits) -> None:
    assert resolve(traits=traits) == Repeat(fresh=False)
    assert resolve(traits=traits, call=replace(CALL, errors=1)) == Repeat(fresh=False)


def test_a_find_ends_a_spent_key() -> None:
    assert resolve(call=replace(CALL, errors=2)) == Repeat(fresh=True)


def test_a_record_of_another_lane_is_no_answer() -> None:
    assert resolve(replace(OURS, owner="x1/invoice/i2")) == Repeat(fresh=False)
    assert resolve(replace(OURS, owner=LANE)) == Adopt("r1")


def test_a_copy_marker_and_all_is_a_question() -> None:
    assert isinstance(resolve(OURS, replace(OURS, id="r9")), Doubtful)
    assert isinstance(resolve(replace(OURS, deleted=True), replace(OURS, id="r9")), Doubtful)


def test_our_number_adopts_only_with_equal_content() -> None:
    assert resolve(ALIKE, traits=NUMBER) == Adopt("r2")
    assert isinstance(resolve(OTHER, traits=NUMBER), Doubtful)


def test_our_number_twice_is_a_question() -> None:
    assert isinstance(resolve(ALIKE, OTHER, traits=NUMBER), Doubtful)
    assert isinstance(resolve(ALIKE, replace(ALIKE, id="r9"), traits=NUMBER), Doubtful)


def test_the_marker_is_worth_more_than_the_number() -> None:
    assert resolve(OURS, OTHER, traits=NUMBER) == Adopt("r1")
    assert resolve(OURS, ALIKE, traits=NUMBER) == Adopt("r1")


def test_equal_content_without_our_number_does_not_adopt() -> None:
    """By marker, a record without it is not ours however alike it is."""
    assert not isinstance(resolve(ALIKE, traits=MARKER), Adopt)


def test_the_question_says_how_many_it_could_be() -> None:
    verdict = resolve(OURS, replace(OURS, id="r9"))
    assert isinstance(verdict, Doubtful)
    assert "2 records" in verdict.sentence


# A record nobody knows


@pytest.mark.parametrize("target", [None, Target("absent", busy=False, bearers=1)])
def test_it_waits_for_creates_that_were_open(target: Target | None) -> None:
    assert unknown_record(creates_open=True, target=target) == "wait"


def test_without_our_marker_it_is_new() -> None:
    assert unknown_record(creates_open=False, target=None) == "new"


def test_with_our_marker_it_is_ours_if_the_lane_has_none() -> None:
    target = Target("absent", busy=False, bearers=1)
    assert unknown_record(creates_open=False, target=target) == "adopt"


@pytest.mark.parametrize("state", ["bound", "gone", "void"])
@pytest.mark.parametrize("busy", [False, True])
def test_with_a_record_of_its_own_the_other_is_a_copy(state: str, busy: bool) -> None:
    target = Target(state, busy, bearers=1)  # type: ignore[arg-type]
    assert unknown_record(creates_open=False, target=target) == "new"


def test_a_lane_that_is_worked_on_is_waited_for() -> None:
    target = Target("absent", busy=True, bearers=1)
    assert unknown_record(creates_open=False, target=target) == "wait"


def test_two_bearers_are_a_question() -> None:
    target = Target("absent", busy=False, bearers=2)
    assert unknown_record(creates_open=False, target=target) == "ask"
