"""Section 10 of the dossier: every refusal in its documented shape."""

from typing import Any

import pytest

from tests.services.sandbox.xero.client import XeroClient, errors, unique

NOBODY = "00000000-0000-0000-0000-00000000dead"
PERIOD = "The document date cannot be before the period lock date"
YEAR = "the end of year lock date, currently set at"


def test_validation_body(xero: XeroClient) -> None:
    """`{"ErrorNumber":10,"Type":"ValidationException","Message":…,"Elements":[{…echo…}]}`."""
    number = unique("KP")
    body = {"Invoices": [xero.sale(InvoiceNumber=number, LineItems=[])]}
    error = xero.call("PUT", "/Invoices", 400, json=body)
    assert set(error) == {"ErrorNumber", "Type", "Message", "Elements"}
    assert (error["ErrorNumber"], error["Type"], error["Message"]) == (
        10,
        "ValidationException",
        "A validation exception occurred",
    )
    [element] = error["Elements"]
    assert element["InvoiceNumber"] == number
    assert errors(element)


@pytest.mark.parametrize("body", [b"{", b"[1, 2", b'{"Invoices": [}'])
def test_malformed_json(xero: XeroClient, body: bytes) -> None:
    """Other 400: `ErrorNumber` 14 `PostDataInvalidException` (malformed JSON)."""
    headers = {"Content-Type": "application/json"}
    error = xero.call("PUT", "/Invoices", 400, content=body, headers=headers)
    assert (error["ErrorNumber"], error["Type"]) == (14, "PostDataInvalidException")


@pytest.mark.parametrize("where", ["Reference=", 'Nonsense=="x"', "Reference == 'x'", "((("])
def test_bad_where(xero: XeroClient, where: str) -> None:
    """A bad `where` gives a `QueryParseException` (ErrorNumber 16 **UNCONFIRMED**)."""
    error = xero.call("GET", "/Invoices", 400, params={"where": where})
    assert error["Type"] == "QueryParseException"


def test_nullable_fields_in_where(xero: XeroClient) -> None:
    """Guard nullable fields, e.g. `Reference!=null AND …`."""
    made = xero.invoice(Reference="job 77")
    xero.invoice()
    where = 'Reference!=null AND Reference=="job 77"'
    found = xero.records("Invoices", where=where)
    assert [i["InvoiceID"] for i in found] == [made["InvoiceID"]]


@pytest.mark.parametrize("resource", ["Invoices", "Contacts", "CreditNotes", "Items", "Payments"])
def test_not_found(xero: XeroClient, resource: str) -> None:
    """not found: 404."""
    assert xero.send("GET", f"/{resource}/{NOBODY}").status_code == 404


def test_update_of_what_is_not_there(xero: XeroClient) -> None:
    """404, or 400 "An existing Invoice with the specified InvoiceID could not be found"."""
    text = "An existing Invoice with the specified InvoiceID could not be found"
    alone = xero.send("POST", f"/Invoices/{NOBODY}", json={"Reference": "x"})
    assert alone.status_code == 404 or text in alone.text
    sale = xero.sale(InvoiceID=NOBODY)
    [element] = xero.bulk("Invoices", [sale], "POST")
    assert any(text in message for message in errors(element))


def lock(xero: XeroClient, **dates: str) -> None:
    xero.sandbox.bookkeeper(xero.tenant, "lock", **dates)


def test_period_lock_date(xero: XeroClient) -> None:
    """locked period: 400 "The document date cannot be before the period lock date…"."""
    lock(xero, period_lock_date="2026-08-31")
    for date in ("2026-08-31", "2026-01-01"):
        body = {"Invoices": [xero.sale(Date=date)]}
        xero.refuse("PUT", "/Invoices", body, PERIOD)
    xero.invoice(Date="2026-09-01")


