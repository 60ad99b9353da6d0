"""Records as flat states, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts import entities
from libs.connector.flat import (
    KEYS,
    State,
    arranged,
    containers,
    elements,
    flatten,
    join,
    names,
    unflatten,
)

WORDS = st.text(max_size=6) | st.sampled_from(["a.b", "~", "~1", ".", "", "lines", "0"])
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)
SCALARS = st.text(max_size=8) | DECIMALS | st.integers() | st.booleans()
FIELDS = st.sampled_from(["price", "text", "tax", "unit"])


def listed(identity: str, content: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    names = st.lists(WORDS, min_size=1, max_size=4, unique=True)
    return names.flatmap(
        lambda found: st.tuples(*(content for _ in found)).map(
            lambda contents: [{identity: n, **c} for n, c in zip(found, contents, strict=True)]
        )
    )


TRACKED = st.fixed_dictionaries(
    {"tracking": listed("tracking", st.fixed_dictionaries({"option": WORDS}))}
)
LINES = listed(
    "id",
    st.builds(
        lambda some, tracking, price: some | tracking | {"price": price},
        st.dictionaries(FIELDS, SCALARS),
        st.just({}) | TRACKED,
        DECIMALS,
    ),
)
ENTITIES = st.fixed_dictionaries(
    {"memo": WORDS},
    optional={
        "lines": LINES,
        "attributes": st.dictionaries(WORDS, st.text(max_size=5), min_size=1, max_size=3),
        "allocations": listed("document", st.fixed_dictionaries({"amount": DECIMALS})),
        "addresses": listed("kind", st.fixed_dictionaries({"city": WORDS})),
        "purchase_orders": st.lists(WORDS, min_size=1, max_size=3, unique=True),
    },
)


@given(ENTITIES)
def test_an_entity_survives_the_round_trip_with_the_order_of_its_lines(entity: Any) -> None:
    assert unflatten(flatten(entity, KEYS), KEYS) == entity


@given(ENTITIES)
def test_a_state_survives_the_round_trip(entity: Any) -> None:
    state = flatten(entity, KEYS)
    again = flatten(unflatten(state, KEYS), KEYS)
    assert list(again.items()) == list(state.items())


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_names_survive_a_path(parts: list[str]) -> None:
    path = ""
    for depth, part in enumerate(parts):
        path = join(path, part) if depth else f"x.{join('', part)}"
    assert names(path) == ["x", *parts]


def test_elements_are_named_by_identity_and_dots_are_escaped() -> None:
    entity = {
        "memo": "x",
        "lines": [
            {"id": "a.1", "price": Decimal("1.50"), "item": None},
            {"id": "b", "price": Decimal(2), "tracking": ({"tracking": "t", "option": "o"},)},
        ],
        "attributes": {"paint.code": "LY9B"},
        "purchase_orders": ("po1",),
    }
    assert flatten(entity, KEYS) == {
        "memo": "x",
        "lines.a~11.price": Decimal("1.5"),
        "lines.b.price": Decimal(2),
        "lines.b.tracking.t.option": "o",
        "attributes.paint~1code": "LY9B",
        "purchase_orders.po1": True,
    }


def test_dates_enumerations_and_ids_become_text() -> None:
    class Color(StrEnum):
        RED = "red"

    state = flatten({"on": date(2010, 12, 1), "color": Color.RED, "id": UUID(int=1)}, {})
    assert state == {"on": "2010-12-01", "color": "red", "id": str(UUID(int=1))}
    assert type(state["color"]) is str


@pytest.mark.parametrize(
    ("entity", "error", "says"),
    [
        ({"lines": [{"id": "a", "p": 1}, {"id": "a", "p": 2}]}, ValueError, "lines names a twice"),
        ({"lines": [{"p": 1}]}, ValueError, "an element of lines has no id"),
        ({"tags": ["a"]}, ValueError, "the elements of tags have no identity"),
        ({"lines": [{"id": "a", "price": 0.1}]}, TypeError, "lines.a.price holds a float"),
        ({"total": Decimal("NaN")}, ValueError, "total is not a number"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    entity: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        flatten(entity, KEYS)


def test_no_record_is_the_empty_state() -> None:
    assert flatten({}, KEYS) == {}
    assert unflatten({}, KEYS) == {}
    assert elements({}) == set()


def test_a_path_lies_in_its_record_its_line_and_what_is_nested_in_the_line() -> None:
    assert containers("memo") == [""]
    assert containers("attributes.color") == [""]
    assert containers("lines.a.price") == ["", "lines.a"]
    assert containers("lines.a.tracking.t.option") == ["", "lines.a", "lines.a.tracking.t"]


def test_order_is_carried_but_is_no_value() -> None:
    there: State = {"lines.a.price": 1, "lines.b.price": 2, "lines.c.price": 3}
    wanted: State = {"lines.x.price": 9, "lines.b.price": 2, "lines.a.price": 1}
    moved = arranged(there, wanted)
    assert moved == there
    assert [line["id"] for line in unflatten(moved, KEYS)["lines"]] == ["b", "a", "c"]


def lists_of(model: type[BaseModel], above: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        inner = [a for a in get_args(info.annotation) if a is not Ellipsis]
        if getattr(info.annotation, "__origin__", None) not in {tuple, list}:
            continue
        yield above + name
        for one in inner:
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from lists_of(one, f"{above}{name}.")


def test_every_list_of_the_contract_has_an_identity() -> None:
    models = get_args(get_args(entities.Entity)[0])
    found = {path for model in models for path in lists_of(model, "")}
    assert found == set(KEYS)
