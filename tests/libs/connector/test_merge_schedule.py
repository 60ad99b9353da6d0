"""Random schedules of everything that goes wrong; FULL=1 runs more. And proof that they can fail.

A red run prints its seed; `timeline(seed)` of merge_world tells its story.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from libs.connector import disputes, merge, threeway
from libs.connector.agreed import Agreed, Changed, Publication, Put, Side
from libs.connector.flat import State
from tests.libs.connector.merge_sides import Book, Event, Product
from tests.libs.connector.merge_world import World, campaign, timeline

pytestmark = pytest.mark.slow

SEEDS = 20_000 if os.environ.get("FULL") else 3_000
ENOUGH = 2_000  # seeds in which a missing rule must show
Published = tuple[Agreed, tuple[Publication, ...]]
Patch = pytest.MonkeyPatch


@pytest.mark.parametrize("part", range(4))
def test_both_sides_end_equal_and_no_edit_is_lost(part: int) -> None:
    wrong = campaign(range(part * SEEDS // 4, (part + 1) * SEEDS // 4))
    assert wrong is None, f"seed {wrong[0]}: {wrong[1]}\n{timeline(wrong[0])}"


def test_the_same_seed_tells_the_same_story() -> None:
    assert timeline(7) == timeline(7)


@pytest.mark.parametrize("kept", [1, 12])
def test_a_bound_on_what_is_kept_loses_nothing(kept: int, monkeypatch: Patch) -> None:
    monkeypatch.setattr(merge, "KEPT", kept)
    assert campaign(range(400)) is None


def one_half(patch: Patch) -> None:
    """Both sides are compared with what the ledger shows."""
    settle = merge._settle

    def broken(agreed: Agreed, put: Put, merged: State, won: list[str]) -> Published:
        agreed, said = settle(agreed, put, merged, won)
        owed = threeway.plus(agreed.theirs, threeway.touched(put.state, merged))
        return replace(agreed, ours=agreed.theirs, owed=owed), said

    patch.setattr(merge, "_settle", broken)


def echo_is_published(patch: Patch) -> None:
    def announce(agreed: Agreed, revision: int, before: State, after: State) -> Published:
        changed = Changed(agreed.number + 1, revision, before, after)
        events = {**agreed.events, changed.number: threeway.touched(before, after)}
        return replace(agreed, number=changed.number, events=events), (changed,)

    patch.setattr(merge, "is_echo", lambda agreed, shown: False)
    patch.setattr(merge, "announce", announce)


def record_is_published_whole(patch: Patch) -> None:
    """`after` is the ledger's record and not `ours` plus what was touched."""

    def on_pull(agreed: Agreed, shown: State) -> Published:
        if merge.is_echo(agreed, shown):
            return agreed, ()
        return merge.tell(replace(agreed, theirs=shown, owed=shown))

    patch.setattr(merge, "on_pull", on_pull)


def applied_is_ignored(patch: Patch) -> None:
    whole = merge.acknowledge
    patch.setattr(merge, "acknowledge", lambda a, put: whole(a, replace(put, applied=None)))


def late_value_is_an_edit(patch: Patch) -> None:
    whole = merge.acknowledge
    patch.setattr(merge, "acknowledge", lambda a, put: a if put.applied is None else whole(a, put))


def after_replaces_ours(patch: Patch) -> None:
    """`applied` replaces `ours` by the event's `after`, and the product's own edits with it."""
    whole = merge.acknowledge

    def broken(agreed: Agreed, put: Put) -> Agreed:
        named = agreed.last is not None and put.applied in agreed.events
        acknowledged = whole(agreed, put)
        return replace(acknowledged, ours=agreed.last[1]) if named and agreed.last else acknowledged

    patch.setattr(merge, "acknowledge", broken)


def normal_form_is_unknown(patch: Patch) -> None:
    patch.setattr(World, "normal", staticmethod(lambda path, value: value))


