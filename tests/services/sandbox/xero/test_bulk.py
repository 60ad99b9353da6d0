"""Section 3 of the dossier, batching: a result per element, or all or nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, errors, unique


def test_summarize_errors_false_gives_a_result_per_element(xero: XeroClient) -> None:
    """With `?summarizeErrors=false`: **200**, each element in input order with its own status."""
    numbers = [unique("KP") for _ in range(5)]
    records = [xero.sale(InvoiceNumber=number) for number in numbers]
    records[1]["LineItems"] = []
    records[3]["LineItems"][0]["AccountCode"] = "999"
    elements = xero.bulk("Invoices", records)
    assert [e["InvoiceNumber"] for e in elements] == numbers
    assert [e["StatusAttributeString"] for e in elements] == ["OK", "ERROR", "OK", "ERROR", "OK"]
    assert [e["HasErrors"] for e in elements] == [False, True, False, True, False]
    assert [bool(errors(e)) for e in elements] == [False, True, False, True, False]
    stored = {i["InvoiceNumber"] for i in xero.sandbox.documents(xero.tenant)["Invoices"]}
    assert stored == {numbers[0], numbers[2], numbers[4]}


@pytest.mark.parametrize("spelled", ["false", "False"])
def test_summarize_errors_as_the_sdk_spells_it(xero: XeroClient, spelled: str) -> None:
    """The vendor's SDK sends `summarizeErrors=False` with a capital F."""
    records = [xero.sale(), xero.sale(LineItems=[])]
    elements = xero.bulk("Invoices", records, summarizeErrors=spelled)
    assert [e["StatusAttributeString"] for e in elements] == ["OK", "ERROR"]


@pytest.mark.parametrize("params", [{}, {"summarizeErrors": "true"}])
def test_one_bad_element_fails_the_whole_request(xero: XeroClient, params: dict[str, str]) -> None:
    """Without it one bad element makes the whole request **400** and nothing is stored."""
    before = xero.sandbox.documents(xero.tenant)
    bad = xero.sale(LineItems=[])
    body = {"Invoices": [xero.sale(), bad, xero.sale()]}
    xero.refuse("PUT", "/Invoices", body, "", params=params)
    assert xero.sandbox.documents(xero.tenant) == before


def test_without_the_parameter_there_is_no_status_attribute(xero: XeroClient) -> None:
    """A recorded answer without `summarizeErrors=false` has no `StatusAttributeString`."""
    [made] = xero.call("PUT", "/Invoices", json={"Invoices": [xero.sale()]})["Invoices"]
    assert "StatusAttributeString" not in made


NOBODY = "00000000-0000-0000-0000-00000000dead"


def good_invoice(xero: XeroClient) -> Json:
    return xero.sale()


def good_bank_transaction(xero: XeroClient) -> Json:
    sale = xero.sale()
    del sale["DueDate"]
    return sale | {"Type": "RECEIVE", "BankAccount": xero.bank}


def good_purchase_order(xero: XeroClient) -> Json:
    bill = xero.bill()
    return {key: bill[key] for key in ("Contact", "LineItems", "Date")}


RESOURCES: list[tuple[str, Callable[[XeroClient], Json], Json]] = [
    ("Invoices", good_invoice, {"LineItems": []}),
    ("Contacts", lambda xero: {"Name": unique("Rata Cafe")}, {"Name": ""}),
    ("Items", lambda xero: {"Code": unique("SKU")[:30]}, {"Code": ""}),
    ("CreditNotes", lambda xero: xero.credit(), {"Contact": {"ContactID": NOBODY}}),
    ("PurchaseOrders", good_purchase_order, {"LineItems": []}),
    ("Payments", lambda xero: xero.payment(xero.untaxed(10), 4), {"Amount": 11}),
    ("BankTransactions", good_bank_transaction, {"LineItems": []}),
    ("BatchPayments", lambda xero: batch(xero, 4), {"Payments": []}),
]


def batch(xero: XeroClient, amount: int) -> Json:
    child = {"Invoice": {"InvoiceID": xero.untaxed(10)["InvoiceID"]}, "Amount": amount}
    return {"Account": xero.bank, "Date": "2026-09-10", "Payments": [child]}


@pytest.mark.parametrize(("resource", "good", "bad"), RESOURCES, ids=[r[0] for r in RESOURCES])
def test_bulk_on_every_resource(
    xero: XeroClient, resource: str, good: Callable[[XeroClient], Json], bad: Json
) -> None:
    """Bulk: `PUT`/`POST` on Invoices, Contacts, Items, … takes `{"Invoices":[…]}`."""
    bodies = [good(xero), good(xero) | bad, good(xero)]
    before = len(xero.records(resource))
    elements = xero.bulk(resource, bodies)
    assert [bool(errors(e)) for e in elements] == [False, True, False]
    assert len(xero.records(resource)) == before + 2


@pytest.mark.parametrize("resource", ["Invoices", "Contacts", "Items", "CreditNotes"])
def test_bulk_post_creates_too(xero: XeroClient, resource: str) -> None:
    """`PUT` = create, `POST` = create-or-update, bulk by default (section 1)."""
    good: Any = {r[0]: r[1] for r in RESOURCES}[resource]
    before = len(xero.records(resource))
    elements = xero.bulk(resource, [good(xero), good(xero)], "POST")
    assert not any(errors(e) for e in elements)
    assert len(xero.records(resource)) == before + 2


def test_50_invoices_in_one_call(xero: XeroClient) -> None:
    """elements per POST/PUT: no hard count; vendor advice about 50."""
    records = [xero.sale(Contact={"Name": "Rata Cafe"}) for _ in range(60)]
    elements = xero.bulk("Invoices", records)
    assert len({e["InvoiceID"] for e in elements}) == 60
    assert len({e["Contact"]["ContactID"] for e in elements}) == 1


def test_a_duplicate_inside_one_batch(xero: XeroClient) -> None:
    """Number: unique among ACCREC ("Invoice # must be unique." on PUT), inside a batch as well."""
    number = unique("KP")
    elements = xero.bulk("Invoices", [xero.sale(InvoiceNumber=number) for _ in range(2)])
    assert [errors(e) for e in elements] == [[], ["Invoice # must be unique."]]
