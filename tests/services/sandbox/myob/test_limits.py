"""Limits (dossier section 3): one for the API key over all customers."""

from services.sandbox.clock import Clock
from services.sandbox.providers.myob.limits import Limits
from tests.services.sandbox.myob.client import MyobClient, connect
from tests.services.sandbox.server import Sandbox


def statuses(client: MyobClient, calls: int) -> list[int]:
    return [client.send("GET", "/Company/Preferences").status_code for _ in range(calls)]


def test_eight_a_second_over_all_customers(strict: Sandbox) -> None:
    """8 requests a second per API key over all customers; 403 `RateLimitError`, no Retry-After."""
    with connect(strict) as one, connect(strict) as other:
        strict.advance(2)
        # A slow machine lets calls age out of the second: then it takes a few more.
        found = [status for _ in range(40) for status in statuses(one, 1) + statuses(other, 1)]
        assert found[:8] == [200] * 8
        assert 403 in found
        strict.advance(2)
        for _ in range(60):
            answer = other.send("GET", "/Company/Preferences")
            if answer.status_code == 403:
                break
        [error] = answer.json()["Errors"]
        assert error["Name"] == "RateLimitError"
        assert error["Message"] == "API key has exceeded the per-second rate limit"
        assert error["AdditionalDetails"] == "Header: x-myobapi-key"
        assert (error["ErrorCode"], error["Severity"]) == (None, "Error")
        assert "retry-after" not in answer.headers
        strict.advance(1)
        assert statuses(one, 1) == [200]


def test_the_day() -> None:
    """1,000,000 a day ("…daily rate limit" for the day): served again the next day."""
    clock = Clock()
    limits = Limits(clock, enforced=True, a_day=3)
    for _ in range(3):
        assert limits.take("key") is None
        clock.advance(1)
    assert limits.take("key") == "daily"
    assert limits.take("other") is None
    clock.advance(86_400)
    assert limits.take("key") is None


def test_no_limits(myob: MyobClient) -> None:
    """`create_app(limits=False)` switches them off."""
    assert statuses(myob, 30) == [200] * 30


def test_tokens_are_not_limited(strict: Sandbox) -> None:
    """The key's limit is the API's, not the login's."""
    for _ in range(12):
        assert strict.raw.get(f"{strict.root}/oauth2/account/authorize").status_code == 400
