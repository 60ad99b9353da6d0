"""Fault switches and the control API as MYOB has them."""

import httpx
import pytest

from tests.services.sandbox.myob.client import MyobClient, ref
from tests.services.sandbox.myob.oauth import dead, refresh
from tests.services.sandbox.server import wait_until

SERVICE = "/Sale/Invoice/Service"


def stored(myob: MyobClient) -> int:
    return len(myob.sandbox.documents(myob.company)["Sale/Invoice"])


def test_lose_answer(myob: MyobClient) -> None:
    """A POST may have done its work though the answer was lost."""
    body = myob.sale(Number="KP-1")
    myob.sandbox.fault("lose-answer", method="POST", path="/Sale/Invoice")
    with pytest.raises(httpx.HTTPError):
        myob.send("POST", SERVICE, json=body)
    assert len(myob.items("/Sale/Invoice", **{"$filter": "Number eq 'KP-1'"})) == 1


@pytest.mark.parametrize(
    ("status", "name"), [(500, "InternalError"), (504, "GatewayTimeout"), (503, "")]
)
def test_errors_before_and_after(myob: MyobClient, status: int, name: str) -> None:
    """504 `GatewayTimeout`: the write may have happened; a body that is not always JSON."""
    body = myob.sale()
    for fault, kept in (("error-before", 0), ("error-after", 1)):
        myob.sandbox.fault(fault, path="/Sale/Invoice", status=status)
        answer = myob.send("POST", SERVICE, json=body)
        assert answer.status_code == status
        if name:
            assert answer.json()["Errors"][0]["Name"] == name
        else:
            assert answer.headers["content-type"].startswith("text/html")
        assert stored(myob) == kept


def test_throttle(myob: MyobClient) -> None:
    """403 `RateLimitError`; one secondary source says 429; the day's has its own text."""
    for fields, status, text in (
        ({}, 403, "per-second"),
        ({"status": 429}, 429, "per-second"),
        ({"seconds": 86_400}, 403, "daily"),
    ):
        myob.sandbox.fault("throttle", **fields)
        answer = myob.send("GET", "/Sale/Invoice")
        assert answer.status_code == status
        assert f"{text} rate limit" in answer.json()["Errors"][0]["Message"]
        assert "retry-after" not in answer.headers


def test_hang(myob: MyobClient) -> None:
    """hold the socket `seconds`, then commit late (or never)."""
    body = myob.sale()
    for commit in (False, True):
        myob.sandbox.fault("hang", path="/Sale/Invoice", seconds=0.4, commit=commit)
        with pytest.raises(httpx.ReadTimeout):
            myob.send("POST", SERVICE, json=body, timeout=0.1)
    wait_until(lambda: stored(myob) == 1)


def test_a_hang_that_does_not_commit(myob: MyobClient) -> None:
    body = myob.sale()
    myob.sandbox.fault("hang", path="/Sale/Invoice", seconds=0.1, commit=False)
    with pytest.raises(httpx.HTTPError):
        myob.send("POST", SERVICE, json=body)
    assert stored(myob) == 0


def test_stale_version(myob: MyobClient) -> None:
    """Somebody else saves first: 409 until it is read again; only a PUT can be stale."""
    made = myob.invoice()
    myob.sandbox.fault("stale-version", path="/Sale/Invoice")
    path = f"{SERVICE}/{made['UID']}"
    assert myob.send("GET", path).status_code == 200
    for _ in range(2):
        myob.refuse("PUT", path, made, "IncorrectRowVersionSupplied", 111, 409)
    assert myob.update(SERVICE, made, Comment="now")["Comment"] == "now"


def test_lose_refresh_answer(myob: MyobClient) -> None:
    """the token endpoint rotates, then cuts."""
    myob.sandbox.fault("lose-refresh-answer")
    with pytest.raises(httpx.HTTPError):
        refresh(myob.sandbox, myob.token["refresh_token"])
    assert dead(refresh(myob.sandbox, myob.token["refresh_token"]))


