"""The canonical form: RFC 8785's own example as far as it has no floats, and what is refused."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical, digest

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_names_are_ordered_by_their_utf_16_code_units() -> None:
    """RFC 8785, section 3.2.3: the grinning face comes before the Hebrew letter."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.loads(canonical(dict.fromkeys(names, 1)))
    assert list(found) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_texts_are_escaped_as_little_as_possible() -> None:
    """RFC 8785, section 3.2.2.2."""
    value = {"string": '\u20ac$\u000f\nA\'B"\\\\"/'}
    assert canonical(value) == b'{"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@given(plain)
def test_it_is_the_same_for_the_same_and_says_it_all(value: Any) -> None:
    found = canonical(value)
    assert json.loads(found) == value
    assert canonical(json.loads(found)) == found


@pytest.mark.parametrize("value", [1.5, 2**53, object(), {"a": [0.1]}])
def test_what_has_no_single_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_the_hash_is_over_all_but_itself() -> None:
    expected = hashlib.sha256(b'{"a":"1.00","b":[2]}').hexdigest()
    assert digest({"b": [2], "a": "1.00"}) == expected
    assert digest({"sha256": "x", "b": [2], "a": "1.00"}) == expected
    assert digest({"b": [2], "a": "1.01"}) != expected
