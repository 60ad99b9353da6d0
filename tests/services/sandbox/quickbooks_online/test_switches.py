"""Fault switches, limits, fault shapes and XML: dossier sections 3 and 10."""

from uuid import uuid4

import httpx
import pytest

from tests.services.sandbox.quickbooks_online.client import (
    Qbo,
    connect,
    fault,
    token_of,
    unique,
    xml,
)
from tests.services.sandbox.server import Sandbox

SPACE = {"q": "http://schema.intuit.com/finance/v3"}


def test_lost_answer(qbo: Qbo) -> None:
    """`lose-answer`: committed; the same requestid finds it."""
    wire, key = qbo.sale(), str(uuid4())
    qbo.sandbox.fault("lose-answer", method="POST", path="/invoice")
    with pytest.raises(httpx.HTTPError):
        qbo.send("POST", "/invoice", json=wire, params={"requestid": key})
    [stored] = qbo.rows("select * from Invoice")
    assert qbo.post("Invoice", wire, requestid=key)["Id"] == stored["Id"]


@pytest.mark.parametrize(("name", "committed"), [("error-before", 0), ("error-after", 1)])
def test_errors(qbo: Qbo, name: str, committed: int) -> None:
    """5xx before or after the commit: code 10000, SystemFault; retried with the same requestid."""
    wire, key = qbo.sale(), {"requestid": str(uuid4())}
    qbo.sandbox.fault(name, path="/invoice", status=503)
    answer = qbo.send("POST", "/invoice", json=wire, params=key)
    assert fault(answer, 503)["code"] == "10000"
    assert answer.json()["Fault"]["type"] == "SystemFault"
    assert len(qbo.rows("select * from Invoice")) == committed
    qbo.post("Invoice", wire, **key)
    assert len(qbo.rows("select * from Invoice")) == 1


def test_a_refusal_nobody_has_met(qbo: Qbo) -> None:
    """`error-before` with a status of 4xx: a fault of a code that is in no table; not committed."""
    qbo.sandbox.fault("error-before", path="/invoice", status=400)
    assert fault(qbo.send("POST", "/invoice", json=qbo.sale()), 400)["code"] == "6999"
    assert qbo.rows("select * from Invoice") == []


def test_partial_batch(qbo: Qbo) -> None:
    """`partial`: only the first elements are committed, then the connection is cut."""
    items = [
        {"bId": str(i), "operation": "create", "Customer": {"DisplayName": unique("x")}}
        for i in range(5)
    ]
    qbo.sandbox.fault("partial", path="/batch", after_elements=2)
    with pytest.raises(httpx.HTTPError):
        qbo.send("POST", "/batch", json={"BatchItemRequest": items})
    assert qbo.query("select count(*) from Customer")["totalCount"] == 2


@pytest.mark.parametrize("commit", [True, False])
def test_hang(qbo: Qbo, commit: bool) -> None:
    """`hang`: the socket is held, then committed late or cut."""
    qbo.sandbox.fault("hang", path="/customer", seconds=0.05, commit=commit)
    wire = {"DisplayName": unique("x")}
    if commit:
        assert qbo.post("Customer", wire)
    else:
        with pytest.raises(httpx.HTTPError):
            qbo.send("POST", "/customer", json=wire)
    assert qbo.query("select count(*) from Customer")["totalCount"] == commit


def test_stale_version_fault(qbo: Qbo) -> None:
    """`stale-version`: the next update of something that is there is 5010; creates are not."""
    made = qbo.invoice()
    qbo.sandbox.fault("stale-version", path="/invoice")
    assert qbo.invoice()
    wire = token_of(made) | {"sparse": True, "PrivateNote": "x"}
    assert qbo.refused("Invoice", wire)["code"] == "5010"
    assert qbo.post("Invoice", wire)


