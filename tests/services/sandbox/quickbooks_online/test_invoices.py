"""Invoices: dossier section 4."""

from typing import Any

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, token_of


def test_the_minimal_create_of_the_dossier(qbo: Qbo) -> None:
    """Section 4, minimal create and the answer's field set."""
    customer = qbo.customer(PrimaryEmailAddr={"Address": "ap@blueheron.example"})
    line = qbo.line(100.00, Qty=2, UnitPrice=50.00) | {"Description": "March support"}
    made = qbo.invoice(
        CustomerRef={"value": customer["Id"]},
        DocNumber="INV-1007",
        DueDate="2026-03-31",
        PrivateNote="src:inv_7f3",
        Line=[line],
    )
    assert made["domain"] == "QBO"
    assert made["sparse"] is False
    assert (made["SyncToken"], made["TotalAmt"], made["Balance"]) == ("0", 100, 100)
    assert made["CustomerRef"] == {"value": customer["Id"], "name": customer["DisplayName"]}
    assert made["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert [x["DetailType"] for x in made["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    detail = made["Line"][0]["SalesItemLineDetail"]
    assert (made["Line"][0]["Id"], made["Line"][0]["LineNum"]) == ("1", 1)
    assert detail["ItemAccountRef"]["name"] == "Services"
    assert made["TxnTaxDetail"] == {"TotalTax": 0}
    assert made["BillEmail"] == {"Address": "ap@blueheron.example"}
    assert (made["EmailStatus"], made["PrintStatus"]) == ("NotSet", "NeedToPrint")
    assert made["LinkedTxn"] == made["CustomField"] == []
    assert qbo.read("Invoice", made["Id"]) == made
    qbo.balanced()
    assert qbo.ledger("Accounts Receivable (A/R)") == 100
    assert qbo.ledger("Services") == -100


def test_full_update_clears_sparse_keeps(qbo: Qbo) -> None:
    """Section 4: a full update clears what is left out, a sparse one keeps it."""
    made = qbo.invoice(PrivateNote="a", CustomerMemo={"value": "b"})
    sparse = qbo.post("Invoice", token_of(made) | {"sparse": True, "PrivateNote": "c"})
    assert (sparse["PrivateNote"], sparse["CustomerMemo"]) == ("c", {"value": "b"})
    assert (sparse["SyncToken"], sparse["TotalAmt"]) == ("1", 100)
    wire = qbo.sale(CustomerRef=made["CustomerRef"]) | token_of(sparse)
    full = qbo.post("Invoice", wire)
    assert "PrivateNote" not in full
    assert "CustomerMemo" not in full
    assert full["SyncToken"] == "2"


@pytest.mark.parametrize(
    ("habit", "empty", "null"), [("both", 0, 0), ("empty", 0, 1), ("null", 1, 0)]
)
def test_clearing(qbo: Qbo, habit: str, empty: int, null: int) -> None:
    """Section 11: clearing in a sparse update wants an empty string or null (UNCONFIRMED)."""
    qbo.settings(clearing=habit)
    for value, stays in (("", empty), (None, null)):
        made = qbo.invoice(PrivateNote="a")
        wire = token_of(made) | {"sparse": True, "PrivateNote": value}
        assert ("PrivateNote" in qbo.post("Invoice", wire)) == bool(stays)


def test_stale_token(qbo: Qbo) -> None:
    """Section 8: a stale SyncToken is 400 with 5010, in the vendor's words."""
    made = qbo.invoice()
    qbo.post("Invoice", token_of(made) | {"sparse": True, "PrivateNote": "x"})
    error = qbo.refused("Invoice", token_of(made) | {"sparse": True, "PrivateNote": "y"})
    assert (error["code"], error["Message"]) == ("5010", "Stale Object Error")
    assert error["Detail"].startswith("Stale Object Error : You and another user")
    assert error["element"] == ""


def test_token_may_be_a_number_and_must_be_there(qbo: Qbo) -> None:
    """Section 11: integer SyncToken is taken; a write without one is refused."""
    made = qbo.invoice()
    wire = {"Id": made["Id"], "sparse": True, "PrivateNote": "x"}
    assert qbo.refused("Invoice", wire)["code"] == "2020"
    assert qbo.post("Invoice", wire | {"SyncToken": 0})["SyncToken"] == "1"


def test_delete(qbo: Qbo) -> None:
    """Section 4: delete answers the status; later GET fails with 610, queries find nothing."""
    made = qbo.invoice()
    gone = qbo.post("Invoice", token_of(made), operation="delete")
    assert gone == {"status": "Deleted", "domain": "QBO", "Id": made["Id"]}
    answer = qbo.send("GET", f"/invoice/{made['Id']}")
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "610")
    assert qbo.query(f"select * from Invoice where Id = '{made['Id']}'") == {}
    assert qbo.refused("Invoice", token_of(made), operation="delete")["code"] == "610"
    assert qbo.ledger("Accounts Receivable (A/R)") == 0


