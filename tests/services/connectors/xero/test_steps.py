"""Writes of several calls: each step, in its order, and what waits for a person instead."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Allocation, CreditNote, Entity, Payment
from libs.connector.errors import Conflict, Held
from libs.connector.interface import Step, Verb
from libs.connector.states import state_of
from libs.testing import builders
from tests.services.connectors.xero import around, bought
from tests.services.connectors.xero.around import XERO, create, invoice, write

CONTEXT = around.context()
Shares = dict[str, int]


def shares(of: Shares) -> tuple[Allocation, ...]:
    return tuple(Allocation(document=name, amount=Decimal(amount)) for name, amount in of.items())


def note(of: Shares, **more: Any) -> CreditNote:
    return builders.credit_note(currency="NZD", allocations=shares(of), **more)


def money(of: Shares, amount: int = 100) -> Payment:
    return builders.payment(
        invoice(), currency="NZD", amount=Decimal(amount), allocations=shares(of)
    )


def step(verb: Verb, there: Entity, wanted: Entity, *changed: str, **more: Any) -> Step | None:
    return XERO.step(write(verb, wanted, *changed, before=state_of(there), **more), CONTEXT)


def applied(found: Step | None) -> Shares:
    assert found is not None
    assert isinstance(found.entity, CreditNote | Payment)
    return {one.document: int(one.amount) for one in found.entity.allocations}


STEPS: Sequence[tuple[Verb, Shares, Shares, str, Shares | None]] = (
    (Verb.UPDATE, {}, {"i1": 5, "i2": 6}, "", {"i1": 5}),
    (Verb.UPDATE, {"i1": 5}, {"i1": 5, "i2": 6}, "", {"i1": 5, "i2": 6}),
    (Verb.UPDATE, {"i1": 5, "i2": 6}, {"i2": 6}, "", {"i2": 6}),
    (Verb.UPDATE, {"i1": 5}, {"i1": 7}, "", {}),
    (Verb.UPDATE, {"i1": 5, "i2": 6}, {"i1": 5, "i2": 6}, "job", {"i2": 6}),
    (Verb.UPDATE, {}, {"i1": 5}, "job", {}),
    (Verb.UPDATE, {}, {}, "job", None),
    (Verb.VOID, {"i1": 5, "i2": 6}, {"i1": 5, "i2": 6}, "status", {"i2": 6}),
    (Verb.VOID, {}, {"i1": 5}, "status", None),
)


@pytest.mark.parametrize(("verb", "there", "wanted", "also", "after"), STEPS)
def test_a_credit_note_goes_one_allocation_at_a_time(
    verb: Verb, there: Shares, wanted: Shares, also: str, after: Shares | None
) -> None:
    changed = [also] if also else [f"allocations.{name}.amount" for name in {**there, **wanted}]
    found = step(verb, note(there), note(wanted, job="new"), *changed)
    assert (found and applied(found)) == after
    if found and there:
        assert found.entity.job == ""  # type: ignore[union-attr]


def test_a_new_credit_note_is_made_before_it_is_applied() -> None:
    found = XERO.step(create(note({"i1": 5})), CONTEXT)
    assert found == Step(Verb.CREATE, note({}))
    assert XERO.step(create(note({})), CONTEXT) is None


def test_an_overpayment_moves_as_it_is_and_is_replaced_only_un_applied() -> None:
    """By the TOML a changed payment is replaced: a write that deletes it."""
    kept: dict[str, Any] = {"record": "Overpayment/o1", "replaces": True}
    paths = ("allocations.i1.amount", "allocations.i2.amount")
    there, moved = money({"i1": 60}), money({"i2": 60})
    assert applied(step(Verb.DELETE, there, moved, *paths, **kept)) == {}
    assert applied(step(Verb.DELETE, money({}), moved, *paths, **kept)) == {"i2": 60}
    dearer = money({"i1": 60}, 110)
    assert applied(step(Verb.DELETE, there, dearer, "amount", **kept)) == {}
    assert step(Verb.DELETE, money({}), dearer, "amount", **kept) is None


def test_payments_of_documents_take_one_call() -> None:
    assert XERO.step(create(money({"i1": 100})), CONTEXT) is None
    assert XERO.step(create(money({"i1": 60, "i2": 40})), CONTEXT) is None
    assert applied(XERO.step(create(money({"i1": 60})), CONTEXT)) == {}


def test_a_closed_order_is_approved_before_it_is_billed() -> None:
    closed = bought.order(currency="NZD", closed=True)
    assert XERO.step(create(closed), CONTEXT) == Step(
        Verb.CREATE, closed.model_copy(update={"closed": False})
    )


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.VOID])
def test_what_is_settled_in_part_is_not_touched(verb: Verb) -> None:
    paid = {"AmountPaid": 40, "Payments": [{"PaymentID": "p1", "Reference": "ch_77"}]}
    with pytest.raises(Held, match=r"40 paid in Xero.*payment ch_77") as held:
        step(verb, invoice(), invoice(job="new"), "job", raw=paid)
    assert held.value.reason == "paid"
    assert step(verb, invoice(), invoice(job="new"), "job", raw={"AmountPaid": 0}) is None


def test_an_allocation_that_is_there_no_more_is_read_again() -> None:
    gone = write(
        Verb.UPDATE,
        note({}),
        "allocations.i1.amount",
        before=state_of(note({"i1": 5})),
        raw={"Allocations": []},
    )
    with pytest.raises(Conflict, match="applied to i1 no more"):
        XERO.request([gone], CONTEXT)


def test_only_what_goes_to_the_same_place_goes_together() -> None:
    one, many, over = money({"i1": 100}), money({"i1": 60, "i2": 40}), money({})
    ways = [XERO.together(create(entity), CONTEXT) for entity in (one, many, over)]
    assert ways == ["Payments", "BatchPayments", "BankTransactions"]
    applying = [
        write(Verb.UPDATE, note({"i1": 5}), "allocations.i1.amount", record=n) for n in "ab"
    ]
    assert len({XERO.together(one, CONTEXT) for one in applying}) == 2


def test_a_reconciled_payment_is_not_ended() -> None:
    """Somebody has matched it with the bank statement."""
    there = money({"i1": 100})
    with pytest.raises(Held, match="reconciled") as held:
        step(Verb.DELETE, there, there, raw={"IsReconciled": True})
    assert held.value.reason == "reconciled"
    assert step(Verb.DELETE, there, there, raw={"IsReconciled": False}) is None
    assert step(Verb.CREATE, there, there, raw={"IsReconciled": True}) is None