@pytest.mark.parametrize("fault", ["partial", "drop-webhooks", "shuffle-webhooks"])
def test_faults_that_cannot_be(myob: MyobClient, fault: str) -> None:
    """No batch and no webhooks: nothing to spoil."""
    assert myob.sandbox.http.post("/faults", json={"fault": fault}).status_code == 422


def test_no_webhooks(myob: MyobClient) -> None:
    """**No webhooks**: a clear 4xx."""
    answer = myob.sandbox.http.post("/webhook", json={"url": "http://127.0.0.1:9/", "key": "k"})
    assert answer.status_code == 422
    assert "no webhooks" in answer.json()["error"]
    assert myob.sandbox.control("GET", "/webhook")["state"] == "disabled"


def test_no_idempotency_key(myob: MyobClient) -> None:
    """No idempotency key of any kind: the same call acts twice."""
    body, headers = myob.sale(), {"Idempotency-Key": "one"}
    for _ in range(2):
        assert myob.send("POST", SERVICE, json=body, headers=headers).status_code == 201
    assert stored(myob) == 2


def test_two_companies_from_the_start(myob: MyobClient) -> None:
    companies = myob.sandbox.control("GET", "/companies")
    assert {"AUD", "NZD"} <= {company["currency"] for company in companies}
    assert all(set(company) == {"id", "name", "currency"} for company in companies)


def test_companies_that_cannot_be(myob: MyobClient) -> None:
    for wanted in (
        {"name": ""},
        {"name": "A", "country": "FR"},
        {"name": "A", "currency": "XXX"},
        {"name": "A", "habits": {"nonsense": True}},
    ):
        assert myob.sandbox.http.post("/companies", json=wanted).status_code == 422


def test_the_page_for_people(myob: MyobClient) -> None:
    made = myob.untaxed(100, Customer=ref(myob.customer(CompanyName="<b>Rata & Co</b>")))
    myob.pay(made, 40)
    answer = myob.sandbox.http.get(f"/companies/{myob.company}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert made["Number"] in answer.text
    assert "<b>Rata" not in answer.text


def test_documents_are_as_the_api_shows_them(myob: MyobClient) -> None:
    made = myob.invoice()
    [shown] = myob.sandbox.documents(myob.company)["Sale/Invoice"]
    assert shown.pop("InvoiceType") == "Service"
    read = myob.send("GET", f"{SERVICE}/{made['UID']}", params={"generateUris": "false"}).json()
    assert shown == read


def test_bookkeeper(myob: MyobClient) -> None:
    """add, edit, unpay, delete, archive, copy, rename and archive accounts; no void."""
    made = myob.do("add", resource="Sale/Invoice/Service", record=myob.sale())
    line = made["Lines"][0] | {"Total": 70.1}
    changed = myob.do("edit", id=made["UID"], changes={"Lines": [line], "Comment": "c"})
    assert (changed["Subtotal"], changed["Comment"]) == (70.1, "c")
    copy = myob.do("copy", id=made["UID"])
    assert copy["Number"] != made["Number"]
    assert copy["Subtotal"] == 70.1
    paid = myob.do("pay", id=made["UID"])
    assert myob.read(SERVICE, made)["Status"] == "Closed"
    myob.do("unpay", id=paid["UID"])
    myob.do("delete", id=made["UID"])
    card = made["Customer"]["UID"]
    assert myob.do("archive", id=card)["IsActive"] is False
    assert myob.do("unarchive", id=card)["IsActive"] is True
    assert myob.do("rename_account", id="4-4100", name="Takings")["Name"] == "Takings"
    assert myob.do("archive_account", id="4-4100")["IsActive"] is False
    for wrong in ({"do": "void", "id": copy["UID"]}, {"do": "dance"}, {"do": "pay", "id": "x"}):
        answer = myob.sandbox.http.post(f"/companies/{myob.company}/bookkeeper", json=wrong)
        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]


def test_the_request_log(myob: MyobClient) -> None:
    myob.customer()
    row = myob.sandbox.requests(myob.company)[-1]
    assert (row["method"], row["status"]) == ("POST", 201)
    assert row["path"].endswith("/Contact/Customer")
    assert row["ms"] > 0
