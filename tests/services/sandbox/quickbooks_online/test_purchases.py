"""Purchase orders, bills, bill payments, vendor credits: dossier section 7."""

from typing import Any

from tests.services.sandbox.quickbooks_online.client import Qbo, applied, token_of
from tests.services.sandbox.server import Json

ITEM = "ItemBasedExpenseLineDetail"
ACCOUNT = "AccountBasedExpenseLineDetail"


def line(qbo: Qbo, amount: int = 20, **more: Any) -> Json:
    """Five pumps."""
    detail = {"ItemRef": qbo.ref("Item", Name="Garden Pump"), "Qty": 5, "UnitPrice": amount / 5}
    return {"Amount": amount, "DetailType": ITEM, ITEM: detail} | more


def cost(qbo: Qbo, amount: int = 100) -> Json:
    """An office expense."""
    detail = {"AccountRef": qbo.ref("Account", Name="Office Expenses")}
    return {"Amount": amount, "DetailType": ACCOUNT, ACCOUNT: detail}


def order(qbo: Qbo, *lines: Json) -> Json:
    """A purchase order."""
    vendor = {"value": qbo.vendor()["Id"]}
    return qbo.post("PurchaseOrder", {"VendorRef": vendor, "Line": list(lines), "POStatus": "Open"})


def link(made: Json, line_id: str | None) -> Json:
    """A link to an order's line."""
    one = {"TxnId": made["Id"], "TxnType": "PurchaseOrder", "TxnLineId": line_id}
    return {"LinkedTxn": [{k: v for k, v in one.items() if v is not None}]}


def test_order_becomes_bill(qbo: Qbo) -> None:
    """Section 7: linked lines; the order closes when all lines are used, and opens again."""
    made = order(qbo, line(qbo), cost(qbo, 7))
    assert (made["POStatus"], made["TotalAmt"]) == ("Open", 27)
    assert qbo.ledger("Accounts Payable (A/P)") == 0
    vendor = made["VendorRef"]
    first = qbo.post("Bill", {"VendorRef": vendor, "Line": [line(qbo) | link(made, "1")]})
    assert first["Line"][0]["LinkedTxn"][0]["TxnLineId"] == "1"
    assert qbo.read("PurchaseOrder", made["Id"])["POStatus"] == "Open"
    second = qbo.post("Bill", {"VendorRef": vendor, "Line": [link(made, "2") | {"Amount": 7}]})
    assert second["Line"][0][ACCOUNT]["AccountRef"]["name"] == "Office Expenses"
    closed = qbo.read("PurchaseOrder", made["Id"])
    assert closed["POStatus"] == "Closed"
    assert {x["TxnId"] for x in closed["LinkedTxn"]} == {first["Id"], second["Id"]}
    qbo.post("Bill", token_of(second), operation="delete")
    assert qbo.read("PurchaseOrder", made["Id"])["POStatus"] == "Open"
    assert qbo.ledger("Accounts Payable (A/P)") == -20
    qbo.balanced()


def test_a_bad_link_is_dropped(qbo: Qbo) -> None:
    """Section 7: TxnLineId is required; a bad link may be dropped without error."""
    made = order(qbo, line(qbo))
    for line_id in (None, "9"):
        wire = {"VendorRef": made["VendorRef"], "Line": [line(qbo) | link(made, line_id)]}
        assert "LinkedTxn" not in qbo.post("Bill", wire)["Line"][0]
    qbo.settings(deep_links_refused=True)
    assert qbo.refused("Bill", wire)["code"] == "620"


def test_bill_and_its_payment(qbo: Qbo) -> None:
    """Section 7: BillPayment by cheque; void; the bill's balance."""
    vendor = {"value": qbo.vendor()["Id"]}
    bill = qbo.post("Bill", {"VendorRef": vendor, "Line": [cost(qbo)], "DocNumber": "B-1"})
    assert (bill["Balance"], qbo.read("Vendor", vendor["value"])["Balance"]) == (100, 100)
    again = {"VendorRef": vendor, "Line": [cost(qbo)], "DocNumber": "B-1"}
    assert qbo.refused("Bill", again)["code"] == "6140"
    wire = {
        "VendorRef": vendor,
        "PayType": "Check",
        "TotalAmt": 60,
        "CheckPayment": {"BankAccountRef": qbo.ref("Account", Name="Checking")},
        "Line": [applied(bill, 60, "Bill")],
    }
    paid = qbo.post("BillPayment", wire)
    assert qbo.read("Bill", bill["Id"])["Balance"] == 40
    assert qbo.ledger("Checking") == -60
    assert qbo.refused("BillPayment", wire | {"TotalAmt": 61})["code"] == "6000"
    void = qbo.void_payment(paid, "BillPayment")
    assert (void["TotalAmt"], void["PrivateNote"]) == (0, "Voided")
    assert qbo.read("Bill", bill["Id"])["Balance"] == 100
    card = qbo.ref("Account", Name="Visa")
    by_card = wire | {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": card}}
    assert qbo.post("BillPayment", by_card)["PayType"] == "CreditCard"
    assert qbo.ledger("Visa") == -60
    qbo.balanced()


def test_vendor_credit(qbo: Qbo) -> None:
    """A vendor credit is applied by a bill payment of nothing."""
    vendor = {"value": qbo.vendor()["Id"]}
    bill = qbo.post("Bill", {"VendorRef": vendor, "Line": [cost(qbo)]})
    credit = qbo.post("VendorCredit", {"VendorRef": vendor, "Line": [cost(qbo, 30)]})
    qbo.person("apply_credit", resource="Bill", id=bill["Id"], credit=credit["Id"])
    assert qbo.read("Bill", bill["Id"])["Balance"] == 70
    assert qbo.read("VendorCredit", credit["Id"])["Balance"] == 0
    assert qbo.ledger("Accounts Payable (A/P)") == -70


def test_inventory_and_errors(qbo: Qbo) -> None:
    """Quantities follow bills; 6070, 6430 and 2020 as for sales."""
    vendor = {"value": qbo.vendor()["Id"]}
    qbo.post("Bill", {"VendorRef": vendor, "Line": [line(qbo, 60)]})
    assert qbo.rows("select * from Item where Name = 'Garden Pump'")[0]["QtyOnHand"] == 105
    assert qbo.ledger("Inventory Asset") == 60
    base = {"VendorRef": vendor}
    wrong = line(qbo) | {"Amount": 21}
    assert qbo.refused("Bill", base | {"Line": [wrong]})["code"] == "6070"
    assert qbo.refused("Bill", base | {"Line": []})["code"] == "2020"
    assert qbo.refused("Bill", {"Line": [cost(qbo)]})["code"] == "2020"
    bank = qbo.ref("Account", Name="Checking")
    assert qbo.refused("Bill", base | {"Line": [cost(qbo)], "APAccountRef": bank})["code"] == "6430"


def test_purchase(qbo: Qbo) -> None:
    """Section 12: expenses billed to a customer by CustomerRef on the line."""
    spent = cost(qbo, 15)
    spent[ACCOUNT] |= {"CustomerRef": {"value": qbo.customer()["Id"]}, "BillableStatus": "Billable"}
    wire = {
        "PaymentType": "Check",
        "AccountRef": qbo.ref("Account", Name="Checking"),
        "Line": [spent],
    }
    made = qbo.post("Purchase", wire)
    assert made["Line"][0][ACCOUNT]["BillableStatus"] == "Billable"
    assert qbo.ledger("Checking") == -15
    qbo.balanced()