def test_throttle_fault(qbo: Qbo) -> None:
    """Section 3: 429 in XML, code 3001; Retry-After only when the switch says so."""
    qbo.sandbox.fault("throttle")
    answer = qbo.send("GET", "/preferences")
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    error = xml(answer.content, "Fault", "Error")
    assert error.get("code") == "3001"
    assert xml(answer.content, "Fault", "Error", "Message").text == (
        "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    )
    qbo.sandbox.fault("throttle", seconds=0)
    assert qbo.send("GET", "/preferences").headers["retry-after"] == "0"


def test_forty_batches_a_minute(strict: Sandbox) -> None:
    """Section 3: 40 batches a minute per realm and app."""
    qbo = connect(strict)
    wire = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
    for _ in range(4):
        for _ in range(10):
            assert qbo.send("POST", "/batch", json=wire).status_code == 200
        strict.advance(1)
    assert qbo.send("POST", "/batch", json=wire).status_code == 429
    assert qbo.send("GET", "/preferences").status_code == 200


def test_forty_mails_a_day(strict: Sandbox) -> None:
    """Section 3: at most 40 e-mails a day per realm."""
    qbo = connect(strict)
    made = qbo.invoice(BillEmail={"Address": "a@b.example"})
    for _ in range(40):
        strict.advance(1)
        assert qbo.send("POST", f"/invoice/{made['Id']}/send").status_code == 200
    strict.advance(1)
    assert fault(qbo.send("POST", f"/invoice/{made['Id']}/send"))["code"] == "6000"


@pytest.mark.parametrize("form", ["json", "xml", "ok"])
def test_three_shapes(qbo: Qbo, form: str) -> None:
    """Sections 1 and 10: a fault as JSON (400), as XML, or with HTTP 200."""
    qbo.settings(fault_form=form)
    answer = qbo.send("GET", "/invoice/999")
    if form == "xml":
        assert answer.status_code == 400
        assert xml(answer.content, "Fault", "Error").get("code") == "610"
    else:
        assert fault(answer, 200 if form == "ok" else 400)["code"] == "610"


def test_odd_requests(qbo: Qbo) -> None:
    """Section 10: 2030 bad id, 500 unsupported, non-UTF-8, 404 wrong URL."""
    assert qbo.refused("Invoice", {"Id": "x y", "SyncToken": "0"})["code"] == "2030"
    assert qbo.refused("Invoice", {}, operation="frob")["code"] == "500"
    assert fault(qbo.send("GET", "/nonsense/1"), 404)
    headers = {"Content-Type": "application/json"}
    broken = qbo.send("POST", "/customer", content=b'{"DisplayName": "\xff"}', headers=headers)
    assert fault(broken, 500)["code"] == "500"
    assert fault(qbo.send("POST", "/customer", content=b"{", headers=headers))
    assert qbo.send("GET", "/preferences", params={"minorversion": "1"}).status_code == 200
    wire = qbo.sale(TotalAmt="x") | {"Line": [qbo.line("many")]}
    assert qbo.refused("Invoice", wire)["code"] == "2090"
    assert qbo.refused("Invoice", qbo.sale(TxnDate="tomorrow"))["code"] == "2090"


def test_xml(qbo: Qbo) -> None:
    """Sections 1 and 13: XML on request, both ways, for the PHP and .NET clients."""
    name = unique("Heron")
    body = (
        f'<Customer xmlns="{SPACE["q"]}"><DisplayName>{name}</DisplayName>'
        "<Active>true</Active></Customer>"
    )
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    answer = qbo.send("POST", "/customer", content=body.encode(), headers=headers)
    made = xml(answer.content, "Customer")
    assert made.find("q:DisplayName", SPACE).text == name
    assert (made.get("domain"), made.get("sparse")) == ("QBO", "false")
    sale = (
        f'<Invoice xmlns="{SPACE["q"]}"><Line><Amount>12.50</Amount>'
        "<DetailType>SalesItemLineDetail</DetailType><SalesItemLineDetail><ItemRef>1</ItemRef>"
        "<TaxCodeRef>NON</TaxCodeRef></SalesItemLineDetail></Line>"
        f"<CustomerRef>{made.find('q:Id', SPACE).text}</CustomerRef></Invoice>"
    )
    answer = qbo.send("POST", "/invoice", content=sale.encode(), headers=headers)
    invoice = xml(answer.content, "Invoice")
    assert invoice.find("q:TotalAmt", SPACE).text == "12.5"
    assert invoice.find("q:CustomerRef", SPACE).get("name") == name
    found = qbo.send(
        "GET",
        "/query",
        params={"query": "select * from Invoice"},
        headers={"Accept": "application/xml"},
    )
    response = xml(found.content, "QueryResponse")
    assert response.get("maxResults") == "1"
