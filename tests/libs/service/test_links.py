"""Signed links to connect a company."""

from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from contracts.messages import Scope
from libs.service.links import ALGORITHM, ConnectLink, LinkRefused, read_link, sign_link

KEY = SecretStr("a link key of thirty-two characters")
NOW = 1_780_000_000
GOOD = {"tenant": "t1", "aud": "auth", "iat": NOW, "exp": NOW + 60}


def test_what_was_signed_is_read() -> None:
    link = ConnectLink(
        tenant="t1",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        scope=Scope(locations=("north",)),
        connection="c1",
        company="x",
        return_to="https://product.example/",
    )
    assert read_link(KEY, sign_link(KEY, link, now=NOW), now=NOW) == link


@pytest.mark.parametrize(
    "claims",
    [
        GOOD | {"exp": NOW - 60},
        GOOD | {"exp": NOW + 7200},
        GOOD | {"aud": "portal"},
        GOOD | {"tenant": ""},
        GOOD | {"return_to": "javascript:alert(1)"},
        GOOD | {"starts_at": "2026-01-01T00:00:00"},
        {name: GOOD[name] for name in ("aud", "iat", "exp")},
        {name: GOOD[name] for name in ("tenant", "aud", "iat")},
        {name: GOOD[name] for name in ("tenant", "iat", "exp")},
    ],
)
def test_a_bad_link_is_refused(claims: dict[str, object]) -> None:
    assert read_link(KEY, signed(GOOD), now=NOW).tenant == "t1"
    with pytest.raises(LinkRefused):
        read_link(KEY, signed(claims), now=NOW)


def test_another_key_and_an_unsigned_link_are_refused() -> None:
    for token in (signed(GOOD, "another key of thirty-two characters"), "", "a.b.c", unsigned()):
        with pytest.raises(LinkRefused):
            read_link(KEY, token, now=NOW)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="LINK_KEY"):
        sign_link(SecretStr("short"), ConnectLink(tenant="t1"))


def signed(claims: dict[str, object], key: str = KEY.get_secret_value()) -> str:
    return jwt.encode({"alg": ALGORITHM}, claims, OctKey.import_key(key), algorithms=[ALGORITHM])


def unsigned() -> str:
    _, body, _ = signed(GOOD).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."
