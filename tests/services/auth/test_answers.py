"""What is read out of answers and URLs that others wrote."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.provider import provider
from services.auth.answers import company_id, read_name, read_tokens, shown

OAUTH = provider("xero").oauth
LIVES = {"refresh_life_field": "refresh_in", "consent_life_field": "ends_in"}


@pytest.mark.parametrize(
    ("told", "life"),
    [(1200, 1200), ("1200", 1200), ("", 1800), (None, 1800), ("soon", 1800), (0, 1800), ([], 1800)],
)
def test_a_life_may_be_a_number_in_a_string(told: Any, life: int) -> None:
    assert OAUTH is not None
    tokens = read_tokens({"access_token": "a", "expires_in": told}, OAUTH)
    assert tokens is not None
    assert tokens.life == timedelta(seconds=life)


def test_lives_are_read_where_the_facts_say() -> None:
    assert OAUTH is not None
    answer = {"access_token": "a", "refresh_in": 8_640_000, "ends_in": "157680000"}
    tokens = read_tokens(answer, OAUTH.model_copy(update=LIVES))
    assert tokens is not None
    assert (tokens.refresh_life, tokens.consent_life) == (timedelta(100), timedelta(5 * 365))
    untold = read_tokens(answer, OAUTH)
    assert untold is not None
    assert (untold.refresh_life, untold.consent_life) == (None, None)


@pytest.mark.parametrize(
    "text", ["9130001112223334", "0b2e5f7a-5d0b-4b7e-9a53-0f6f3c1c8a11", "a.b"]
)
def test_a_companys_id(text: str) -> None:
    assert company_id(text) == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "a b", "a?b", "a%2Fb", "é", "a\n", "x" * 101]
)
def test_what_is_no_companys_id(text: str) -> None:
    assert company_id(text) is None


@pytest.mark.parametrize(
    ("body", "path", "name"),
    [
        (b'{"A":{"Name":"Kauri"}}', "A.Name", "Kauri"),
        (b'{"A":{"Name":7}}', "A.Name", ""),
        (b'{"A":[]}', "A.Name", ""),
        (b"<xml/>", "A.Name", ""),
        (b'{"A":"Kauri"}', None, ""),
    ],
)
def test_a_name_is_found_or_not(body: bytes, path: str | None, name: str) -> None:
    assert read_name(body, path) == name


def test_a_name_fits_a_page_and_an_event() -> None:
    assert shown(" Te\x00\u202eKauri\n & Sons ") == "Te Kauri & Sons"
    assert len(shown("x" * 300)) == 255
