"""The control API for QuickBooks: seeds, bookkeeper, pages, and what a write costs."""

import sys
from collections.abc import Callable
from decimal import Decimal
from types import FrameType
from typing import Any

from services.sandbox.clock import Clock
from services.sandbox.providers.quickbooks_online import seed
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.kinds import KINDS
from services.sandbox.providers.quickbooks_online.writes import save
from tests.services.sandbox.quickbooks_online.client import Qbo
from tests.services.sandbox.server import Sandbox


def test_seeds(sandbox: Sandbox) -> None:
    """Two companies; bank, income and receivables; zero and non-zero tax; an item."""
    companies = sandbox.control("GET", "/companies")
    assert {c["currency"] for c in companies[:2]} == {"USD", "CAD"}
    for company in companies[:2]:
        books = sandbox.documents(company["id"])
        types = {account["AccountType"] for account in books["Account"]}
        assert {"Bank", "Income", "Accounts Receivable"} <= types
        rates = {Decimal(str(rate["RateValue"])) for rate in books["TaxRate"]}
        assert 0 in rates
        assert len(rates) > 1
        assert books["Item"]


def test_bookkeeper(qbo: Qbo) -> None:
    """add, edit, pay, unpay, void, delete, copy, archive, unarchive."""
    customer = qbo.person("add", resource="Customer", record={"DisplayName": "By hand"})
    edited = qbo.person("edit", resource="Customer", id=customer["Id"], changes={"Notes": "n"})
    assert (edited["Notes"], edited["DisplayName"]) == ("n", "By hand")
    sale = qbo.sale(CustomerRef={"value": customer["Id"]}, PrivateNote="src:1")
    made = qbo.person("add", resource="Invoice", record=sale)
    copied = qbo.person("copy", resource="Invoice", id=made["Id"])
    assert (copied["PrivateNote"], copied["TotalAmt"]) == ("src:1", 100)
    assert copied["DocNumber"] != made["DocNumber"]
    paid = qbo.person("pay", id=made["Id"], amount=60.5, date="2026-03-09")
    assert qbo.read("Invoice", made["Id"])["Balance"] == Decimal("39.5")
    qbo.person("unpay", id=paid["Id"])
    assert qbo.read("Invoice", made["Id"])["Balance"] == 100
    assert qbo.person("void", id=made["Id"])["PrivateNote"] == "Voided"
    qbo.person("delete", id=copied["Id"])
    gone = qbo.person("archive", resource="Customer", id=customer["Id"])
    assert gone["Active"] is False
    assert qbo.person("unarchive", id=customer["Id"])["DisplayName"] == "By hand"
    books = qbo.sandbox.documents(qbo.realm)
    [deleted] = [row for row in books["Invoice"] if row["Id"] == copied["Id"]]
    assert (deleted["status"], deleted["PrivateNote"]) == ("Deleted", "src:1")


def test_bookkeeper_accounts_and_refusals(qbo: Qbo) -> None:
    """rename_account, archive_account; the API's rules hold for people, too."""
    named = qbo.person("rename_account", id="Savings", name="Rainy day")
    assert named["Name"] == "Rainy day"
    assert qbo.person("archive_account", id="Rainy day")["Active"] is False
    path = f"/companies/{qbo.realm}/bookkeeper"
    for wire, status in (
        ({"do": "dance"}, 422),
        ({"do": "void", "id": "999"}, 404),
        ({"do": "add", "resource": "Customer", "record": {}}, 400),
        ({"do": "settings", "changes": {"plan": "Huge"}}, 422),
    ):
        answer = qbo.sandbox.http.request("POST", path, json=wire)
        assert answer.status_code == status
        assert answer.json()["error"]


def test_page_and_journal(qbo: Qbo) -> None:
    """The read-only page, the summary, and one document's journal."""
    made = qbo.invoice()
    path = f"/companies/{qbo.realm}"
    assert "Invoice" in qbo.sandbox.http.request("GET", path).text
    accept = {"Accept": "application/json"}
    summary = qbo.sandbox.control("GET", path, headers=accept)
    assert summary["counts"]["Invoice"] == 1
    params = {"document": made["Id"]}
    [entry] = qbo.sandbox.control("GET", f"{path}/journal", params=params)["entries"]
    assert {line["name"] for line in entry["lines"]} == {"Accounts Receivable (A/R)", "Services"}


def test_unknown_company_fields(sandbox: Sandbox) -> None:
    """422 for a country, plan or habit that is none."""
    for wire in ({"name": "x", "country": "ZZ"}, {"name": "x", "habits": {"odd": 1}}, {}):
        assert sandbox.http.request("POST", "/companies", json=wire).status_code == 422


def test_a_write_costs_no_more_among_many() -> None:
    """25,900 documents are loaded: the lines that a write runs do not grow with what is there."""
    books = seed.company(Clock(), "1", "Large", "US", {})
    call = Call(books, "sandbox")
    ids = [save(call, KINDS["Customer"], {"DisplayName": f"C{n}"})["Id"] for n in range(200)]

    def load(count: int) -> None:
        for at in range(count):
            line = {
                "DetailType": "SalesItemLineDetail",
                "Amount": 10,
                "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
            }
            wire = {"CustomerRef": {"value": ids[at % 200]}, "Line": [line]}
            save(call, KINDS["Invoice"], wire)
            books.commit()

    load(20)
    first = lines_run(lambda: load(20))
    load(2000)
    # A scan of what is there would run a line for each of the 2,000, twenty times.
    assert lines_run(lambda: load(20)) < first + 2000


def lines_run(work: Callable[[], None]) -> int:
    """How many lines of Python the work executes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(former)
    return count
