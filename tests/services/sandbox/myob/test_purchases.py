"""Purchase orders, bills, supplier payments, debits, spend money (dossier section 7)."""

import pytest

from tests.services.sandbox.myob.client import DAY, MyobClient, ref
from tests.services.sandbox.server import Json

BILL = "/Purchase/Bill/Service"
ORDER = "/Purchase/Order/Service"


def payment(myob: MyobClient, bill: Json, amount: object) -> Json:
    line = {"Type": "Bill", "Purchase": ref(bill), "AmountApplied": amount}
    head = {"PayFrom": "Account", "Account": myob.account("Bank"), "Date": DAY, "Memo": "m"}
    return head | {"Supplier": ref(bill["Supplier"]), "Lines": [line]}


def test_a_bill(myob: MyobClient) -> None:
    """Status `Open|Closed|Debit`; `SupplierInvoiceNumber` <=13; the supplier is owed."""
    made = myob.bill(SupplierInvoiceNumber="S-1", IsReportable=True)
    assert (made["Status"], made["BalanceDueAmount"]) == ("Open", 100)
    assert made["SupplierInvoiceNumber"] == "S-1"
    assert myob.read("/Contact/Supplier", made["Supplier"]["UID"])["CurrentBalance"] == 100
    body = myob.purchase(SupplierInvoiceNumber="x" * 14)
    myob.refuse("POST", BILL, body, "MaximumLengthExceeded")
    assert myob.bill(-100, Lines=[myob.line(-100, TaxCode=myob.free)])["Status"] == "Debit"


@pytest.mark.parametrize("missing", ["BillQuantity", "Item", "Total", "TaxCode"])
def test_an_item_bill(myob: MyobClient, missing: str) -> None:
    """`BillQuantity`, `ReceivedQuantity` on item lines."""
    line = {"BillQuantity": 3, "ReceivedQuantity": 3, "Total": 15, "TaxCode": myob.taxed}
    line["Item"] = ref(myob.item())
    made = myob.create("/Purchase/Bill/Item", myob.purchase(Lines=[line]))
    assert (made["TotalAmount"], made["Lines"][0]["UnitPrice"]) == (16.5, 5)
    del line[missing]
    myob.refuse("POST", "/Purchase/Bill/Item", myob.purchase(Lines=[line]), "Required", 100)


def test_an_order_becomes_a_bill(myob: MyobClient) -> None:
    """`POST /Purchase/Bill/{same type}` with `Order{UID}`; a converted order is frozen."""
    body = myob.purchase()
    order = myob.create(ORDER, body)
    assert order["Status"] == "Open"
    assert myob.read("/Contact/Supplier", order["Supplier"]["UID"])["CurrentBalance"] == 0
    other = myob.purchase() | {"Order": ref(order)}
    myob.refuse("POST", BILL, other, "InvalidValue")
    wrong = body | {"Order": ref(order)}
    layout = "/Purchase/Bill/Miscellaneous"
    myob.refuse("POST", layout, wrong, "InvalidValue")
    made = myob.create(BILL, body | {"Order": ref(order)})
    assert made["Order"]["Number"] == order["Number"]
    after = myob.read(ORDER, order)
    assert after["Status"] == "ConvertedToBill"
    for method in ("PUT", "DELETE"):
        error = myob.refuse(method, f"{ORDER}/{order['UID']}", after, "OrderConverted")
        assert error["Message"] == "Cannot update or delete order converted to Bill"
    myob.refuse("POST", BILL, body | {"Order": ref(order)}, "OrderConverted")


def test_a_person_converts_an_order(myob: MyobClient) -> None:
    order = myob.create(ORDER, myob.purchase())
    made = myob.do("convert", resource="Purchase/Order", id=order["UID"])
    assert made["Order"]["UID"] == order["UID"]
    assert made["BillType"] == "Service"


def test_an_order_is_changed_and_deleted(myob: MyobClient) -> None:
    """Orders are no transactions: neither lock nor reversal holds them."""
    order = myob.create(ORDER, myob.purchase())
    myob.do("preferences", changes={"TransactionsCannotBeChangedMustBeReversed": True})
    changed = myob.update(ORDER, order, Comment="soon")
    assert changed["Comment"] == "soon"
    myob.delete(ORDER, changed)


