"""Which of the ledger's lines is which of ours."""

from __future__ import annotations

from decimal import Decimal

from libs.connector.flat import State
from libs.connector.lines import match_lines, renamed


def line(name: str, text: str, price: int, quantity: int = 1, tax: str = "t20") -> State:
    at = f"lines.{name}"
    return {
        f"{at}.description": text,
        f"{at}.price": Decimal(price),
        f"{at}.quantity": Decimal(quantity),
        f"{at}.tax_code": tax,
    }


OURS = line("a", "pad", 10) | line("b", "oil", 5) | line("c", "labour", 80)


def test_a_known_identity_stands_whatever_the_content() -> None:
    raw = line("X1", "everything", 1, 9, "other")
    assert match_lines(raw, OURS, {"X1": "b"}) == {"X1": "b"}


def test_equal_lines_are_matched_by_content() -> None:
    raw = line("X3", "labour", 80) | line("X1", "pad", 10) | line("X2", "oil", 5)
    assert match_lines(raw, OURS, {}) == {"X3": "c", "X1": "a", "X2": "b"}


def test_twins_are_matched_in_their_order() -> None:
    ours = line("a", "pad", 10) | line("b", "pad", 10) | line("c", "oil", 5)
    raw = line("X1", "pad", 10) | line("X2", "oil", 5) | line("X3", "pad", 10)
    assert match_lines(raw, ours, {}) == {"X1": "a", "X2": "c", "X3": "b"}


def test_an_edited_line_is_the_one_that_shares_most_even_if_all_share_the_tax() -> None:
    raw = line("X1", "pad", 12) | line("X2", "oil", 5, 3) | line("X3", "labour", 80)
    assert match_lines(raw, OURS, {}) == {"X1": "a", "X2": "b", "X3": "c"}


def test_one_of_ours_is_never_two_of_theirs() -> None:
    known = line("X1", "pad", 12) | line("X2", "pad", 10)
    assert match_lines(known, line("a", "pad", 10), {"X1": "a"}) == {"X1": "a", "X2": "X2"}
    edited = line("X1", "pad", 11) | line("X2", "pad", 12)
    assert match_lines(edited, line("a", "pad", 10), {}) == {"X1": "a", "X2": "X2"}


def test_two_candidates_are_no_match() -> None:
    ours = line("a", "pad", 10) | line("b", "pad", 11)
    raw = line("X1", "pad", 12)
    assert match_lines(raw, ours, {}) == {"X1": "X1"}


def test_a_new_line_never_takes_the_name_of_one_of_ours() -> None:
    ours = line("1", "pad", 10)
    raw = line("7", "pad", 10) | line("1", "labour", 80, 2, "t0")
    assert match_lines(raw, ours, {}) == {"7": "1", "1": "1+"}
    named = match_lines(raw, ours, {}, name_new=lambda there: f"xero-{there}")
    assert named == {"7": "1", "1": "xero-1"}


def test_lines_that_are_no_longer_there_are_forgotten() -> None:
    assert match_lines(line("X1", "pad", 10), OURS, {"X1": "a", "X2": "b"}) == {"X1": "a"}


def test_renaming_leaves_other_lists_alone_and_escapes() -> None:
    state: State = {"memo": "x", "allocations.X1.amount": 1, **line("X1", "pad", 1)}
    there = renamed(state, {"X1": "a.1"})
    assert there == {"memo": "x", "allocations.X1.amount": 1, **line("a~11", "pad", 1)}
    assert renamed(there, {"a.1": "X1"}) == state
