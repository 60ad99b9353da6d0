"""What the ledger derives from what is written: nobody's edit, and written where it changes."""

from libs.connector.agreed import Agreed, Put, Settled, Write
from libs.connector.merge import plan_push
from libs.connector.threeway import derived
from libs.connector.work import with_implied

OURS = {"issue_date": "2026-03-01", "lines.1.kind": "part"}
THEIRS = {"issue_date": "2026-03-01", "due_date": "2026-03-01", "lines.1.account": "200"}


def test_a_default_that_follows_what_changed_is_derived() -> None:
    becomes = {**THEIRS, "issue_date": "2026-03-09", "due_date": "2026-03-09"}
    put = {**OURS, "issue_date": "2026-03-09"}
    assert derived(THEIRS, put, THEIRS, becomes) == {"due_date": "2026-03-09"}


def test_what_the_bookkeeper_has_set_is_not_derived_again() -> None:
    there = {**THEIRS, "due_date": "2026-04-30"}
    becomes = {**THEIRS, "issue_date": "2026-03-09", "due_date": "2026-03-09"}
    put = {**OURS, "issue_date": "2026-03-09"}
    assert derived(there, put, THEIRS, becomes) == {}


def test_a_change_that_shows_only_in_what_is_derived_is_written() -> None:
    agreed = Agreed(ours=OURS, theirs=THEIRS, owed=OURS, said=OURS, seen=1, settled=1)
    put = Put(2, {**OURS, "lines.1.kind": "labour"}, 0)
    normal = {**THEIRS, "lines.1.account": "260"}
    plan = plan_push(agreed, put, lambda path, _: normal.get(path), "ask", gone=False)
    assert isinstance(plan, Settled)
    implied = derived(THEIRS, put.state, THEIRS, normal)
    written = with_implied(plan, agreed, put, implied)
    assert isinstance(written, Write)
    assert written.delta == {"lines.1.account": "260"}
    assert written.meant == normal
    assert written.merged == put.state
