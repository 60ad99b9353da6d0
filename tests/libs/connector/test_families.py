"""Whom a contact belongs to stands in its name where the ledger has no families."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.entities import Contact
from contracts.values import EntityType
from libs.connector import names, numbers
from libs.connector.agreed import Agreed
from libs.connector.states import state_of
from libs.testing.builders import contact, invoice
from tests.libs.connector.test_gate import LANE

CHILD = contact("c2", name="Leith", parent="c1")
AGREED = Agreed(ours=state_of(CHILD), said=state_of(CHILD), theirs={"name": "Leith"})


def lane(**fields: Any) -> Any:
    return replace(LANE, type=EntityType.CONTACT, state="bound", agreed=AGREED, **fields)


def called(of: Any, name: str, own: str = "Leith") -> tuple[str, str]:
    """What stands before the name there, and the name."""
    found = names.called(of, contact("c2", name=name), {"name": own})
    assert isinstance(found, Contact)
    return of.prefix, found.name


def test_the_name_goes_out_below_its_parents_and_comes_back_as_the_products() -> None:
    of = lane(above="Group: ")
    out = numbers.outward(of, CHILD)
    assert isinstance(out, Contact)
    assert out.name == "Group: Leith"
    assert numbers.inward(of, out) == CHILD
    assert called(of, "Group: Leith") == ("Group: ", "Leith")


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("Group: Leith", ("Group: ", "Leith")),
        ("Group: Leith Docks", ("Group: ", "Leith Docks")),
        ("Crew: Leith", ("Crew: ", "Leith")),
        ("Leith", ("", "Leith")),
        ("Docks", ("", "Docks")),
        ("Group: ", ("", "Group: ")),
    ],
)
def test_a_bookkeeper_may_change_either_half(shown: str, found: tuple[str, str]) -> None:
    assert called(lane(prefix="Group: "), shown) == found


def test_whoever_belongs_to_nobody_is_called_as_he_is() -> None:
    of = replace(lane(), agreed=Agreed(theirs={"name": "Leith"}))
    assert called(of, "Group: Leith") == ("", "Group: Leith")
    assert names.called(of, invoice(), {}) == invoice()


def test_a_name_is_written_for_the_parents_sake() -> None:
    """The parent is another one, is called otherwise, or there is none any more."""
    ours, normal = state_of(CHILD), {"name": "Leith"}
    moved, alone = {**ours, "parent": "c9"}, {k: v for k, v in ours.items() if k != "parent"}
    known = lane(prefix="Group: ")
    assert names.renamed(replace(known, above="Group: "), ours, ours, normal) == {}
    assert names.renamed(replace(known, above="Rivals: "), ours, moved, normal) == normal
    assert names.renamed(replace(known, above="Crew: "), ours, ours, normal) == normal
    assert names.renamed(known, ours, alone, normal) == normal


def test_a_bookkeeper_who_took_the_parent_away_is_left_with_that() -> None:
    ours = state_of(CHILD)
    assert names.renamed(lane(above="Group: "), ours, ours, {"name": "Leith"}) == {}
