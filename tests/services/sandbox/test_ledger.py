"""The double-entry core: balanced or refused, reversible, undone without a trace."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sandbox.ledger import Ledger, Line, UnbalancedError, merged
from services.sandbox.providers.xero.money import rounded, trimmed

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=2)


def balanced(*lines: tuple[str, str]) -> list[Line]:
    return [Line(account, Decimal(amount)) for account, amount in lines]


def sides(ledger: Ledger) -> tuple[Decimal, Decimal]:
    trial = ledger.trial_balance()
    zero = Decimal(0)
    return sum((row.debit for row in trial), zero), sum((row.credit for row in trial), zero)


def test_an_unbalanced_entry_is_refused_and_leaves_nothing() -> None:
    ledger = Ledger()
    with pytest.raises(UnbalancedError):
        ledger.post(NOW, "doc", "invoice", balanced(("610", "115"), ("200", "-100")))
    assert ledger.entries() == []
    assert ledger.trial_balance() == []


def test_lines_of_one_account_are_summed_and_zero_lines_left_out() -> None:
    lines = balanced(("610", "115"), ("200", "-60"), ("200", "-40"), ("820", "-15"), ("860", "0"))
    entry = Ledger().post(NOW, "doc", "invoice", lines)
    assert entry is not None
    assert entry.lines == (
        Line("610", Decimal(115)),
        Line("200", Decimal(-100)),
        Line("820", Decimal(-15)),
    )


def test_nothing_to_post_is_no_entry() -> None:
    ledger = Ledger()
    assert ledger.post(NOW, "doc", "invoice", balanced(("610", "0"))) is None
    assert ledger.entries("doc") == []


def test_a_reversal_brings_every_balance_back_and_stays_in_the_journal() -> None:
    ledger = Ledger()
    entry = ledger.post(NOW, "doc", "invoice", balanced(("610", "115"), ("200", "-115")))
    ledger.reverse(NOW, entry, "void")
    assert sides(ledger) == (Decimal(0), Decimal(0))
    assert [one.kind for one in ledger.entries("doc")] == ["invoice", "void"]


def test_rollback_forgets_only_what_came_after_the_mark() -> None:
    ledger = Ledger()
    ledger.post(NOW, "a", "invoice", balanced(("610", "10"), ("200", "-10")))
    mark = ledger.mark()
    ledger.post(NOW, "a", "payment", balanced(("090", "10"), ("610", "-10")))
    ledger.post(NOW, "b", "invoice", balanced(("610", "5"), ("200", "-5")))
    ledger.rollback(mark)
    assert [one.kind for one in ledger.entries()] == ["invoice"]
    assert ledger.entries("b") == []
    assert sides(ledger) == (Decimal(10), Decimal(10))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), AMOUNTS)))
def test_debits_always_equal_credits(moves: list[tuple[str, str, Decimal]]) -> None:
    ledger = Ledger()
    for number, (one, other, amount) in enumerate(moves):
        lines = [Line(one, amount), Line(other, -amount)]
        entry = ledger.post(NOW, str(number), "move", lines)
        assert (entry is None) == (merged(lines) == ())
    debit, credit = sides(ledger)
    assert debit == credit


@pytest.mark.parametrize(
    ("value", "cents"),
    [("0.025", "0.03"), ("0.015", "0.02"), ("-0.025", "-0.03"), ("0.0249", "0.02")],
)
def test_money_rounds_half_up_away_from_zero(value: str, cents: str) -> None:
    assert str(rounded(Decimal(value))) == cents


@pytest.mark.parametrize(
    ("value", "shown"), [("115.00", "115"), ("100", "100"), ("0.50", "0.5"), ("0E+3", "0")]
)
def test_trimmed_zeros_without_an_exponent(value: str, shown: str) -> None:
    assert str(trimmed(Decimal(value))) == shown