@pytest.mark.parametrize(("keeps", "note"), [(False, "Voided"), (True, "Voided - src:1")])
def test_void(qbo: Qbo, keeps: bool, note: str) -> None:
    """Section 4: void zeroes amounts and quantities, drops prices, unlinks, notes `Voided`."""
    qbo.settings(void_keeps_note=keeps)
    made = qbo.invoice(PrivateNote="src:1", Line=[qbo.line(100, Qty=2, UnitPrice=50)])
    payment = qbo.pay(made, amount=40)
    current = qbo.read("Invoice", made["Id"])
    void = qbo.post("Invoice", token_of(current), operation="void")
    assert (void["TotalAmt"], void["Balance"], void["TxnTaxDetail"]["TotalTax"]) == (0, 0, 0)
    assert void["PrivateNote"] == note
    assert void["LinkedTxn"] == []
    assert int(void["SyncToken"]) == int(current["SyncToken"]) + 1
    detail = void["Line"][0]["SalesItemLineDetail"]
    assert (void["Line"][0]["Amount"], detail["Qty"], "UnitPrice" in detail) == (0, 0, False)
    after = qbo.read("Payment", payment["Id"])
    assert (after["UnappliedAmt"], after["Line"]) == (40, [])
    assert qbo.ledger("Accounts Receivable (A/R)") == -40
    again = qbo.refused("Invoice", token_of(void), operation="void")
    assert again["code"] == "6000"
    wire = qbo.sale(CustomerRef=void["CustomerRef"]) | token_of(void)
    assert qbo.refused("Invoice", wire)["code"] == "6000"
    noted = qbo.post("Invoice", token_of(void) | {"sparse": True, "PrivateNote": "Voided src:1"})
    assert noted["PrivateNote"] == "Voided src:1"


def test_send_and_pdf(qbo: Qbo) -> None:
    """Section 4: e-mail by POST of octet-stream; sendTo replaces BillEmail; PDF."""
    made = qbo.invoice()
    headers = {"Content-Type": "application/octet-stream"}
    path = f"/invoice/{made['Id']}/send"
    answer = qbo.send("POST", path, headers=headers)
    assert answer.json()["Fault"]["Error"][0]["code"] == "2210"
    sent = qbo.call("POST", path, headers=headers, params={"sendTo": "a@b.example"})["Invoice"]
    assert sent["EmailStatus"] == "EmailSent"
    assert sent["BillEmail"] == {"Address": "a@b.example"}
    assert sent["DeliveryInfo"]["DeliveryType"] == "Email"
    assert sent["SyncToken"] == "1"
    pdf = qbo.send("GET", f"/invoice/{made['Id']}/pdf", headers={"Accept": "application/pdf"})
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-type"] == "application/pdf"


def test_invoice_link(qbo: Qbo) -> None:
    """Section 4: `include=invoiceLink` shows the pay link."""
    made = qbo.invoice()
    assert "InvoiceLink" not in made
    assert qbo.read("Invoice", made["Id"], include="invoiceLink")["InvoiceLink"]


def test_required(qbo: Qbo) -> None:
    """Section 4: CustomerRef, a line, DetailType and Amount; 2020. Empty CustomerRef: -30003."""
    whole = qbo.sale()
    cases: list[dict[str, Any]] = [
        {k: v for k, v in whole.items() if k != "CustomerRef"},
        whole | {"Line": []},
        whole | {"Line": [{"Amount": 1}]},
        whole | {"Line": [{"DetailType": "SalesItemLineDetail"}]},
        whole | {"Line": [{"DetailType": "SubTotalLineDetail", "Amount": 1}]},
    ]
    for wire in cases:
        assert qbo.refused("Invoice", wire)["code"] == "2020"
    error = qbo.refused("Invoice", whole | {"CustomerRef": {"value": ""}})
    assert (error["code"], error["Detail"]) == (
        "6000",
        "Business Validation Error: Unexpected Internal Error. (-30003)",
    )


def test_zero_and_negative(qbo: Qbo) -> None:
    """Section 4: $0 is accepted and paid; a negative total is refused with 6000."""
    assert qbo.invoice(0)["Balance"] == 0
    assert qbo.invoice(100, -100)["TotalAmt"] == 0
    assert qbo.refused("Invoice", qbo.sale(10, -20))["code"] == "6000"


def test_deposit_field(qbo: Qbo) -> None:
    """Section 4: `Deposit` reduces the Balance without a Payment."""
    made = qbo.invoice(100, Deposit=30)
    assert (made["TotalAmt"], made["Balance"], made["Deposit"]) == (100, 70, 30)
    assert qbo.rows("select * from Payment") == []
    assert qbo.ledger("Undeposited Funds") == 30


def test_lowered_below_what_was_paid(qbo: Qbo) -> None:
    """A smaller total leaves the rest of the payment unapplied."""
    made = qbo.invoice(100)
    payment = qbo.pay(made)
    current = qbo.read("Invoice", made["Id"])
    after = qbo.post("Invoice", token_of(current) | {"sparse": True, "Line": [qbo.line(60)]})
    assert qbo.read("Invoice", after["Id"])["Balance"] == 0
    assert qbo.read("Payment", payment["Id"])["UnappliedAmt"] == 40
    assert qbo.ledger("Accounts Receivable (A/R)") == -40


def test_inventory(qbo: Qbo) -> None:
    """Section 5: quantities follow sales; the cost is posted."""
    pump = qbo.ref("Item", Name="Garden Pump")
    made = qbo.invoice(Line=[qbo.line(60, ItemRef=pump, Qty=3, UnitPrice=20)])
    assert qbo.read("Item", pump["value"])["QtyOnHand"] == 97
    assert qbo.ledger("Cost of Goods Sold") == 36
    qbo.post("Invoice", token_of(made), operation="delete")
    assert qbo.read("Item", pump["value"])["QtyOnHand"] == 100
    assert qbo.ledger("Cost of Goods Sold") == 0
