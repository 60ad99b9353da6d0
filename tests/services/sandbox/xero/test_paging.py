"""Section 3 of the dossier, reading lists: pages, filters, what is never paged."""

from collections.abc import Iterator

import pytest

from tests.services.sandbox.server import Sandbox
from tests.services.sandbox.xero.client import XeroClient, connect, unique

COUNT = 217


@pytest.fixture(scope="module")
def full(lenient: Sandbox) -> Iterator[XeroClient]:
    """One company with 217 contacts, read by every test of this module."""
    with connect(lenient) as xero:
        names = [f"Contact {n:03}" for n in range(COUNT)]
        xero.send("PUT", "/Contacts", json={"Contacts": [{"Name": name} for name in names]})
        yield xero


def test_pagination_block(full: XeroClient) -> None:
    """Paged lists add `"pagination":{"page":1,"pageSize":100,"pageCount":3,"itemCount":217}`."""
    answer = full.get("/Contacts", page=1)
    assert answer["pagination"] == {
        "page": 1,
        "pageSize": 100,
        "pageCount": 3,
        "itemCount": COUNT,
    }
    assert len(answer["Contacts"]) == 100


def test_pages_are_1_based_and_cover_all_once(full: XeroClient) -> None:
    """GET: `page` 1-based, 100 per page."""
    pages = [full.records("Contacts", page=n, order="Name ASC") for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [100, 100, 17]
    assert len({c["ContactID"] for page in pages for c in page}) == COUNT


def test_a_page_past_the_end_is_empty(full: XeroClient) -> None:
    """GET: `page` 1-based, 100 per page."""
    assert full.records("Contacts", page=4) == []


def test_page_size_up_to_1000(full: XeroClient) -> None:
    """`pageSize` up to 1000."""
    answer = full.get("/Contacts", page=1, pageSize=1000)
    assert len(answer["Contacts"]) == COUNT
    assert answer["pagination"]["pageCount"] == 1
    small = full.get("/Contacts", page=2, pageSize=10)
    assert (len(small["Contacts"]), small["pagination"]["pageCount"]) == (10, 22)


@pytest.mark.parametrize("resource", ["Invoices", "CreditNotes"])
def test_a_list_without_page_has_headers_only(xero: XeroClient, resource: str) -> None:
    """A list of Invoices or CreditNotes **without** `page` gives headers only (no LineItems)."""
    xero.create(resource, xero.sale() if resource == "Invoices" else xero.credit())
    [bare] = xero.records(resource)
    assert not bare.get("LineItems")
    [whole] = xero.records(resource, page=1)
    assert len(whole["LineItems"]) == 1


SETTINGS = ["Accounts", "TaxRates", "TrackingCategories", "BatchPayments"]


@pytest.mark.parametrize("resource", SETTINGS)
def test_unpaged_lists(xero: XeroClient, resource: str) -> None:
    """Unpaged always: Items, Accounts, TaxRates, TrackingCategories, BatchPayments, …"""
    answer = xero.get(f"/{resource}", page=2)
    assert "pagination" not in answer
    assert answer[resource] == xero.records(resource)


@pytest.mark.parametrize("resource", ["Currencies", "BrandingThemes", "Users", "ContactGroups"])
def test_unpaged_side_lists(xero: XeroClient, resource: str) -> None:
    """Unpaged always: …, Currencies, BrandingThemes, Users, ContactGroups."""
    assert "pagination" not in xero.get(f"/{resource}", page=1)


def test_items_are_never_paged(xero: XeroClient) -> None:
    """Unpaged always: Items."""
    seeded = len(xero.records("Items"))
    items = [{"Code": f"SKU-{n}"} for n in range(130)]
    xero.send("PUT", "/Items", json={"Items": items})
    answer = xero.get("/Items", page=1)
    assert len(answer["Items"]) == seeded + 130
    assert "pagination" not in answer


def test_ids_filter(xero: XeroClient) -> None:
    """`IDs=` filter, a comma list."""
    ids = [xero.contact()["ContactID"] for _ in range(3)]
    found = xero.records("Contacts", IDs=",".join(ids[:2]))
    assert {c["ContactID"] for c in found} == set(ids[:2])


def test_ids_filter_of_50(full: XeroClient) -> None:
    """`IDs=` filter: practical cap ~50 GUIDs (URL length)."""
    ids = [c["ContactID"] for c in full.records("Contacts", page=1)][:50]
    assert {c["ContactID"] for c in full.records("Contacts", IDs=",".join(ids))} == set(ids)


@pytest.mark.parametrize(("order", "reverse"), [("Name ASC", False), ("Name DESC", True)])
def test_order(full: XeroClient, order: str, reverse: bool) -> None:
    """`?order=`; Contacts: `Name`, …"""
    names = [c["Name"] for c in full.records("Contacts", page=1, order=order)]
    assert names == sorted((f"Contact {n:03}" for n in range(COUNT)), reverse=reverse)[:100]


def test_invoice_order_by_updated(xero: XeroClient) -> None:
    """order by `InvoiceID`, `UpdatedDateUTC`, `Date`."""
    made = []
    for _ in range(3):
        made.append(xero.invoice()["InvoiceID"])
        xero.sandbox.advance(1)
    xero.update("Invoices", made[0], {"Reference": unique("job")})
    found = xero.records("Invoices", page=1, order="UpdatedDateUTC ASC")
    assert [i["InvoiceID"] for i in found] == [made[1], made[2], made[0]]
