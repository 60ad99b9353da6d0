import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.values import CONTROL, Currency, Model, Money, Price, Quantity, Text


class Sample(Model):
    """One of each."""

    money: Money = Decimal(0)
    price: Price = Decimal(0)
    quantity: Quantity = Decimal(0)
    currency: Currency = "GBP"
    text: Text = ""


def read(**fields: Any) -> Sample:
    return Sample.model_validate_json(json.dumps(fields))


def refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        read(**fields)
    [problem] = raised.value.errors()
    assert problem["loc"] == tuple(fields)
    return problem["msg"]


@pytest.mark.parametrize("number", [0, 1, 0.1, 12345678901234567.89, True, -3])
def test_a_number_where_money_belongs_is_refused_with_the_fix(number: Any) -> None:
    assert 'write it as a string, for example "12.50"' in refusal(money=number)


@pytest.mark.parametrize("text", ["0", "-0.5", "12.50", "123456789012345.6789"])
def test_money_travels_as_the_text_it_came_as(text: str) -> None:
    assert json.loads(read(money=text).model_dump_json())["money"] == text


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1.", ".5", "1,5", "1e3", "NaN", "Infinity", "+1", "١", "1_000", "1\n"]
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    assert "not a decimal" in refusal(money=text)


@pytest.mark.parametrize(("field", "places"), [("money", 4), ("quantity", 4), ("price", 6)])
def test_more_decimals_than_a_field_has_are_refused_not_rounded(field: str, places: int) -> None:
    fits = "1." + "9" * places
    assert getattr(read(**{field: fits}), field) == Decimal(fits)
    assert f"at most {places} decimals" in refusal(**{field: fits + "9"})


def test_sixteen_digits_before_the_point_are_refused() -> None:
    assert "not a decimal" in refusal(money="1234567890123456")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14)))
def test_a_decimal_of_ours_survives_the_wire_to_the_last_digit(amount: Decimal) -> None:
    if abs(amount) >= 10**15:
        return
    sample = Sample(money=amount)
    assert Sample.model_validate_json(sample.model_dump_json()).money == amount


@pytest.mark.parametrize("text", ["gbp", "GB", "GBPX", "£", "GBP\n", 826])
def test_a_currency_is_three_capitals(text: Any) -> None:
    refusal(currency=text)


@pytest.mark.parametrize("number", [0, 1, 8, 11, 27, 31, 127])
def test_a_control_character_is_refused_by_its_number(number: int) -> None:
    assert f"the control character U+{number:04X}: remove it" in refusal(text=f"a{chr(number)}b")


@pytest.mark.parametrize(
    "text", ["Zoë 🚗", "مرحبا", "\N{RIGHT-TO-LEFT MARK}right to left", "a\tb\nc\r\n", "Ω" * 4000]
)
def test_every_other_text_is_kept_as_it_is(text: str) -> None:
    assert read(text=text).text == text


@given(st.text(max_size=20))
def test_the_schema_refuses_the_control_characters_the_model_refuses(text: str) -> None:
    pattern = Sample.model_json_schema()["properties"]["text"]["pattern"]
    assert bool(re.search(pattern.replace("$", r"\Z"), text)) == (CONTROL.search(text) is None)


def test_a_field_nobody_agreed_on_is_refused_and_a_message_is_not_changed_later() -> None:
    assert "Extra inputs" in refusal(colour="red")
    sample = Sample()
    with pytest.raises(ValidationError, match="frozen"):
        sample.money = Decimal(1)  # type: ignore[misc]
