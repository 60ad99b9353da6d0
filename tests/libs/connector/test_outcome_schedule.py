"""Random schedules of all that goes wrong on the way out; FULL=1 runs more. And proof that they
can fail: each decision is switched off in turn.

A red run prints its seed and its story.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from libs.connector import outcome
from libs.connector.outcome import Adopt, Doubtful, Found, Gone, Open, Repeat, Target, Traits
from tests.libs.connector.once_run import Run, attempt, campaign, timeline
from tests.libs.connector.once_world import Schema

pytestmark = pytest.mark.slow

SEEDS = 5_000 if os.environ.get("FULL") else 600
Patch = pytest.MonkeyPatch
Verdict = Adopt | Gone | Repeat | Doubtful
Decide = Callable[[str, Open, Sequence[Found], Traits, datetime], Verdict]


@pytest.mark.parametrize("part", range(2))
def test_every_entity_ends_with_exactly_one_record(part: int) -> None:
    wrong = campaign(range(part * SEEDS // 2, (part + 1) * SEEDS // 2))
    assert wrong is None, f"seed {wrong[0]}: {wrong[1]}\n{timeline(wrong[0])}"


def test_the_same_seed_tells_the_same_story() -> None:
    assert timeline(7) == timeline(7)


def test_every_fault_happens() -> None:
    faults: set[str] = set()
    for seed in range(40):
        run = Run(seed)
        run.run()
        faults |= {name for name, count in run.faults.items() if count}
    assert {"lost answer", "late commit", "5xx after commit", "refused", "schema lost"} <= faults
    assert {"worker killed", "worker paused", "bookkeeper: delete", "replay"} <= faults


def found_is_changed(patch: Patch, change: Callable[[Sequence[Found]], list[Found]]) -> None:
    decide: Decide = outcome.resolve_create

    def broken(
        lane: str, call: Open, found: Sequence[Found], traits: Traits, now: datetime
    ) -> Verdict:
        return decide(lane, call, change(found), traits, now)

    patch.setattr(outcome, "resolve_create", broken)


def no_quiet_time(patch: Patch) -> None:
    patch.setattr(outcome, "quiet_until", lambda call, traits: call.first)


def no_find_before_a_repeat(patch: Patch) -> None:
    found_is_changed(patch, lambda found: [])


def what_is_deleted_is_not_seen(patch: Patch) -> None:
    found_is_changed(patch, lambda found: [f for f in found if not f.deleted])


def content_adopts(patch: Patch) -> None:
    decide: Decide = outcome.resolve_create

    def broken(
        lane: str, call: Open, found: Sequence[Found], traits: Traits, now: datetime
    ) -> Verdict:
        free = [f for f in found if f.owner in ("", lane) and not f.deleted]
        if traits.find == "none" and len(free) == 1:
            return Adopt(free[0].id)
        return decide(lane, call, found, traits, now)

    patch.setattr(outcome, "resolve_create", broken)


def a_copy_is_ours(patch: Patch) -> None:
    decide = outcome.unknown_record

    def broken(*, creates_open: bool, target: Target | None) -> Any:
        plain = target and Target("absent", target.busy, 1)
        return decide(creates_open=creates_open, target=plain)

    patch.setattr(outcome, "unknown_record", broken)


def no_wait_for_open_creates(patch: Patch) -> None:
    decide = outcome.unknown_record

    def broken(*, creates_open: bool, target: Target | None) -> Any:
        return decide(creates_open=False, target=target)

    patch.setattr(outcome, "unknown_record", broken)


def a_key_lives_for_ever(patch: Patch) -> None:
    def broken(call: Open, traits: Traits, now: datetime) -> bool:
        return bool(traits.key_lives) and call.first.year > 2000

    patch.setattr(outcome, "may_repeat_unseen", broken)


def a_spent_key_is_used_again(patch: Patch) -> None:
    patch.setattr(outcome, "SPENT", 10**9)


def ours_is_any_of_the_number(patch: Patch) -> None:
    """Equal numbers adopt, whatever the content is."""
    found_is_changed(patch, lambda found: [replace(f, equal=True) for f in found])


GUARDS: dict[Callable[[Patch], None], str] = {
    no_quiet_time: "overlap",
    no_find_before_a_repeat: "second record",
    what_is_deleted_is_not_seen: "after a human deleted",
    content_adopts: "adopted",
    a_copy_is_ours: "",
    no_wait_for_open_creates: "",
    a_key_lives_for_ever: "second record",
    a_spent_key_is_used_again: "stuck",
    ours_is_any_of_the_number: "adopted",
}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_a_missing_guard_shows(guard: Callable[[Patch], None], monkeypatch: Patch) -> None:
    guard(monkeypatch)
    wrong = campaign(range(2_000))
    assert wrong is not None
    assert GUARDS[guard] in wrong[1], wrong


class OfSeveral(Schema):
    """An external id may belong to several lanes."""

    def owned(self, ext: str) -> str:
        return ""

    def own(self, ext: str, lane: str) -> bool:
        self.parts[ext] = lane
        return True


class Shared(Run):
    schema = OfSeveral


def test_unique_parts_are_the_second_net_under_content(monkeypatch: Patch) -> None:
    """Where content adopts, a record that another lane has is at least not taken from it."""
    content_adopts(monkeypatch)
    wrong = (seed for seed in range(1_000) if attempt(seed, Shared) and not attempt(seed))
    assert next(wrong, None) is not None
