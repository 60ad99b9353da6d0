"""A prefix goes out with the number and is taken away on the way back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from libs.connector import numbers
from libs.testing.builders import contact, credit_note, invoice, item
from tests.libs.connector.test_gate import LANE

PREFIXED = replace(LANE, prefix="LB-")


@given(st.text("LB-0123", min_size=1, max_size=12))
def test_there_and_back_is_the_same_whatever_the_number(number: str) -> None:
    one = invoice(number=number)
    out = numbers.outward(PREFIXED, one)
    assert numbers.number(out) == "LB-" + number
    assert numbers.inward(PREFIXED, out) == one
    assert numbers.prefix_between(numbers.number(out), number) == "LB-"


def test_only_documents_with_a_number_have_one() -> None:
    for entity in (contact(), item(), invoice(number="")):
        assert numbers.outward(PREFIXED, entity) == entity
    note = credit_note()
    assert numbers.outward(LANE, note) == note
    assert numbers.number(numbers.outward(PREFIXED, note)) == "LB-CN-n1"


def test_a_number_the_bookkeeper_has_given_is_left() -> None:
    assert numbers.inward(PREFIXED, invoice(number="MINE")) == invoice(number="MINE")
    assert numbers.prefix_between("MINE", "INV-1") == ""
    assert numbers.prefix_between("LB-1", "") == ""
