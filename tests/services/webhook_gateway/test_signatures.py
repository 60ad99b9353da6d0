"""Signatures as the vendors write them."""

import hashlib
import hmac

import pytest

from contracts.provider import Webhooks, provider
from services.webhook_gateway.signatures import WebhookKeys, is_signed
from tests.services.webhook_gateway.signing import KEY, signature

BODY = b'{"events": [] }'


@pytest.fixture
def xero() -> Webhooks:
    facts = provider("xero").webhooks
    assert facts is not None
    return facts


def test_the_raw_bytes_are_signed(xero: Webhooks) -> None:
    assert is_signed(xero, BODY, signature(BODY), [KEY.encode()])
    assert not is_signed(xero, BODY.replace(b" ", b""), signature(BODY), [KEY.encode()])


@pytest.mark.parametrize(
    "sent", ["", "x", signature(BODY)[:-1], signature(BODY).lower(), "é€\udcff"]
)
def test_another_signature_is_refused(xero: Webhooks, sent: str) -> None:
    assert not is_signed(xero, BODY, sent, [KEY.encode()])


def test_either_key_fits_during_a_rotation(xero: Webhooks) -> None:
    keys = WebhookKeys.from_environment({"XERO_WEBHOOK_KEY": f" old-key , {KEY},"})
    assert is_signed(xero, BODY, signature(BODY, "old-key"), keys.of("xero"))
    assert is_signed(xero, BODY, signature(BODY), keys.of("xero"))
    assert not is_signed(xero, BODY, signature(BODY, "other"), keys.of("xero"))


def test_without_a_key_nothing_is_signed(xero: Webhooks) -> None:
    keys = WebhookKeys.from_environment({"XERO_WEBHOOK_KEY": ","})
    assert keys.of("xero") == ()
    assert not is_signed(xero, BODY, signature(BODY, ""), keys.of("xero"))


def test_hexadecimal_signatures(xero: Webhooks) -> None:
    facts = xero.model_copy(update={"algorithm": "hmac-sha256-hex"})
    sent = hmac.new(b"k", BODY, hashlib.sha256).hexdigest()
    assert is_signed(facts, BODY, sent, [b"k"])
    assert not is_signed(xero, BODY, sent, [b"k"])


def test_keys_are_not_shown() -> None:
    assert KEY not in repr(WebhookKeys.from_environment({"XERO_WEBHOOK_KEY": KEY}))
