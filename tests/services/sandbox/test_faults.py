"""Each fault switch does what the control API says; counts come from documents and log."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.services.sandbox.server import Json, Sandbox, wait_until
from tests.services.sandbox.xero import oauth
from tests.services.sandbox.xero.client import QUIET, XeroClient
from tests.services.sandbox.xero.receiver import KEY, Receiver

CUT = (httpx.RemoteProtocolError, httpx.ReadError)


def put(xero: XeroClient, count: int = 1, **kwargs: object) -> httpx.Response:
    """Send new invoices and hand back the answer as it is."""
    body = {"Invoices": [xero.sale() for _ in range(count)]}
    return xero.send("PUT", "/Invoices", json=body, params=QUIET, **kwargs)


def stored(xero: XeroClient) -> int:
    """How many invoices the sandbox holds."""
    return len(xero.sandbox.documents(xero.tenant)["Invoices"])


def log(xero: XeroClient) -> list[Json]:
    return [r for r in xero.sandbox.requests(xero.tenant) if r["method"] in ("PUT", "POST")]


def test_lose_answer(xero: XeroClient) -> None:
    """`lose-answer`: commit, then cut the connection."""
    xero.sandbox.fault("lose-answer", method="PUT", path="/Invoices")
    with pytest.raises(CUT):
        put(xero)
    assert stored(xero) == 1
    assert [r["fault"] for r in log(xero)] == ["lose-answer"]
    assert put(xero).status_code == 200
    assert stored(xero) == 2


def test_lose_answer_then_replay(xero: XeroClient) -> None:
    """A lost answer sent again with its key is replayed: still one invoice."""
    xero.sandbox.fault("lose-answer", path="/Invoices")
    headers, body = {"Idempotency-Key": str(uuid4())}, {"Invoices": [xero.sale()]}
    sent = {"json": body, "params": QUIET, "headers": headers}
    with pytest.raises(CUT):
        xero.send("PUT", "/Invoices", **sent)
    assert xero.send("PUT", "/Invoices", **sent).status_code == 200
    assert stored(xero) == 1
    assert [r["replayed"] for r in log(xero)] == [False, True]


def test_error_before(xero: XeroClient) -> None:
    """`error-before`: 5xx, not committed."""
    xero.sandbox.fault("error-before", path="/Invoices", status=502)
    assert put(xero).status_code == 502
    assert stored(xero) == 0


def test_error_after(xero: XeroClient) -> None:
    """`error-after`: 5xx, committed."""
    xero.sandbox.fault("error-after", path="/Invoices", status=504)
    assert put(xero).status_code == 504
    assert stored(xero) == 1


@pytest.mark.parametrize("fault", ["error-before", "error-after"])
def test_errors_are_5xx_by_default(xero: XeroClient, fault: str) -> None:
    """`status` may be left out."""
    xero.sandbox.fault(fault, path="/Invoices")
    assert 500 <= put(xero).status_code < 600


def test_error_before_is_not_a_stored_answer(xero: XeroClient) -> None:
    """Nothing was committed: the same key may be tried again and works."""
    xero.sandbox.fault("error-before", path="/Invoices")
    headers = {"Idempotency-Key": str(uuid4())}
    body = {"Invoices": [xero.sale()]}
    statuses = [
        xero.send("PUT", "/Invoices", json=body, params=QUIET, headers=headers).status_code
        for _ in range(2)
    ]
    assert statuses[1] == 200
    assert stored(xero) == 1


def test_throttle(xero: XeroClient) -> None:
    """`throttle`: 429 + Retry-After `seconds`; not committed."""
    xero.sandbox.fault("throttle", path="/Invoices", seconds=7)
    answer = put(xero)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["X-Rate-Limit-Problem"]
    assert stored(xero) == 0


def test_hang_commits_late(xero: XeroClient) -> None:
    """`hang`: hold the socket `seconds`, then commit late."""
    xero.sandbox.fault("hang", path="/Invoices", seconds=1.2, commit=True)
    with pytest.raises(httpx.ReadTimeout):
        put(xero, timeout=0.1)
    assert stored(xero) == 0
    wait_until(lambda: stored(xero) == 1)


def test_hang_answers_one_who_waits(xero: XeroClient) -> None:
    """`hang`: one who waits long enough gets his answer."""
    xero.sandbox.fault("hang", path="/Invoices", seconds=0.1, commit=True)
    assert put(xero).status_code == 200
    assert stored(xero) == 1
    assert [r["fault"] for r in log(xero)] == ["hang"]


def test_hang_may_never_commit(xero: XeroClient) -> None:
    """`hang` with `commit` false."""
    xero.sandbox.fault("hang", path="/Invoices", seconds=0.3, commit=False)
    with pytest.raises(httpx.HTTPError):
        put(xero, timeout=0.1)
    wait_until(lambda: log(xero))
    assert stored(xero) == 0


def test_hang_holds_nobody_else(xero: XeroClient) -> None:
    """One held socket leaves other calls alone."""
    xero.sandbox.fault("hang", path="/Invoices", seconds=1.5, commit=True)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(put, xero)
        wait_until(lambda: not xero.sandbox.control("GET", "/faults"))
        assert xero.send("GET", "/Organisation").status_code == 200
        assert not held.done()
        assert held.result().status_code == 200


def test_partial(xero: XeroClient) -> None:
    """`partial`: commit only the first `after_elements` of a bulk call, then cut."""
    xero.sandbox.fault("partial", path="/Invoices", after_elements=2)
    with pytest.raises(CUT):
        put(xero, count=5)
    assert stored(xero) == 2


def test_times(xero: XeroClient) -> None:
    """`"times"=1`: so many requests and no more."""
    xero.sandbox.fault("error-before", path="/Invoices", times=2)
    assert [put(xero).status_code >= 500 for _ in range(3)] == [True, True, False]


def test_method_and_path(xero: XeroClient) -> None:
    """`path` is a prefix below the API root e.g. `/Invoices`; `method` narrows it."""
    xero.sandbox.fault("error-before", method="POST", path="/Invoices/")
    assert put(xero).status_code == 200
    assert xero.send("GET", "/Invoices").status_code == 200
    key = xero.records("Invoices")[0]["InvoiceID"]
    answer = xero.send("POST", f"/Invoices/{key}", json={"Reference": "x"})
    assert answer.status_code >= 500


def test_armed_ones_are_listed_and_disarmed(xero: XeroClient) -> None:
    """`POST` answers 201 `{"id"}`; `GET/DELETE` armed ones / disarm all."""
    armed = xero.sandbox.fault("error-before", path="/Invoices", times=3)
    listed = xero.sandbox.control("GET", "/faults")
    assert [fault["id"] for fault in listed] == [armed["id"]]
    xero.sandbox.control("DELETE", "/faults")
    assert xero.sandbox.control("GET", "/faults") == []
    assert put(xero).status_code == 200


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    """Errors: 4xx `{"error": "<sentence>"}`."""
    answer = sandbox.http.post("/faults", json={"fault": "nonsense"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]


def test_stale_version_means_nothing_here(xero: XeroClient) -> None:
    """`stale-version`: Xero has no version token at all, so a write is never refused for it."""
    answer = xero.sandbox.http.post("/faults", json={"fault": "stale-version"})
    assert answer.status_code == 201 or answer.json()["error"]
    assert put(xero).status_code == 200


@pytest.fixture
def hooked(xero: XeroClient, receiver: Receiver) -> Receiver:
    xero.sandbox.control("POST", "/webhook", {"url": receiver.url, "key": KEY})
    receiver.deliveries.clear()
    return receiver


def test_drop_webhooks(xero: XeroClient, hooked: Receiver) -> None:
    """`drop-webhooks`: the event is never delivered, the sequence shows the gap."""
    before = xero.contact()["ContactID"]
    hooked.wait(1, before)
    xero.sandbox.fault("drop-webhooks")
    lost = xero.contact()["ContactID"]
    wait_until(lambda: not xero.sandbox.control("GET", "/faults"))
    after = xero.contact()["ContactID"]
    hooked.wait(1, after)
    assert hooked.events(lost) == []
    spans = [(d.body["firstEventSequence"], d.body["lastEventSequence"]) for d in hooked.deliveries]
    assert spans[-1][0] > spans[0][1] + 1


def test_double_webhooks(xero: XeroClient, hooked: Receiver) -> None:
    """`double-webhooks`: the same event arrives twice."""
    xero.sandbox.fault("double-webhooks")
    first, second = hooked.wait(2, xero.contact()["ContactID"])
    assert first == second


def test_shuffle_webhooks(xero: XeroClient, hooked: Receiver) -> None:
    """`shuffle-webhooks`: nothing is lost, the order is not the order of the changes."""
    xero.sandbox.fault("shuffle-webhooks", times=12)
    made = [xero.contact()["ContactID"] for _ in range(12)]
    hooked.wait(12)
    arrived = [event["resourceId"] for event in hooked.events()]
    assert sorted(arrived) == sorted(made)
    assert arrived != made


def test_lose_refresh_answer(sandbox: Sandbox) -> None:
    """`lose-refresh-answer`: rotates, then cuts; the old token still works for 30 minutes."""
    token = oauth.sign_in(sandbox)["refresh_token"]
    sandbox.fault("lose-refresh-answer")
    with pytest.raises(CUT):
        oauth.refresh(sandbox, token)
    again = oauth.refresh(sandbox, token)
    assert again.status_code == 200
    assert again.json()["refresh_token"] != token
    sandbox.advance(31 * 60)
    assert oauth.refresh(sandbox, token).status_code == 400


def test_request_log(xero: XeroClient) -> None:
    """Request log: `[{"seq","at","method","path","query","company","status",…,"fault","ms"}]`."""
    key = str(uuid4())
    put(xero, count=3, headers={"Idempotency-Key": key})
    [entry] = log(xero)
    assert set(entry) == {
        *("seq", "at", "method", "path", "query", "company", "status", "idempotency_key"),
        *("replayed", "elements", "fault", "ms"),
    }
    assert (entry["company"], entry["status"], entry["elements"]) == (xero.tenant, 200, 3)
    assert (entry["idempotency_key"], entry["replayed"], entry["fault"]) == (key, False, None)
    assert entry["path"].endswith("/Invoices")
    seq = entry["seq"]
    xero.contact()
    assert {r["seq"] > seq for r in xero.sandbox.requests(xero.tenant, since=seq)} == {True}


def test_the_log_holds_no_secret(xero: XeroClient) -> None:
    """The log holds no tokens or secrets."""
    put(xero)
    oauth.refresh(xero.sandbox, xero.token["refresh_token"])
    text = xero.sandbox.http.get("/requests").text
    for secret in (xero.token["access_token"], xero.token["refresh_token"], "sandbox-secret"):
        assert secret not in text


def test_the_log_is_forgotten(xero: XeroClient) -> None:
    """`DELETE /_control/<provider>/requests` forgets it."""
    put(xero)
    xero.sandbox.control("DELETE", "/requests")
    assert xero.sandbox.requests(xero.tenant) == []


def test_clock_may_be_reset(xero: XeroClient) -> None:
    """`POST /clock` `{"advance_seconds":n}` or `{"reset":true}`."""
    xero.sandbox.advance(10 * 24 * 3600)
    assert xero.send("GET", "/Organisation").status_code == 401
    xero.sandbox.control("POST", "/clock", {"reset": True})
    assert xero.send("GET", "/Organisation").status_code == 200
