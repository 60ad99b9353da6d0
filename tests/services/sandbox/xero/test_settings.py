"""What a person sets up in Xero's pages that the API shows: currencies, tracking, tax rates."""

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient


def person(xero: XeroClient, do: str, resource: str, **more: object) -> Json:
    return xero.sandbox.bookkeeper(xero.tenant, do, resource=resource, **more)


def test_a_currency_is_enabled(xero: XeroClient) -> None:
    """`CurrencyCode` must be enabled in the organisation."""
    body = {"Invoices": [xero.sale(CurrencyCode="EUR")]}
    xero.refuse("PUT", "/Invoices", body, "Organisation is not subscribed to currency EUR")
    person(xero, "enable_currency", "Organisation", code="EUR")
    assert xero.create("Invoices", xero.sale(CurrencyCode="EUR"))["CurrencyCode"] == "EUR"
    with pytest.raises(AssertionError, match="no currency"):
        person(xero, "enable_currency", "Organisation", code="XXX")


def test_tracking_and_tax_rates_are_made(xero: XeroClient) -> None:
    """A category with its options; a rate with several components is the tax group."""
    region = {"Name": "Region", "Options": [{"Name": "North"}]}
    made = person(xero, "add", "TrackingCategories", record=region)
    [shown] = xero.records("TrackingCategories")
    assert (shown["TrackingCategoryID"], shown["Options"]) == (
        made["TrackingCategoryID"],
        made["Options"],
    )
    parts = [{"Name": "GST", "Rate": "5"}, {"Name": "QST", "Rate": "9.5", "IsCompound": True}]
    group = person(xero, "add", "TaxRates", record={"Name": "GQ", "TaxComponents": parts})
    assert float(group["EffectiveRate"]) == 14.975


def test_a_payment_is_reconciled(xero: XeroClient) -> None:
    """`IsReconciled` is the bank statement's word."""
    paid = xero.pay(xero.untaxed(10), 10)["PaymentID"]
    person(xero, "reconcile", "Payments", id=paid)
    assert xero.read("Payments", paid)["IsReconciled"] is True
    person(xero, "reconcile", "Payments", id=paid, undo=True)
    assert xero.read("Payments", paid)["IsReconciled"] is False
