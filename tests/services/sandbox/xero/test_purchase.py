"""Section 7 of the dossier: purchase orders and bills."""

from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, unique


def order(xero: XeroClient, **fields: Any) -> Json:
    """The body of a purchase order."""
    bill = xero.bill()
    body = {key: bill[key] for key in ("Contact", "LineItems", "Date")}
    return body | fields


def test_create(xero: XeroClient) -> None:
    """`PUT/POST /PurchaseOrders`; Required: Contact, LineItems."""
    made = xero.create("PurchaseOrders", order(xero, DeliveryAddress="1 Main St"))
    assert (made["Status"], made["SubTotal"]) == ("DRAFT", 100)
    assert made["PurchaseOrderNumber"]
    assert xero.read("PurchaseOrders", made["PurchaseOrderID"])["DeliveryAddress"] == "1 Main St"


@pytest.mark.parametrize("missing", ["Contact", "LineItems"])
def test_required(xero: XeroClient, missing: str) -> None:
    """Required: Contact, LineItems."""
    body = order(xero)
    del body[missing]
    xero.refuse("PUT", "/PurchaseOrders", {"PurchaseOrders": [body]}, "")


def test_fields(xero: XeroClient) -> None:
    """fields … DeliveryDate, DeliveryAddress, AttentionTo, Telephone, …, ExpectedArrivalDate."""
    sent = {
        "DeliveryAddress": "1 Main St",
        "AttentionTo": "Rata",
        "Telephone": "555 1212",
        "DeliveryInstructions": "At the back",
        "Reference": "job 77",
    }
    dates = {"DeliveryDate": "2026-09-20", "ExpectedArrivalDate": "2026-09-19"}
    made = xero.create("PurchaseOrders", order(xero) | sent | dates)
    after = xero.read("PurchaseOrders", made["PurchaseOrderID"])
    assert sent.items() <= after.items()
    assert after["DeliveryDate"] == "/Date(1789862400000+0000)/"
    assert after["ExpectedArrivalDate"] == "/Date(1789776000000+0000)/"


def test_delivery_instructions_of_500(xero: XeroClient) -> None:
    """`DeliveryInstructions` <=500."""
    xero.create("PurchaseOrders", order(xero, DeliveryInstructions="a" * 500))
    body = {"PurchaseOrders": [order(xero, DeliveryInstructions="a" * 501)]}
    xero.refuse("PUT", "/PurchaseOrders", body, "")


def test_number_is_unique(xero: XeroClient) -> None:
    """PurchaseOrderNumber (unique, auto when absent: "Order number must be unique")."""
    number = unique("PO")
    xero.create("PurchaseOrders", order(xero, PurchaseOrderNumber=number))
    body = {"PurchaseOrders": [order(xero, PurchaseOrderNumber=number)]}
    xero.refuse("PUT", "/PurchaseOrders", body, "Order number must be unique")


def test_number_is_automatic(xero: XeroClient) -> None:
    """PurchaseOrderNumber: auto when absent."""
    numbers = {xero.create("PurchaseOrders", order(xero))["PurchaseOrderNumber"] for _ in range(3)}
    assert len(numbers) == 3


def test_read_by_id_and_number(xero: XeroClient) -> None:
    """`GET /PurchaseOrders/{id | number}`."""
    made = xero.create("PurchaseOrders", order(xero))
    by_id = xero.read("PurchaseOrders", made["PurchaseOrderID"])
    assert xero.read("PurchaseOrders", made["PurchaseOrderNumber"]) == by_id


def test_list_by_status_and_date(xero: XeroClient) -> None:
    """list `?Status=&DateFrom=&DateTo=`."""
    early = xero.create("PurchaseOrders", order(xero, Date="2026-05-01"))["PurchaseOrderID"]
    late = xero.create("PurchaseOrders", order(xero, Date="2026-06-01", Status="SUBMITTED"))
    for params, expected in (
        ({"Status": "SUBMITTED"}, {late["PurchaseOrderID"]}),
        ({"Status": "DRAFT"}, {early}),
        ({"DateFrom": "2026-05-15"}, {late["PurchaseOrderID"]}),
        ({"DateFrom": "2026-04-01", "DateTo": "2026-05-15"}, {early}),
    ):
        found = xero.records("PurchaseOrders", page=1, **params)
        assert {o["PurchaseOrderID"] for o in found} == expected, params


@pytest.mark.parametrize("status", ["SUBMITTED", "AUTHORISED", "BILLED", "DELETED"])
def test_statuses(xero: XeroClient, status: str) -> None:
    """Status `DRAFT, SUBMITTED, AUTHORISED, BILLED, DELETED`."""
    made = xero.create("PurchaseOrders", order(xero, Status="DRAFT"))
    for step in ("AUTHORISED", "BILLED") if status == "BILLED" else (status,):
        after = xero.update("PurchaseOrders", made["PurchaseOrderID"], {"Status": step})
        assert after["Status"] == step


def test_a_wrong_status_is_refused(xero: XeroClient) -> None:
    """Status `DRAFT, SUBMITTED, AUTHORISED, BILLED, DELETED` and no other."""
    body = {"PurchaseOrders": [order(xero, Status="VOIDED")]}
    answer = xero.send("PUT", "/PurchaseOrders", json=body)
    assert answer.status_code == 400


def test_order_to_bill_by_hand(xero: XeroClient) -> None:
    """There is no convert call: create `Invoice` `Type ACCPAY`, then `{"Status":"BILLED"}`."""
    made = xero.create("PurchaseOrders", order(xero, Status="AUTHORISED"))
    reference = {"ContactID": made["Contact"]["ContactID"]}
    xero.create("Invoices", xero.bill(Contact=reference))
    after = xero.update("PurchaseOrders", made["PurchaseOrderID"], {"Status": "BILLED"})
    assert after["Status"] == "BILLED"


def test_an_order_posts_nothing(xero: XeroClient) -> None:
    """A purchase order is a commitment, not a booking: the trial balance does not move."""
    path = f"/companies/{xero.tenant}/trial-balance"
    before = xero.sandbox.control("GET", path)
    xero.create("PurchaseOrders", order(xero, Status="AUTHORISED"))
    assert xero.sandbox.control("GET", path) == before


def test_bills_are_invoices(xero: XeroClient) -> None:
    """Bills = `/Invoices` `Type ACCPAY`."""
    bill = xero.create("Invoices", xero.bill())
    assert (bill["Type"], bill["Status"]) == ("ACCPAY", "AUTHORISED")
    found = xero.records("Invoices", where='Type=="ACCPAY"', page=1)
    assert [b["InvoiceID"] for b in found] == [bill["InvoiceID"]]


def test_bill_without_a_number(xero: XeroClient) -> None:
    """ACCPAY: holds the supplier's own reference, never a number of our sequence (section 4)."""
    bill = xero.create("Invoices", xero.bill())
    assert not bill.get("InvoiceNumber")
