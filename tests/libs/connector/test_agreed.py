"""What was agreed survives the database."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from libs.connector.agreed import Agreed, Conflict, Conflicts, dump, dump_state, load, load_state
from libs.connector.flat import State

VALUES = (
    st.text(max_size=5)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.integers()
    | st.booleans()
)
STATES = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)
CONFLICTS: st.SearchStrategy[Conflicts] = st.dictionaries(
    st.text(max_size=3), st.tuples(STATES, STATES), max_size=2
)
CHANGES = st.dictionaries(st.text(max_size=3), VALUES | st.none(), max_size=3)
NUMBERS = st.integers(0, 99)
SIDES = st.sampled_from(["product", "ledger"])
AGREED = st.builds(
    Agreed,
    ours=STATES,
    theirs=STATES,
    owed=STATES,
    said=STATES,
    seen=NUMBERS,
    settled=NUMBERS,
    named=NUMBERS,
    events=st.dictionaries(NUMBERS, CHANGES, max_size=3),
    number=NUMBERS,
    told=st.none() | st.tuples(CONFLICTS, SIDES),
    last=st.none() | st.tuples(NUMBERS, STATES),
    held=st.none() | st.builds(Conflict, NUMBERS, NUMBERS, CONFLICTS, st.none()),
    decision=st.none() | SIDES,
)


@given(AGREED)
def test_it_survives_json(agreed: Agreed) -> None:
    stored = json.loads(json.dumps(dump(agreed)))
    assert load(stored) == agreed
    assert dump(load(stored)) == stored


def test_a_decimal_keeps_its_digits_and_its_type() -> None:
    state: State = {"price": Decimal("1.50"), "text": "1.50", "count": 2, "closed": True}
    again = load_state(json.loads(json.dumps(dump_state(state))))
    assert [(k, type(v), str(v)) for k, v in again.items()] == [
        ("price", Decimal, "1.50"),
        ("text", str, "1.50"),
        ("count", int, "2"),
        ("closed", bool, "True"),
    ]


def test_a_quiet_lane_is_stored_once_and_keeps_the_order_of_its_lines() -> None:
    ours: State = {"lines.b.price": 1, "lines.a.price": 2}
    agreed = Agreed(ours=ours, theirs=ours, owed=ours, said=ours, last=(3, ours))
    stored = json.loads(json.dumps(dump(agreed), sort_keys=True))  # jsonb sorts keys too
    assert (stored["theirs"], stored["owed"], stored["said"], stored["last"][1]) == ("ours",) * 4
    assert list(load(stored).said) == ["lines.b.price", "lines.a.price"]


def test_equal_states_in_another_order_are_both_kept() -> None:
    ours: State = {"lines.b.price": 1, "lines.a.price": 2}
    said = dict(reversed(ours.items()))
    assert list(load(dump(Agreed(ours=ours, said=said))).said) == list(said)
