"""What the dossier leaves open (UNCONFIRMED) or ties to an edition: both answers, by company."""

import pytest

from tests.services.sandbox.server import Sandbox
from tests.services.sandbox.xero.client import connect, errors


def test_plan_limit_of_invoices(sandbox: Sandbox) -> None:
    """Plan limit of small organisations: text like "reached the limit of invoices you can …"."""
    with connect(sandbox, habits={"approvals_a_month": 2}) as xero:
        drafts = [xero.invoice(Status="DRAFT") for _ in range(3)]
        for draft in drafts[:2]:
            xero.update("Invoices", draft["InvoiceID"], {"Status": "AUTHORISED"})
        text = "reached the limit of invoices you can approve"
        path = f"/Invoices/{drafts[2]['InvoiceID']}"
        xero.refuse("POST", path, {"Status": "AUTHORISED"}, text)
        xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale()]}, text)
        assert xero.read("Invoices", drafts[2]["InvoiceID"])["Status"] == "DRAFT"
        xero.create("Invoices", xero.bill())


INDEXED = ['Status=="PAID"', 'Reference=="a"', 'Type=="ACCREC"', "AmountDue>0", "AmountPaid>0"]


def test_high_volume_refuses_what_is_not_indexed(sandbox: Sandbox) -> None:
    """High-volume organisations refuse non-indexed `where`/`order`."""
    with connect(sandbox, habits={"high_volume": True}) as xero:
        for params in ({"where": "Total>0"}, {"order": "Total ASC"}):
            assert xero.send("GET", "/Invoices", params=params).status_code == 400, params
    with connect(sandbox) as small:
        assert small.send("GET", "/Invoices", params={"where": "Total>0"}).status_code == 200


def test_high_volume_takes_what_is_indexed(sandbox: Sandbox) -> None:
    """indexed for Invoices: `Status`, `Contact.ContactID|Name|ContactNumber`, `Reference`, …"""
    dates = ["Date>DateTime(2026,01,01)", "DueDate>DateTime(2026,01,01)"]
    contact = ['Contact.Name=="x"', 'Contact.ContactNumber=="x"']
    with connect(sandbox, habits={"high_volume": True}) as xero:
        for where in (*INDEXED, *dates, *contact):
            assert xero.get("/Invoices", where=where)["Invoices"] == []
        for order in ("InvoiceID ASC", "UpdatedDateUTC ASC", "Date ASC"):
            assert xero.get("/Invoices", order=order)["Invoices"] == []
        for field in ("Name", "EmailAddress", "AccountNumber"):
            xero.get("/Contacts", where=f'{field}=="x"')


@pytest.mark.parametrize("trimmed", [True, False])
def test_names_compare_after_trim_or_not(sandbox: Sandbox, trimmed: bool) -> None:
    """`Name` unique …, compare case-insensitively after trim (**UNCONFIRMED** on trimming)."""
    with connect(sandbox, habits={"trim_names": trimmed}) as xero:
        name = xero.contact()["Name"]
        [element] = xero.bulk("Contacts", [{"Name": f" {name} "}])
        assert bool(errors(element)) is trimmed


@pytest.mark.parametrize(("paid", "status"), [(True, "PAID"), (False, "AUTHORISED")])
def test_a_zero_total_is_paid_or_not(sandbox: Sandbox, paid: bool, status: str) -> None:
    """**$0:** believed to be accepted and to become `PAID` at approval - **UNCONFIRMED**."""
    with connect(sandbox, habits={"zero_is_paid": paid}) as xero:
        assert xero.untaxed(0)["Status"] == status


@pytest.mark.parametrize("taken", [True, False])
def test_a_voided_number_is_taken_or_not(sandbox: Sandbox, taken: bool) -> None:
    """Number: unique among ACCREC; whether a voided one counts is not said."""
    with connect(sandbox, habits={"numbers_stay_taken": taken}) as xero:
        made = xero.invoice()
        xero.update("Invoices", made["InvoiceID"], {"Status": "VOIDED"})
        [again] = xero.bulk("Invoices", [xero.sale(InvoiceNumber=made["InvoiceNumber"])])
        assert bool(errors(again)) is taken


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 400)])
def test_a_child_of_a_batch_is_deletable_or_not(
    sandbox: Sandbox, allowed: bool, status: int
) -> None:
    """Deleting one child of a batch: refused (**UNCONFIRMED**)."""
    with connect(sandbox, habits={"batch_children_deletable": allowed}) as xero:
        child = {"Invoice": {"InvoiceID": xero.untaxed(10)["InvoiceID"]}, "Amount": 4}
        body = {"Account": xero.bank, "Date": "2026-09-10", "Payments": [child]}
        made = xero.create("BatchPayments", body)
        path = f"/Payments/{made['Payments'][0]['PaymentID']}"
        assert xero.send("POST", path, json={"Status": "DELETED"}).status_code == status
