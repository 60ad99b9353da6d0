"""Which companies a body names."""

import json

import pytest

from services.webhook_gateway.companies import Named, Unreadable, named_companies
from tests.services.webhook_gateway.signing import HANDSHAKE, webhook

PATH = ("events[].tenantId",)
FORMS = ("eventNotifications[].realmId", "[].intuitaccountid")


def test_each_company_once_in_order() -> None:
    named = named_companies(webhook(["b", "a", "b"]), PATH)
    assert named == Named(("b", "a"), nameless=False)


def test_a_handshake_names_nobody_and_lacks_nothing() -> None:
    assert named_companies(HANDSHAKE, PATH) == Named((), nameless=False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "events",
        {"events": None},
        {"events": {"tenantId": "a"}},
        {"events": [{"tenantId": ""}]},
        {"events": [{"tenantId": None}]},
        {"events": [{"tenantId": ["a"]}]},
        {"events": [{"tenantId": "a\u0000b"}]},
        {"events": [{"tenantId": "\ud800"}]},
        {"events": [{"tenantId": "a" * 256}]},
        {"events": ["a"]},
    ],
)
def test_what_names_no_company_is_told(body: object) -> None:
    assert named_companies(json.dumps(body).encode(), PATH) == Named((), nameless=True)


def test_one_nameless_part_does_not_hide_the_others() -> None:
    body = b'{"events":[{"tenantId":"a"},{}]}'
    assert named_companies(body, PATH) == Named(("a",), nameless=True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("realmId", b'{"realmId": 12345678901234567890123}'),
        ("account.id", b'{"account": {"id": "12345678901234567890123"}}'),
        ("[].company", b'[{"company": "12345678901234567890123"}]'),
        ("ids[]", b'{"ids": [12345678901234567890123]}'),
    ],
)
def test_other_paths(path: str, body: bytes) -> None:
    assert named_companies(body, [path]) == Named(("12345678901234567890123",), nameless=False)


@pytest.mark.parametrize(
    ("body", "companies", "nameless"),
    [
        (b'{"eventNotifications":[{"realmId":"913"},{"realmId":"914"}]}', ("913", "914"), False),
        (b'[{"id":"e1","intuitaccountid":"913"},{"intuitaccountid":"914"}]', ("913", "914"), False),
        (b'[{"intuitaccountid":"913"},{}]', ("913",), True),
        (b'{"eventNotifications":[]}', (), False),
        (b"[]", (), False),
        (b'{"eventNotifications":[{}]}', (), True),
        (b"{}", (), True),
    ],
)
def test_a_body_may_have_several_forms(
    body: bytes, companies: tuple[str, ...], *, nameless: bool
) -> None:
    for paths in (FORMS, FORMS[::-1]):
        assert named_companies(body, paths) == Named(companies, nameless)


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"payload=%7B%7D"])
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(Unreadable):
        named_companies(body, PATH)
