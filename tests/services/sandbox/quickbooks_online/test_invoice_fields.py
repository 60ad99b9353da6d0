"""Numbers, lengths, addresses and lenient input of invoices: dossier sections 4 and 11."""

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, token_of


def test_terms_and_dates(qbo: Qbo) -> None:
    """Section 4: DueDate from the terms; TxnDate defaults to the server's date."""
    net = qbo.ref("Term", Name="Net 30")
    made = qbo.invoice(SalesTermRef=net, TxnDate="2026-01-31")
    assert made["DueDate"] == "2026-03-02"
    wire = qbo.sale()
    del wire["TxnDate"]
    today = qbo.post("Invoice", wire | {"DueDate": ""})
    assert today["TxnDate"] == today["MetaData"]["CreateTime"][:10] == today["DueDate"]
    customer = qbo.customer(SalesTermRef=net)
    made = qbo.invoice(CustomerRef={"value": customer["Id"]}, TxnDate="2026-03-01")
    assert (made["DueDate"], made["SalesTermRef"]["name"]) == ("2026-03-31", "Net 30")


def test_numbers(qbo: Qbo) -> None:
    """Section 4: 21 characters, next in sequence, null with custom numbers, AUTO_GENERATE."""
    assert qbo.refused("Invoice", qbo.sale(DocNumber="x" * 22))["code"] == "2050"
    first = qbo.invoice()
    assert int(qbo.invoice()["DocNumber"]) == int(first["DocNumber"]) + 1
    qbo.settings(SalesFormsPrefs={"CustomTxnNumbers": True})
    assert "DocNumber" not in qbo.invoice()
    assert qbo.invoice(DocNumber="AUTO_GENERATE")["DocNumber"].isdigit()
    assert qbo.invoice(DocNumber="5000")["DocNumber"] == "5000"
    assert qbo.invoice(DocNumber="AUTO_GENERATE")["DocNumber"] == "5001"


def test_duplicate_numbers(qbo: Qbo) -> None:
    """Section 4 and 10: 6140 when the company warns; `include=allowduplicatedocnum`."""
    made = qbo.invoice(DocNumber="INV-1")
    error = qbo.refused("Invoice", qbo.sale(DocNumber="INV-1"))
    assert (error["code"], error["Message"]) == ("6140", "Duplicate Document Number Error")
    assert error["Detail"] == (
        "Duplicate Document Number Error : You must specify a different number. "
        "This number has already been used."
    )
    qbo.settings(duplicates_name_txn=True)
    named = qbo.refused("Invoice", qbo.sale(DocNumber="INV-1"))
    assert f"TxnId={made['Id']}" in named["Detail"]
    again = qbo.post("Invoice", qbo.sale(DocNumber="INV-1"), include="allowduplicatedocnum")
    qbo.post("Invoice", token_of(again) | {"sparse": True, "PrivateNote": "same number stays"})
    qbo.settings(warn_duplicate_numbers=False)
    assert qbo.invoice(DocNumber="INV-1")["DocNumber"] == "INV-1"


@pytest.mark.parametrize(
    ("field", "length"),
    [("PrivateNote", 4000), ("PONumber", 15), ("Description", 4000), ("CustomerMemo", 1000)],
)
def test_lengths(qbo: Qbo, field: str, length: int) -> None:
    """Section 4: other lengths; 2050."""
    for extra, good in ((0, True), (1, False)):
        text = "x" * (length + extra)
        wire = qbo.sale()
        if field == "Description":
            wire["Line"][0]["Description"] = text
        else:
            wire[field] = {"value": text} if field == "CustomerMemo" else text
        if good:
            qbo.post("Invoice", wire)
        else:
            assert qbo.refused("Invoice", wire)["code"] == "2050"


def test_address_lengths_and_copies(qbo: Qbo) -> None:
    """Sections 4 and 11: address lengths; the customer's is copied, maybe as free lines."""
    assert qbo.refused("Invoice", qbo.sale(BillAddr={"Line1": "x" * 501}))["code"] == "2050"
    assert qbo.refused("Invoice", qbo.sale(BillAddr={"PostalCode": "x" * 31}))["code"] == "2050"
    place = {"Line1": "1 Pier Rd", "City": "Salem", "CountrySubDivisionCode": "MA"}
    ref = {"value": qbo.customer(BillAddr=place)["Id"]}
    made = qbo.invoice(CustomerRef=ref)["BillAddr"]
    assert {k: v for k, v in made.items() if k != "Id"} == place
    qbo.settings(free_form_addresses=True)
    free = qbo.invoice(CustomerRef=ref)["BillAddr"]
    assert (free["Line1"], free["Line2"]) == ("1 Pier Rd", "Salem, MA")


def test_custom_fields(qbo: Qbo) -> None:
    """Section 4: up to three string fields of 31 characters (UNCONFIRMED length)."""
    field = {"DefinitionId": "1", "Name": "Job", "Type": "StringType", "StringValue": "A7"}
    assert qbo.invoice(CustomField=[field])["CustomField"] == [field]
    long = field | {"StringValue": "x" * 32}
    assert qbo.refused("Invoice", qbo.sale(CustomField=[long]))["code"] == "2050"


def test_what_python_quickbooks_posts(qbo: Qbo) -> None:
    """Section 11: empty strings are absent, read-only fields are ignored, PUT nothing else."""
    made = qbo.invoice(
        sparse=False,
        SyncToken=0,
        TotalAmt="",
        DueDate="",
        LinkedTxn=[],
        CustomField=[],
        GlobalTaxCalculation="TaxExcluded",
        Balance=5,
        HomeBalance=0,
        InvoiceLink="",
        ExchangeRate=1,
        PrintStatus="NotSet",
        FreeFormAddress=False,
        domain="QBO",
    )
    assert (made["Balance"], made["PrintStatus"]) == (100, "NotSet")
    assert "GlobalTaxCalculation" not in made
    assert "ExchangeRate" not in made
