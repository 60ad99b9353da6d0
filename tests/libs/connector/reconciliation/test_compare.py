"""Two lists side by side: whatever is changed on either side is reported, and nothing else."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import EntityType
from libs.connector.reconciliation.compare import (
    AMOUNTS,
    Entry,
    Place,
    Sums,
    compare,
    money,
    sums,
    text,
    within,
)

CENT = Decimal("0.01")
TOLD = {"type", "id", "number", "external", "settles", "lines"}
"""What names a document, or explains it; all else is compared."""
COMPARED = sorted({field.name for field in fields(Entry)} - TOLD)
amounts = st.decimals("-99999", "99999", places=2)
entries = st.builds(
    Entry,
    st.sampled_from([EntityType.INVOICE, EntityType.PAYMENT, EntityType.CREDIT_NOTE]),
    st.sampled_from([f"e{n}" for n in range(30)]),
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from(["c1", "c2"]),
    st.sampled_from(["GBP", "EUR"]),
    *[amounts] * 5,
)
sides = st.lists(entries, min_size=1, max_size=12, unique_by=lambda entry: entry.key)


def entry(**more: Any) -> Entry:
    default: dict[str, Any] = {
        "type": EntityType.INVOICE, "id": "i1", "date": "2026-03-02", "customer": "c1",
        "currency": "GBP", "gross": Decimal(120), "net": Decimal(100), "tax": Decimal(20),
        "paid": Decimal(0), "balance": Decimal(120),
    }  # fmt: skip
    return Entry(**{**default, **more})


def other(value: Any, path: str) -> Any:
    """Another value of that field."""
    if isinstance(value, Decimal):
        return value + CENT
    return {"date": "1999-12-31" if value != "1999-12-31" else "2000-01-01"}.get(path, value + "X")


@given(sides, st.randoms(use_true_random=False))
def test_equal_sides_in_any_order_have_no_gap(ours: list[Entry], chance: Any) -> None:
    theirs = [replace(one, number="n", external="x") for one in ours]
    chance.shuffle(theirs)
    assert compare(ours, theirs) == []


@given(sides, st.data(), st.sampled_from(COMPARED), st.booleans())
def test_any_single_change_of_either_side_is_reported(
    ours: list[Entry], data: Any, path: str, on_ours: bool
) -> None:
    which = data.draw(st.sampled_from(ours))
    changed = replace(which, **{path: other(getattr(which, path), path)})
    theirs = [changed if one is which else one for one in ours]
    here, there = (theirs, ours) if on_ours else (ours, theirs)
    [gap] = compare(here, there)
    assert gap.one.key == which.key
    assert [field.path for field in gap.fields] == [path]
    assert gap.fields[0].product != gap.fields[0].ledger


@given(sides, st.data(), st.booleans())
def test_one_too_few_and_one_too_many_are_reported(
    ours: list[Entry], data: Any, on_ours: bool
) -> None:
    which = data.draw(st.sampled_from(ours))
    less = [one for one in ours if one is not which]
    for some in (less, [*ours, replace(which, external="twice")]):
        here, there = (some, ours) if on_ours else (ours, some)
        [gap] = compare(here, there)
        assert gap.one.key == which.key
        assert (gap.ours is None) != (gap.theirs is None)


@given(sides, st.data(), st.sampled_from(AMOUNTS))
def test_a_changed_amount_shows_in_the_row_of_its_month_and_customer(
    ours: list[Entry], data: Any, path: str
) -> None:
    which = data.draw(st.sampled_from(ours))
    changed = replace(which, **{path: getattr(which, path) + CENT})
    theirs = [changed if one is which else one for one in ours]
    months = {one.month for one in ours}
    here, there = sums(ours, months), sums(theirs, months)
    [differing] = [place for place in here if not here[place].equals(there[place])]
    assert differing == Place(which.month, which.customer, which.type, which.currency)


def test_what_the_ledger_does_not_show_is_not_compared() -> None:
    shown = entry(paid=None, balance=None)
    assert compare([entry()], [shown]) == []
    assert sums([shown], ["2026-03"])[Place("2026-03", "c1", EntityType.INVOICE, "GBP")] == Sums(
        1, Decimal(100), Decimal(20), Decimal(120), None, None
    )
    assert len(compare([shown], [entry()])) == 1


def test_a_document_that_has_changed_its_month_is_in_both() -> None:
    gaps = compare([entry()], [entry(date="2026-04-01")])
    assert within(gaps, ["2026-03"]) == within(gaps, ["2026-04"]) == gaps
    assert within(gaps, ["2026-05"]) == []


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1", "1.00"),
        ("1.5000", "1.50"),
        ("1.0050", "1.005"),
        ("-0.1", "-0.10"),
        ("1E+3", "1000.00"),
    ],
)
def test_amounts_have_one_spelling(amount: str, shown: str) -> None:
    assert text(Decimal(amount)) == shown
    assert money(Decimal(amount)) == Decimal(amount)
