"""The check of answers can fail: a planted key, a lost key, a wrong date, a wrong type."""

import copy
import json
from typing import Any

import pytest

from tests.services.sandbox.xero import vendor

GUID = "2693e40e-0000-4000-8000-000000000001"

EXAMPLE: Any = {
    "Id": GUID,
    "Status": "OK",
    "ProviderName": "my app",
    "DateTimeUTC": "/Date(1788220800123)/",
    "Invoices": [
        {
            "Type": "ACCREC",
            "InvoiceID": GUID,
            "InvoiceNumber": "KP-10042",
            "AmountDue": 115.00,
            "AmountPaid": 0,
            "IsDiscounted": False,
            "HasErrors": False,
            "InvoicePaymentServices": [],
            "Contact": {"ContactID": GUID, "Name": "Rata Cafe"},
            "DateString": "2026-09-01T00:00:00",
            "Date": "/Date(1788220800000+0000)/",
            "Status": "AUTHORISED",
            "LineAmountTypes": "Exclusive",
            "LineItems": [{"LineItemID": GUID, "Tracking": [], "ValidationErrors": []}],
            "SubTotal": 100.00,
            "TotalTax": 15.00,
            "Total": 115.00,
            "UpdatedDateUTC": "/Date(1788220800100+0000)/",
            "CurrencyCode": "NZD",
            "StatusAttributeString": "OK",
        }
    ],
}


def test_the_example_passes() -> None:
    """The dossier's own create answer, shortened."""
    vendor.check("PUT", "/Invoices", 200, EXAMPLE)


@pytest.mark.parametrize(
    "place",
    [
        lambda body: body,
        lambda body: body["Invoices"][0],
        lambda body: body["Invoices"][0]["Contact"],
        lambda body: body["Invoices"][0]["LineItems"][0],
    ],
)
def test_an_unknown_key_fails(place: Any) -> None:
    """Every key stands in the vendor's file or is quoted from the dossier."""
    body = copy.deepcopy(EXAMPLE)
    place(body)["Invented"] = 1
    with pytest.raises(AssertionError, match="Invented"):
        vendor.check("PUT", "/Invoices", 200, body)


@pytest.mark.parametrize("key", ["Id", "DateTimeUTC"])
def test_a_missing_envelope_key_fails(key: str) -> None:
    """`{"Id":…,"Status":"OK","ProviderName":…,"DateTimeUTC":…}`."""
    body = copy.deepcopy(EXAMPLE)
    del body[key]
    with pytest.raises(AssertionError, match=key):
        vendor.check("PUT", "/Invoices", 200, body)


@pytest.mark.parametrize("key", ["AmountDue", "UpdatedDateUTC", "DateString", "Contact"])
def test_a_missing_key_fails(key: str) -> None:
    """An unknown or missing key fails."""
    body = copy.deepcopy(EXAMPLE)
    del body["Invoices"][0][key]
    with pytest.raises(AssertionError, match=key):
        vendor.check("GET", f"/Invoices/{GUID}", 200, body)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Date", "2026-09-01"),
        ("InvoiceID", "KP-10042"),
        ("AmountDue", "115.00"),
        ("HasErrors", "false"),
        ("Status", "OPEN"),
        ("InvoiceNumber", "N" * 256),
    ],
)
def test_a_wrong_value_fails(key: str, value: Any) -> None:
    """Types, enumerations, lengths, dates and ids of the vendor's file hold."""
    body = copy.deepcopy(EXAMPLE)
    body["Invoices"][0][key] = value
    with pytest.raises(AssertionError, match=key):
        vendor.check("GET", "/Invoices", 200, body)


def test_an_error_body_is_checked_too() -> None:
    """`{"ErrorNumber":10,"Type":…,"Message":…,"Elements":[{…echo…}]}`."""
    error = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "x", "Elements": []}
    vendor.check("PUT", "/Invoices", 400, error)
    with pytest.raises(AssertionError, match="Invented"):
        vendor.check("PUT", "/Invoices", 400, error | {"Elements": [{"Invented": 1}]})
    with pytest.raises(AssertionError, match="code"):
        vendor.check("PUT", "/Invoices", 400, error | {"code": 1})


def test_the_files_are_the_vendors() -> None:
    """Copied with their licence; the version the dossier names."""
    assert vendor.document("xero_accounting.yaml")["info"]["version"] == "16.1.0"
    licence = (vendor.FOLDER / "LICENSE").read_text()
    assert "MIT" in licence
    assert json.dumps(vendor.document("xero-webhooks.yaml"))
