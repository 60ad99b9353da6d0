"""Section 3 of the dossier, limits: calls per minute and day, calls in flight, body size."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from services.sandbox.clock import Clock
from services.sandbox.providers.xero.limits import Limits
from tests.services.sandbox.server import Sandbox, wait_until
from tests.services.sandbox.xero.client import QUIET, XeroClient, connect, unique

MINUTE, DAY = 60, 24 * 60 * 60
LEFT = ("X-DayLimit-Remaining", "X-MinLimit-Remaining", "X-AppMinLimit-Remaining")


@pytest.fixture
def xero(strict: Sandbox) -> Iterator[XeroClient]:
    """A new company behind the vendor's limits, the app's minute still unused."""
    with connect(strict) as client:
        yield client


def left(answer: httpx.Response) -> list[int]:
    return [int(answer.headers[name]) for name in LEFT]


def spend(xero: XeroClient, calls: int) -> list[int]:
    """Make this many cheap calls on one connection; their statuses."""
    address = urlsplit(xero.sandbox.root)
    line = http.client.HTTPConnection(address.netloc, timeout=20)
    statuses = []
    for _ in range(calls):
        line.request("GET", f"{address.path}/api.xro/2.0/BrandingThemes", headers=xero.headers())
        answer = line.getresponse()
        answer.read()
        statuses.append(answer.status)
    line.close()
    return statuses


def test_every_answer_tells_what_is_left(xero: XeroClient) -> None:
    """Every answer: `X-DayLimit-Remaining`, `X-MinLimit-Remaining`, `X-AppMinLimit-Remaining`."""
    first, second = (left(xero.send("GET", "/Organisation")) for _ in range(2))
    assert first[:2] == [4_999, 59]
    assert [a - b for a, b in zip(first, second, strict=True)] == [1, 1, 1]
    assert left(xero.send("GET", "/Invoices/nonsense"))[1] == 57


def test_60_calls_a_minute_per_tenant(xero: XeroClient) -> None:
    """per minute: 60 per tenant; 429 with `Retry-After` and `X-Rate-Limit-Problem: minute`."""
    assert spend(xero, 60) == [200] * 60
    refused = xero.send("GET", "/Organisation")
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Problem"].lower() == "minute"
    assert 0 < int(refused.headers["Retry-After"]) <= MINUTE


def test_a_throttled_write_is_not_done(xero: XeroClient) -> None:
    """429 + Retry-After + X-Rate-Limit-Problem: retry after."""
    spend(xero, 60)
    before = xero.sandbox.documents(xero.tenant)
    body = {"Contacts": [{"Name": unique("Rata Cafe")}]}
    assert xero.send("PUT", "/Contacts", json=body).status_code == 429
    assert xero.sandbox.documents(xero.tenant) == before


def test_retry_after_is_long_enough(xero: XeroClient) -> None:
    """On 429: `Retry-After: <seconds>`."""
    spend(xero, 60)
    wait = int(xero.send("GET", "/Organisation").headers["Retry-After"])
    xero.sandbox.advance(wait)
    assert xero.send("GET", "/Organisation").status_code == 200


def test_another_tenant_has_its_own_minute(xero: XeroClient) -> None:
    """60 per tenant; 10,000 per app over all tenants."""
    spend(xero, 61)
    with connect(xero.sandbox) as other:
        answer = other.send("GET", "/Organisation")
        assert answer.status_code == 200
        assert left(answer)[1] == 59
        assert left(answer)[2] < 10_000 - 60


def test_5_calls_in_flight_per_tenant(xero: XeroClient) -> None:
    """concurrent: 5 in flight per tenant per app; `X-Rate-Limit-Problem: concurrent`."""
    xero.sandbox.fault("hang", path="/BrandingThemes", times=5, seconds=2, commit=True)
    with ThreadPoolExecutor(5) as pool:
        held = [pool.submit(xero.send, "GET", "/BrandingThemes") for _ in range(5)]
        wait_until(lambda: not xero.sandbox.control("GET", "/faults"))
        refused = xero.send("GET", "/Organisation")
        assert refused.status_code == 429
        assert refused.headers["X-Rate-Limit-Problem"].lower() == "concurrent"
        assert [call.result().status_code for call in held] == [200] * 5
    assert xero.send("GET", "/Organisation").status_code == 200


def test_5000_calls_a_day_per_tenant() -> None:
    """per day: 5,000 per tenant, rolling 24 h; a day-limit 429 carries hours in `Retry-After`."""
    clock = Clock()
    limits = Limits(clock, enforced=True)
    for call in range(5_000):
        assert limits.take("app", "tenant") is None
        if call % 59 == 58:
            clock.advance(MINUTE)
    refused = limits.take("app", "tenant")
    assert refused is not None
    assert refused.problem == "day"
    assert 2 * 60 * 60 < refused.retry_after <= DAY
    assert limits.take("app", "other") is None
    clock.advance(refused.retry_after)
    assert limits.take("app", "tenant") is None


def test_one_batch_is_one_call(xero: XeroClient) -> None:
    """One batch = one API call against the limits."""
    contacts = [{"Name": unique("Rata Cafe")} for _ in range(50)]
    before = left(xero.send("GET", "/Organisation"))[1]
    answer = xero.send("PUT", "/Contacts", json={"Contacts": contacts}, params=QUIET)
    assert left(answer)[1] == before - 1
    assert len(answer.json()["Contacts"]) == 50


def test_limits_may_be_off(sandbox: Sandbox) -> None:
    """`create_app(limits=False)` switches rate limits off."""
    with connect(sandbox) as xero:
        assert spend(xero, 130) == [200] * 130


def test_body_up_to_3_5_mb(sandbox: Sandbox) -> None:
    """request body: 3.5 MB; over it: status **UNCONFIRMED** (413 or 400)."""
    with connect(sandbox) as xero:
        assert put_bytes(xero, 3_400_000) == 200
        stored = len(xero.records("Items"))
        assert put_bytes(xero, 3_700_000) in (400, 413)
        assert len(xero.records("Items")) == stored


def put_bytes(xero: XeroClient, size: int) -> int:
    """Put 50 items in a body padded with blanks to this size."""
    items = [{"Code": unique("T"), "Description": "x" * 3_900} for _ in range(50)]
    body = json.dumps({"Items": items}).encode().ljust(size)
    headers = {"Content-Type": "application/json"}
    return xero.send("PUT", "/Items", content=body, params=QUIET, headers=headers).status_code
