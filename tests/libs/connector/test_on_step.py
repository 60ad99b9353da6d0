"""A write of several calls: what one of them wrote is what the next plan starts from."""

from decimal import Decimal

from libs.connector.agreed import Agreed, Put, Settled, Write
from libs.connector.flat import State
from libs.connector.merge import on_step, plan_push

SHARE = "allocations.i1.amount"
APPLIED: State = {"job": "a", SHARE: Decimal(20)}
FREE: State = {"job": "a"}


def planned(agreed: Agreed, state: State, revision: int) -> Settled | Write:
    plan = plan_push(agreed, Put(revision, state, None), lambda _, value: value, "ask", gone=False)
    assert isinstance(plan, Settled | Write)
    return plan


def stepped(before: State, state: State) -> Agreed:
    """Agreed on `before`; a step has brought about `state`."""
    agreed = Agreed(ours=before, theirs=before, owed=before, said=before, seen=1, settled=1)
    after, told = on_step(agreed, state, state, state, full=True)
    assert told == ()
    return after


def test_what_a_step_took_back_and_the_put_wants_is_written_again() -> None:
    plan = planned(stepped(APPLIED, FREE), {**APPLIED, "job": "b"}, 2)
    assert isinstance(plan, Write)
    assert plan.delta == {"job": "b", SHARE: Decimal(20)}


def test_a_newer_put_that_wants_it_no_more_is_told_nothing() -> None:
    plan = planned(stepped(APPLIED, FREE), FREE, 3)
    assert isinstance(plan, Settled)
    assert plan.publications == ()


def test_a_newer_put_takes_back_what_a_step_has_written() -> None:
    plan = planned(stepped(FREE, APPLIED), FREE, 3)
    assert isinstance(plan, Write)
    assert plan.delta == {SHARE: None}
