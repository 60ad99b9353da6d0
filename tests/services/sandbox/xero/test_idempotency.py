"""Section 8 of the dossier: idempotency keys and concurrency."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.sandbox.xero.client import QUIET, XeroClient, connect, parse, unique

MISUSE = "is used with a different request."


def keyed(xero: XeroClient, key: str, body: Any, path: str = "/Invoices") -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return xero.send("PUT", path, json=body, params=QUIET, headers=headers)


def invoices(xero: XeroClient) -> int:
    return len(xero.records("Invoices"))


def test_the_first_answer_is_replayed(xero: XeroClient) -> None:
    """First answer is replayed for the same key."""
    key, body = str(uuid4()), {"Invoices": [xero.sale()]}
    first, second = keyed(xero, key, body), keyed(xero, key, body)
    assert (second.status_code, parse(second.text)) == (200, parse(first.text))
    assert invoices(xero) == 1


def test_an_error_is_replayed_too(xero: XeroClient) -> None:
    """First answer (also an error) is replayed; after a stored 4xx use a new key."""
    contact = xero.contact()["ContactID"]
    xero.update("Contacts", contact, {"ContactStatus": "ARCHIVED"})
    body = {"Invoices": [xero.sale(Contact={"ContactID": contact})]}
    headers = {"Idempotency-Key": str(uuid4())}
    first = xero.send("PUT", "/Invoices", json=body, headers=headers)
    xero.update("Contacts", contact, {"ContactStatus": "ACTIVE"})
    second = xero.send("PUT", "/Invoices", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (400, 400)
    assert invoices(xero) == 0
    fresh = {"Idempotency-Key": str(uuid4())}
    assert xero.send("PUT", "/Invoices", json=body, headers=fresh).status_code == 200


def test_another_key_is_another_request(xero: XeroClient) -> None:
    """…for the same key."""
    body = {"Invoices": [xero.sale()]}
    for _ in range(2):
        assert keyed(xero, str(uuid4()), body).status_code == 200
    assert invoices(xero) == 2


def test_retention_is_about_6_minutes(xero: XeroClient) -> None:
    """retention about **6 minutes**: it covers quick retries only."""
    key, body = str(uuid4()), {"Invoices": [xero.sale()]}
    keyed(xero, key, body)
    xero.sandbox.advance(5 * 60)
    keyed(xero, key, body)
    assert invoices(xero) == 1
    xero.sandbox.advance(3 * 60)
    keyed(xero, key, body)
    assert invoices(xero) == 2


def test_same_key_with_another_body(xero: XeroClient) -> None:
    """same key with another body -> 400 "Idempotency Key: <key> is used with a different …"."""
    key = str(uuid4())
    keyed(xero, key, {"Invoices": [xero.sale()]})
    refused = keyed(xero, key, {"Invoices": [xero.sale(Reference="other")]})
    assert refused.status_code == 400
    assert f"Idempotency Key: {key} {MISUSE}" in refused.text
    assert invoices(xero) == 1


def test_same_key_with_another_url(xero: XeroClient) -> None:
    """same key with another URL -> 400."""
    key, body = str(uuid4()), {"Contacts": [{"Name": unique("Rata Cafe")}]}
    keyed(xero, key, body, "/Contacts")
    refused = keyed(xero, key, body, "/Invoices")
    assert refused.status_code == 400
    assert MISUSE in refused.text


def test_keys_have_128_characters(xero: XeroClient) -> None:
    """`Idempotency-Key`, <=128 chars; over 128 -> 400."""
    body = {"Invoices": [xero.sale()]}
    key = uuid4().hex
    assert keyed(xero, key.ljust(128, "k"), body).status_code == 200
    assert keyed(xero, key.ljust(129, "k"), body).status_code == 400
    assert invoices(xero) == 1


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_on_put_and_post(xero: XeroClient, method: str) -> None:
    """Header `Idempotency-Key` on PUT/POST/PATCH."""
    body = {"Invoices": [xero.sale()]}
    headers = {"Idempotency-Key": str(uuid4())}
    ids = set()
    for _ in range(2):
        answer = xero.send(method, "/Invoices", json=body, params=QUIET, headers=headers)
        ids.add(answer.json()["Invoices"][0]["InvoiceID"])
    assert len(ids) == 1 == invoices(xero)


def test_payments_too(xero: XeroClient) -> None:
    """OAS has it as a parameter of nearly every write."""
    invoice = xero.untaxed(100)
    key, body = str(uuid4()), {"Payments": [xero.payment(invoice, 10)]}
    for _ in range(2):
        assert keyed(xero, key, body, "/Payments").status_code == 200
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 90


def test_none_on_get(xero: XeroClient) -> None:
    """none on GET or DELETE."""
    headers = {"Idempotency-Key": str(uuid4())}
    first = xero.send("GET", "/Contacts", headers=headers)
    xero.contact()
    second = xero.send("GET", "/Contacts", headers=headers)
    assert len(second.json()["Contacts"]) == len(first.json()["Contacts"]) + 1


def test_each_tenant_has_its_own_keys(xero: XeroClient) -> None:
    """The same key for another organisation is no replay: a header names the organisation."""
    key, body = str(uuid4()), {"Contacts": [{"Name": unique("Rata Cafe")}]}
    first = keyed(xero, key, body, "/Contacts").json()
    with connect(xero.sandbox) as other:
        answer = keyed(other, key, body, "/Contacts")
        assert answer.status_code in (200, 400)
        if answer.status_code == 200:
            made = answer.json()["Contacts"][0]["ContactID"]
            assert made != first["Contacts"][0]["ContactID"]


def test_the_log_tells_a_replay(xero: XeroClient) -> None:
    """Counts come from the request log: `idempotency_key`, `replayed`, `elements`."""
    key, body = str(uuid4()), {"Invoices": [xero.sale(), xero.sale()]}
    keyed(xero, key, body)
    keyed(xero, key, body)
    log = [r for r in xero.sandbox.requests(xero.tenant) if r["idempotency_key"] == key]
    assert [r["replayed"] for r in log] == [False, True]
    assert log[0]["elements"] == 2


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_there_is_no_version_token(xero: XeroClient, header: str) -> None:
    """No optimistic concurrency token; `If-Match`/ETag: not offered; last write wins."""
    key = xero.invoice()["InvoiceID"]
    assert "etag" not in xero.send("GET", f"/Invoices/{key}").headers
    for reference in ("one", "two"):
        headers = {header: '"stale"'}
        xero.call("POST", f"/Invoices/{key}", json={"Reference": reference}, headers=headers)
    assert xero.read("Invoices", key)["Reference"] == "two"


def test_updated_date_moves_with_each_write(xero: XeroClient) -> None:
    """Read `UpdatedDateUTC`, compare, write; the race stays."""
    made = xero.invoice()
    xero.sandbox.advance(1)
    xero.update("Invoices", made["InvoiceID"], {"Reference": "new"})
    after = xero.read("Invoices", made["InvoiceID"])
    assert after["UpdatedDateUTC"] > made["UpdatedDateUTC"]