def test_end_of_year_lock_date(xero: XeroClient) -> None:
    """ "…the end of year lock date, currently set at …"."""
    lock(xero, end_of_year_lock_date="2026-03-31")
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale(Date="2026-03-30")]}, YEAR)
    xero.invoice(Date="2026-04-01")


def test_lock_holds_for_edits_voids_and_payments(xero: XeroClient) -> None:
    """locked period: human; nothing inside it may change its figures."""
    made = xero.untaxed(100)
    lock(xero, period_lock_date="2026-09-30")
    path = f"/Invoices/{made['InvoiceID']}"
    xero.refuse("POST", path, {"LineItems": [xero.plain(5)]}, "lock date")
    xero.refuse("POST", path, {"Status": "VOIDED"}, "lock date")
    payment = xero.payment(made, 10, Date="2026-09-20")
    xero.refuse("PUT", "/Payments", {"Payments": [payment]}, "lock date")
    xero.pay(made, 10, Date="2026-10-01")


def test_lock_holds_for_credit_notes(xero: XeroClient) -> None:
    """locked period: 400, for every kind of document."""
    lock(xero, period_lock_date="2026-09-30")
    xero.refuse("PUT", "/CreditNotes", {"CreditNotes": [xero.credit()]}, "lock date")


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_not_implemented(xero: XeroClient, method: str) -> None:
    """server: 500, 501 (not implemented): a method the API does not offer is no success."""
    key = xero.invoice()["InvoiceID"]
    answer = xero.send(method, f"/Invoices/{key}", json={})
    assert answer.status_code in (404, 405, 501)
    assert xero.read("Invoices", key)["Status"] == "AUTHORISED"


def test_an_unknown_resource(xero: XeroClient) -> None:
    """not found: 404."""
    assert xero.send("GET", "/Nonsense").status_code in (404, 501)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_can_be_shown(xero: XeroClient, status: int) -> None:
    """500, 502, 504 verify-then-retry; organisation offline / maintenance: 503."""
    xero.sandbox.fault("error-before", path="/Organisation", status=status)
    assert xero.send("GET", "/Organisation").status_code == status
    assert xero.send("GET", "/Organisation").status_code == 200


def test_401_and_403_use_the_problem_body(xero: XeroClient) -> None:
    """401/403 use the problem-like body of section 2."""
    xero.sandbox.advance(31 * 60)
    expired: Any = xero.call("GET", "/Organisation", 401)
    assert (expired["Status"], "TokenExpired" in expired["Detail"]) == (401, True)


@pytest.mark.parametrize("value", ["2026-13-45", "yesterday"])
def test_a_bad_date(xero: XeroClient, value: str) -> None:
    """validation, general: 400 / 10 (or 14 where the body cannot be read at all)."""
    answer = xero.send("PUT", "/Invoices", json={"Invoices": [xero.sale(Date=value)]})
    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] in (10, 14)


@pytest.mark.parametrize("change", [{"Type": "SALE"}, {"Status": "OPEN"}, {"LineAmountTypes": "X"}])
def test_a_bad_enumeration(xero: XeroClient, change: dict[str, str]) -> None:
    """validation, general: 400 / 10 (or 14)."""
    answer = xero.send("PUT", "/Invoices", json={"Invoices": [xero.sale(**change)]})
    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] in (10, 14)


@pytest.mark.parametrize("amount", ["abc", "1e400"])
def test_a_bad_number(xero: XeroClient, amount: str) -> None:
    """validation, general: 400 / 10 (or 14); never a 500."""
    answer = xero.send(
        "PUT", "/Invoices", json={"Invoices": [xero.sale(LineItems=[xero.line(amount)])]}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [[], "text", 5, {"Invoices": "x"}, {"Invoices": [5]}, {}])
def test_a_body_of_another_shape(xero: XeroClient, body: Any) -> None:
    """`ErrorNumber` 14 `PostDataInvalidException` or a validation error; never a 500."""
    answer = xero.send("PUT", "/Invoices", json=body)
    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] in (10, 14)
