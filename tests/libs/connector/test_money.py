"""Totals to the cent, as EN 16931 reckons them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.entities import Line, TaxMode
from libs.connector.money import cents, line_amount, share_cents, totals_of
from libs.testing.builders import line

D = Decimal


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.0049", "1.00"), ("2.675", "2.68"), ("0", "0.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert cents(D(amount)) == D(rounded)


def of(price: str, rate: str | None, quantity: str = "1", discount: str | None = None) -> Line:
    return line(
        unit_price=D(price),
        quantity=D(quantity),
        tax_rate=None if rate is None else D(rate),
        discount_percent=None if discount is None else D(discount),
    )


def test_a_line_is_rounded_once_after_its_discount() -> None:
    assert line_amount(of("0.3333", "20", "3")) == D("1.00")
    assert line_amount(of("19.99", "20", "3", "12.5")) == D("52.47")
    assert line_amount(of("10", "20", "-2")) == D("-20.00")


def test_tax_is_reckoned_on_the_sum_of_a_rate_and_rounded_once() -> None:
    totals = totals_of([of("0.12", "20"), of("0.12", "20")], TaxMode.EXCLUSIVE)
    assert (totals.net, totals.tax, totals.gross) == (D("0.24"), D("0.05"), D("0.29"))


def test_each_rate_is_a_group_of_its_own() -> None:
    totals = totals_of([of("0.12", "20"), of("0.12", "19")], TaxMode.EXCLUSIVE)
    assert totals.tax == D("0.04")


def test_inclusive_prices_contain_the_tax() -> None:
    totals = totals_of([of("120", "20"), of("10", "0")], TaxMode.INCLUSIVE)
    assert (totals.net, totals.tax, totals.gross) == (D("110.00"), D("20.00"), D("130.00"))


def test_without_tax_a_rate_counts_for_nothing() -> None:
    totals = totals_of([of("100", "20"), of("1", None)], TaxMode.NONE)
    assert (totals.net, totals.tax, totals.gross) == (D("101.00"), D("0.00"), D("101.00"))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals(-1000, 1000, places=4),
            st.decimals(-100, 100, places=4),
            st.sampled_from(["0", "5", "7.7", "19", "20"]),
        ),
        max_size=8,
    ),
    st.sampled_from(list(TaxMode)),
)
def test_net_and_tax_make_the_gross(lines: list[tuple[D, D, str]], mode: TaxMode) -> None:
    made = [of(str(price), rate, str(quantity)) for price, quantity, rate in lines]
    totals = totals_of(made, mode)
    assert totals.net + totals.tax == totals.gross
    side = totals.gross if mode is TaxMode.INCLUSIVE else totals.net
    assert side == sum(map(line_amount, made), D(0))


def test_cents_go_where_rounding_lost_most() -> None:
    assert share_cents([D("0.333")] * 3, D("1.00")) == [D("0.34"), D("0.33"), D("0.33")]
    assert share_cents([D("0.666")] * 3, D("2.00")) == [D("0.66"), D("0.67"), D("0.67")]
    assert share_cents([D("1.004"), D("1.001")], D("2.01")) == [D("1.01"), D("1.00")]


def test_a_total_out_of_reach_is_not_shared() -> None:
    assert share_cents([D("1.00"), D("1.00")], D("2.01")) is None
    assert share_cents([D("0.333")] * 3, D("2.00")) is None
    assert share_cents([], D("0.01")) is None
    assert share_cents([], D(0)) == []


@settings(deadline=None)
@given(st.lists(st.decimals(-1000, 1000, places=4), min_size=1, max_size=12), st.integers(-15, 15))
def test_shares_add_up_and_are_near(exact: list[D], off: int) -> None:
    total = cents(sum(exact, D(0))) + off * D("0.01")
    shares = share_cents(exact, total)
    if shares is not None:
        assert sum(shares, D(0)) == total
        assert all(abs(a - b) < D("0.01") for a, b in zip(shares, exact, strict=True))
    else:
        assert off != 0