def line_is_decided_by_field(patch: Patch) -> None:
    def unit(path: str, here: set[str], there: set[str]) -> str:
        return path if here and there else ""

    patch.setattr(threeway, "unit", unit)


def revision_is_not_looked_at(patch: Patch) -> None:
    """The product takes what seems to fit, since no event would name what it is built on."""

    def fits(self: Product, book: Book, event: Event) -> bool:
        if not book.state or not event.after:
            return book.state in (event.before, event.after)
        changes = threeway.touched(event.before, event.after)
        return all(book.state.get(k) in (event.before.get(k), v) for k, v in changes.items())

    patch.setattr(Product, "fits", fits)


def refused_put_is_not_answered(patch: Patch) -> None:
    patch.setattr(merge, "on_refused", lambda agreed, put, merged: (agreed, ()))


def loser_is_not_named(patch: Patch) -> None:
    patch.setattr(merge, "_name_loser", lambda agreed, conflicts, winner: (agreed, ()))


def decision_holds_for_anything(patch: Patch) -> None:
    def on_decision(agreed: Agreed, number: int, winner: Side) -> Agreed:
        return replace(agreed, decision=winner) if agreed.held else agreed

    patch.setattr(disputes, "on_decision", on_decision)


def gone_is_created_again(patch: Patch) -> None:
    plan = merge.plan_push
    patch.setattr(
        merge, "plan_push", lambda a, p, n, policy, gone: plan(a, p, n, policy, gone=False)
    )


def put_is_not_answered(patch: Patch) -> None:
    """A put that did not know of a change is settled, and the change never told again."""
    settle = merge._settle

    def broken(agreed: Agreed, put: Put, merged: State, won: list[str]) -> Published:
        settled, said = settle(agreed, put, merged, won)
        return (replace(settled, number=agreed.number, events={}), ()) if said else (settled, said)

    patch.setattr(merge, "_settle", broken)


def theirs_is_whatever_is_shown(patch: Patch) -> None:
    """A settled write takes all it reads for its own doing."""
    settled = merge.on_settled

    def broken(
        agreed: Agreed,
        put: Put,
        merged: State,
        won: list[str],
        shown: State,
        meant: State,
        full: bool,
    ) -> Published:
        return settled(agreed, put, merged, won, shown, shown, full=full)

    patch.setattr(merge, "on_settled", broken)


def read_is_taken_for_an_answer(patch: Patch) -> None:
    settled = merge.on_settled
    patch.setattr(merge, "on_settled", lambda *args, full: settled(*args, full=True))


def new_value_is_no_proof(patch: Patch) -> None:
    """An update of unknown outcome counts as done once no old value is left."""

    def broken(delta: State, before: State, meant: State, shown: State) -> bool:
        return not any(k in before and shown.get(k) == before[k] for k in delta)

    patch.setattr(threeway, "update_happened", broken)


def unknown_counts_as_not_done(patch: Patch) -> None:
    patch.setattr(threeway, "update_happened", lambda delta, before, meant, shown: False)


RULES: list[Callable[[Patch], None]] = [
    one_half,
    echo_is_published,
    record_is_published_whole,
    applied_is_ignored,
    late_value_is_an_edit,
    after_replaces_ours,
    normal_form_is_unknown,
    line_is_decided_by_field,
    revision_is_not_looked_at,
    refused_put_is_not_answered,
    loser_is_not_named,
    decision_holds_for_anything,
    gone_is_created_again,
    put_is_not_answered,
    theirs_is_whatever_is_shown,
    read_is_taken_for_an_answer,
    new_value_is_no_proof,
    unknown_counts_as_not_done,
]


@pytest.mark.parametrize("broken", RULES, ids=lambda rule: rule.__name__)
def test_without_the_rule_the_schedule_finds_the_harm(
    broken: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    broken(monkeypatch)
    found = campaign(range(ENOUGH))
    assert found
    assert found[1].startswith("Wrong(")