def test_a_supplier_payment(myob: MyobClient) -> None:
    """`/Purchase/SupplierPayment`: GET/POST/DELETE is the safest."""
    path, bill = "/Purchase/SupplierPayment", myob.bill()
    body = payment(myob, bill, 60) | {"StatementParticulars": "p", "StatementCode": "c"}
    made = myob.create(path, body | {"PaymentNumber": "7"})
    assert (made["AmountPaid"], made["PaymentNumber"]) == (60, "7")
    assert made["Lines"][0]["Purchase"]["Number"] == bill["Number"]
    assert myob.read(BILL, bill)["BalanceDueAmount"] == 40
    assert myob.send("PUT", f"{path}/{made['UID']}", json=made).status_code == 405
    myob.refuse("POST", path, payment(myob, bill, 41), "InvalidValue")
    myob.create(path, payment(myob, bill, 40) | {"Account": myob.account("CreditCard")})
    assert myob.read(BILL, bill)["Status"] == "Closed"
    myob.delete(path, made)
    assert myob.read(BILL, bill)["BalanceDueAmount"] == 60


def test_supplier_discounts(myob: MyobClient) -> None:
    """`/Purchase/SupplierPayment/RecordWithDiscountsAndFees`, `/CalculateDiscounts`."""
    bill = myob.bill()
    head = {"Account": myob.account("Bank"), "Supplier": ref(bill["Supplier"]), "Date": DAY}
    path = "/Purchase/SupplierPayment"
    body = head | {"Lines": [{"Purchase": ref(bill)}]}
    assert myob.call("POST", f"{path}/CalculateDiscounts", json=body)["Lines"]
    line = {"Purchase": ref(bill), "AmountApplied": 97, "DiscountApplied": 3}
    myob.call("POST", f"{path}/RecordWithDiscountsAndFees", json=head | {"Lines": [line]})
    assert myob.read(BILL, bill)["Status"] == "Closed"


def test_debits(myob: MyobClient) -> None:
    """`/Purchase/DebitSettlement`, `/Purchase/DebitRefund`."""
    supplier = ref(myob.supplier())
    debit = myob.bill(Supplier=supplier, Lines=[myob.line(-50, TaxCode=myob.free)])
    bill = myob.bill(Supplier=supplier)
    line = {"Type": "Bill", "Purchase": ref(bill), "AmountApplied": 20}
    head = {"DebitFromBill": ref(debit), "Supplier": supplier, "Date": DAY}
    settled = myob.create("/Purchase/DebitSettlement", head | {"Lines": [line]})
    assert settled["DebitAmount"] == 20
    body = {"Date": DAY, "Amount": 30, "Account": myob.account("Bank"), "Supplier": supplier}
    refunded = myob.create("/Purchase/DebitRefund", body | {"Bill": ref(debit)})
    assert myob.read(BILL, debit)["Status"] == "Closed"
    myob.delete("/Purchase/DebitSettlement", settled)
    myob.delete("/Purchase/DebitRefund", refunded)
    assert myob.read(BILL, debit)["BalanceDueAmount"] == -50


def test_spend_and_receive_money(myob: MyobClient) -> None:
    """fee = spend money (`/Banking/SpendMoneyTxn`)."""
    line = {"Account": myob.account("Expense"), "Amount": 11, "TaxCode": myob.taxed}
    body = {"Account": myob.account("Bank"), "Date": DAY, "Lines": [line], "Memo": "fee"}
    for path, amount in (
        ("/Banking/SpendMoneyTxn", "AmountPaid"),
        ("/Banking/ReceiveMoneyTxn", "AmountReceived"),
    ):
        made = myob.create(path, body)
        assert (made[amount], made["TotalTax"]) == (11, 1)
        lines = [made["Lines"][0] | {"Amount": 22}]
        done = myob.update(path, made, Lines=lines)
        assert done[amount] == 22
        assert done["Lines"][0]["RowID"] == made["Lines"][0]["RowID"]
        myob.delete(path, done)


def test_attachments(myob: MyobClient) -> None:
    """attachments exist for bills and spend-money."""
    path = f"{BILL}/{myob.bill()['UID']}/Attachment"
    body = {"Attachments": [{"OriginalFileName": "a.pdf", "FileBase64Content": "QQ=="}]}
    [made] = myob.call("POST", path, 201, json=body)["Attachments"]
    assert myob.call("GET", path)["Attachments"] == [made]
    assert myob.send("DELETE", f"{path}/{made['UID']}").status_code == 200
    assert myob.call("GET", path)["Attachments"] == []
    sale = f"/Sale/Invoice/Service/{myob.invoice()['UID']}/Attachment"
    assert myob.send("GET", sale).status_code == 404
