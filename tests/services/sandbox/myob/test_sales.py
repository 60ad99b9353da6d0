"""Invoices (dossier section 4): layouts, required fields, tax, terms, numbers, replace, delete."""

from decimal import Decimal
from typing import Any

import pytest

from tests.services.sandbox.myob.client import DAY, MyobClient, ref, unique

SERVICE = "/Sale/Invoice/Service"
ITEM = "/Sale/Invoice/Item"


def item_line(myob: MyobClient, **fields: Any) -> dict[str, Any]:
    return {
        "ShipQuantity": 4,
        "UnitPrice": 12.5,
        "DiscountPercent": 10,
        "Total": 45,
        "Item": ref(myob.item()),
        "TaxCode": myob.taxed,
    } | fields


def test_the_documented_service_invoice(myob: MyobClient) -> None:
    """The example of the dossier: 100 and 10 % tax, due after 14 days, Open."""
    card = myob.customer(DisplayID="CUS-77")
    body = myob.sale(Number="KP-10042", Customer=ref(card), CustomerPurchaseOrderNumber="job 77")
    made = myob.create(SERVICE, body | {"JournalMemo": "Sale; Rata Cafe"})
    assert (made["Subtotal"], made["TotalTax"], made["TotalAmount"]) == (100, 10, 110)
    assert (made["BalanceDueAmount"], made["Status"]) == (110, "Open")
    assert (made["Number"], made["CustomerPurchaseOrderNumber"]) == ("KP-10042", "job 77")
    assert made["Customer"] == {
        "UID": card["UID"],
        "Name": card["CompanyName"],
        "DisplayID": "CUS-77",
        "URI": None,
    }
    assert made["Terms"]["DueDate"] == "2026-09-15T00:00:00"
    assert made["Lines"][0]["TaxCode"]["Code"] == "GST"
    assert made["Lines"][0]["RowID"]
    assert isinstance(made["Lines"][0]["RowVersion"], str)
    assert made["LastPaymentDate"] is None
    assert made["Order"] is None
    assert isinstance(made["RowVersion"], str)
    assert "LastModified" not in made


def test_without_return_body_only_the_location(myob: MyobClient) -> None:
    """else empty body + `Location` header with the new UID."""
    answer = myob.send("POST", SERVICE, json=myob.sale())
    assert (answer.status_code, answer.content) == (201, b"")
    uid = answer.headers["location"].rpartition("/")[2]
    read = myob.read(SERVICE, uid)
    answer = myob.send("PUT", f"{SERVICE}/{uid}", json=read)
    assert (answer.status_code, answer.content) == (200, b"")


def test_uris(myob: MyobClient) -> None:
    """`generateUris=false` nulls every URI; else they are on the origin that was asked."""
    made = myob.invoice()
    read = myob.read(SERVICE, made)
    assert read["URI"] == myob.url(f"{SERVICE}/{made['UID']}")
    assert read["Customer"]["URI"].startswith(myob.url("/Contact/Customer/"))
    quiet = myob.call("GET", f"{SERVICE}/{made['UID']}", params={"generateUris": "false"})
    assert quiet["URI"] is None
    assert quiet["Customer"]["URI"] is None


@pytest.mark.parametrize("missing", ["Date", "Customer", "Lines"])
def test_required_of_the_header(myob: MyobClient, missing: str) -> None:
    """missing field: 400 `Required` 100."""
    body = myob.sale()
    del body[missing]
    myob.refuse("POST", SERVICE, body, "Required", 100)


@pytest.mark.parametrize("missing", ["Account", "Total", "TaxCode"])
def test_required_of_a_service_line(myob: MyobClient, missing: str) -> None:
    """For Service: line `Account{UID}`, `Total`, `TaxCode{UID}`."""
    line = myob.line()
    del line[missing]
    myob.refuse("POST", SERVICE, myob.sale(Lines=[line]), "Required", 100)


@pytest.mark.parametrize("missing", ["ShipQuantity", "Total", "Item", "TaxCode"])
def test_required_of_an_item_line(myob: MyobClient, missing: str) -> None:
    """Required for Item: per line `ShipQuantity`, `Total`, `Item{UID}`, `TaxCode{UID}`."""
    line = item_line(myob)
    del line[missing]
    myob.refuse("POST", ITEM, myob.sale(Lines=[line]), "Required", 100)


def test_every_error_is_told(myob: MyobClient) -> None:
    """Read every element of `Errors`."""
    answer = myob.send("POST", SERVICE, json={"Lines": [{}]})
    assert len(answer.json()["Errors"]) == 5


def test_an_item_invoice(myob: MyobClient) -> None:
    """`Total` = `ShipQuantity x UnitPrice x (1 - DiscountPercent/100)`."""
    made = myob.create(ITEM, myob.sale(Lines=[item_line(myob)]))
    [line] = made["Lines"]
    assert (line["Total"], line["UnitPrice"], line["DiscountPercent"]) == (45, Decimal("12.5"), 10)
    assert made["TotalAmount"] == Decimal("49.5")
    assert line["Item"]["Number"]
    assert line["CostOfGoodsSold"] is None


def test_a_total_that_does_not_multiply(myob: MyobClient) -> None:
    """mismatch behaviour UNCONFIRMED: refused, or kept, or computed anew."""
    body = myob.sale(Lines=[item_line(myob, Total=46)])
    myob.refuse("POST", ITEM, body, "InvalidValue")
    myob.habit(total_mismatch="total")
    assert myob.create(ITEM, body)["Subtotal"] == 46
    myob.habit(total_mismatch="compute")
    assert myob.create(ITEM, body)["Subtotal"] == 45


def test_tax_is_inclusive_unless_said_otherwise(myob: MyobClient) -> None:
    """`IsTaxInclusive` default **true** - set it always."""
    body = myob.sale(110)
    del body["IsTaxInclusive"]
    made = myob.create(SERVICE, body)
    assert made["IsTaxInclusive"] is True
    assert (made["TotalTax"], made["TotalAmount"]) == (10, 110)


def test_tax_is_rounded_per_line_or_per_code(myob: MyobClient) -> None:
    """Compare totals with 1-cent tolerance: how tax is rounded is not said."""
    lines = [myob.line(0.05) for _ in range(3)]
    assert myob.invoice(Lines=lines)["TotalTax"] == Decimal("0.03")
    myob.habit(tax_by_code=True)
    assert myob.invoice(Lines=lines)["TotalTax"] == Decimal("0.02")


def test_consolidated_tax(myob: MyobClient) -> None:
    """`Consolidated` = tax group: its rate is the sum, each component has its own account."""
    made = myob.invoice(Lines=[myob.line(100, TaxCode=ref(myob.codes["GW"]))])
    assert made["TotalTax"] == 39
    path = f"/companies/{myob.company}/journal"
    [entry] = myob.sandbox.control("GET", path, params={"document": made["UID"]})["entries"]
    credit = {line["name"]: line["credit"] for line in entry["lines"]}
    assert (credit["GST Collected"], credit["Other Taxes Payable"]) == ("10.00", "29.00")


def test_freight(myob: MyobClient) -> None:
    """Freight: `Freight` + `FreightTaxCode` (the card's, when there is none)."""
    made = myob.invoice(Freight=20)
    assert (made["Freight"], made["TotalTax"], made["TotalAmount"]) == (20, 12, 132)
    assert made["FreightTaxCode"]["Code"] == "GST"
    free = myob.invoice(Freight=20, FreightTaxCode=myob.free)
    assert free["TotalAmount"] == 130


def test_hybrid_lines(myob: MyobClient) -> None:
    """Hybrid layout (a line with `Account` inside an Item invoice), then without freight."""
    line = {"Total": 10, "Account": myob.account("Income"), "TaxCode": myob.taxed}
    body = myob.sale(Lines=[item_line(myob), line])
    myob.refuse("POST", ITEM, body, "Required", 100)
    myob.habit(hybrid_lines=True)
    assert myob.create(ITEM, body)["Subtotal"] == 55
    myob.refuse("POST", ITEM, body | {"Freight": 5}, "InvalidValue")


def test_header_and_subtotal_lines(myob: MyobClient) -> None:
    """`Type` (`Transaction|Header|SubTotal`)."""
    head, sub = {"Type": "Header", "Description": "Print"}, {"Type": "SubTotal"}
    made = myob.invoice(Lines=[head, myob.line(60), myob.line(40), sub])
    assert [line["Total"] for line in made["Lines"]] == [None, 60, 40, 100]
    assert made["Subtotal"] == 100


TERMS = [
    ({"PaymentIsDue": "CashOnDelivery"}, "2026-09-01"),
    ({"PaymentIsDue": "PrePaid"}, "2026-09-01"),
    ({"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": 30}, "2026-10-01"),
    ({"PaymentIsDue": "OnADayOfTheMonth", "BalanceDueDate": 20}, "2026-09-20"),
    ({"PaymentIsDue": "NumberOfDaysAfterEOM", "BalanceDueDate": 7}, "2026-10-07"),
    ({"PaymentIsDue": "DayOfMonthAfterEOM", "BalanceDueDate": 31}, "2026-10-31"),
]


@pytest.mark.parametrize(("terms", "due"), TERMS)
def test_terms(myob: MyobClient, terms: dict[str, Any], due: str) -> None:
    """`BalanceDueDate` as days or day number; `DueDate` read-only."""
    assert myob.invoice(Terms=terms)["Terms"]["DueDate"] == f"{due}T00:00:00"


def test_terms_of_the_card(myob: MyobClient) -> None:
    """Absent = from the customer card."""
    card = myob.card()
    card["SellingDetails"]["Terms"] = {"PaymentIsDue": "CashOnDelivery"}
    body = myob.sale(Customer=ref(myob.create("/Contact/Customer", card)))
    del body["Terms"]
    assert myob.create(SERVICE, body)["Terms"]["DueDate"] == DAY


def test_terms_out_of_range(myob: MyobClient) -> None:
    """terms out of range: 400 `Term_Out_Of_Range`."""
    terms = {"PaymentIsDue": "OnADayOfTheMonth", "BalanceDueDate": 32}
    myob.refuse("POST", SERVICE, myob.sale(Terms=terms), "Term_Out_Of_Range")


def test_numbers(myob: MyobClient) -> None:
    """<=13 chars; absent = next number."""
    first, second = myob.invoice()["Number"], myob.invoice()["Number"]
    assert int(second) == int(first) + 1
    assert len(first) == 8
    myob.refuse("POST", SERVICE, myob.sale(Number="KP-1234567890X"), "MaximumLengthExceeded")
    myob.invoice(Number=f"{int(second) + 1:08d}")
    assert int(myob.invoice()["Number"]) == int(second) + 2


def test_a_number_twice(myob: MyobClient) -> None:
    """some files warn, some refuse: UNCONFIRMED, refused here; `warningsAsErrors`."""
    myob.invoice(Number="KP-1")
    body = myob.sale(Number="KP-1")
    myob.refuse("POST", SERVICE, body, "DuplicateIdentifier")
    myob.refuse("POST", ITEM, body | {"Lines": [item_line(myob)]}, "DuplicateIdentifier")
    myob.habit(duplicate_numbers="warn")
    myob.create(SERVICE, body)
    answer = myob.send("POST", SERVICE, json=body, params={"warningsAsErrors": "true"})
    assert answer.status_code == 400
    assert answer.json()["Errors"][0]["Severity"] == "Warning"


def test_the_list_of_any_layout(myob: MyobClient) -> None:
    """`GET /Sale/Invoice` has no lines, rows carry `InvoiceType`; typed collections have lines."""
    myob.invoice(Number="S-1")
    myob.create(ITEM, myob.sale(Number="I-1", Lines=[item_line(myob)]))
    rows = {row["Number"]: row for row in myob.items("/Sale/Invoice")}
    assert rows["S-1"]["InvoiceType"] == "Service"
    assert rows["I-1"]["InvoiceType"] == "Item"
    assert "Lines" not in rows["S-1"]
    assert [row["Number"] for row in myob.items(ITEM)] == ["I-1"]
    assert myob.items(ITEM)[0]["Lines"]
    for method in ("POST", "PUT"):
        assert myob.send(method, "/Sale/Invoice", json={}).status_code == 405


def test_the_layout_cannot_be_changed(myob: MyobClient) -> None:
    """Layout cannot change by PUT."""
    made = myob.invoice()
    answer = myob.send("PUT", f"{ITEM}/{made['UID']}", json=made)
    assert answer.status_code == 404
    assert myob.send("GET", f"{ITEM}/{made['UID']}").status_code == 404


@pytest.mark.parametrize("layout", ["Professional", "Miscellaneous"])
def test_layouts_of_the_browser_product(myob: MyobClient, layout: str) -> None:
    """Professional and Miscellaneous are read-only in new Essentials."""
    path, body = f"/Sale/Invoice/{layout}", myob.sale()
    myob.create(path, body)
    myob.habit(essentials=True)
    assert myob.send("POST", path, json=body).status_code == 405
    assert myob.items(path)


def test_time_billing_is_only_read(myob: MyobClient) -> None:
    """`TimeBilling` is a layout; nothing here can write it."""
    assert myob.items("/Sale/Invoice/TimeBilling") == []
    assert myob.send("POST", "/Sale/Invoice/TimeBilling", json={}).status_code == 405


def test_replace_clears_what_is_not_sent(myob: MyobClient) -> None:
    """PUT replaces everything: lines not sent are deleted, unset fields are cleared."""
    made = myob.invoice(JournalMemo="memo", Lines=[myob.line(60), myob.line(40)])
    kept = made["Lines"][1]
    body = myob.sale(Customer=ref(made["Customer"]), Lines=[kept, myob.line(7)])
    identity = {"UID": made["UID"], "RowVersion": made["RowVersion"]}
    done = myob.call(
        "PUT", f"{SERVICE}/{made['UID']}", json=body | identity, params={"returnBody": "true"}
    )
    assert done["JournalMemo"] is None
    assert [line["Total"] for line in done["Lines"]] == [40, 7]
    assert done["Lines"][0]["RowID"] == kept["RowID"]
    assert done["Lines"][0]["RowVersion"] == kept["RowVersion"]
    assert done["Number"] == made["Number"]
    assert done["RowVersion"] != made["RowVersion"]


def test_delete(myob: MyobClient) -> None:
    """`DELETE` (200 empty), then 404; no void, no draft."""
    made = myob.invoice()
    myob.delete(SERVICE, made)
    assert myob.send("GET", f"{SERVICE}/{made['UID']}").status_code == 404
    assert myob.items("/Sale/Invoice") == []


def test_a_paid_invoice_is_not_deleted(myob: MyobClient) -> None:
    """Invoice with payments: delete refused (UNCONFIRMED; delete the payments first)."""
    made = myob.untaxed(100)
    payment = myob.pay(made, 40)
    assert myob.send("DELETE", f"{SERVICE}/{made['UID']}").status_code == 400
    myob.delete("/Sale/CustomerPayment", payment)
    myob.delete(SERVICE, made)


def test_a_paid_invoice_keeps_its_amount(myob: MyobClient) -> None:
    """Invoice with payments: amounts limited (UNCONFIRMED)."""
    made = myob.untaxed(100)
    myob.pay(made, 40)
    line = myob.line(30, TaxCode=myob.free)
    whole = myob.read(SERVICE, made)
    myob.refuse("PUT", f"{SERVICE}/{made['UID']}", whole | {"Lines": [line]}, "InvalidValue")
    done = myob.update(SERVICE, made, Lines=[line | {"Total": 70}])
    assert (done["TotalAmount"], done["BalanceDueAmount"]) == (70, 30)


def test_negative_is_a_credit(myob: MyobClient) -> None:
    """credit note = invoice with negative total; `Credit` = negative total."""
    made = myob.invoice(-100)
    assert (made["TotalAmount"], made["BalanceDueAmount"]) == (-110, -110)
    assert made["Status"] == "Credit"


def test_nothing_at_all(myob: MyobClient) -> None:
    """$0 invoice: expected accepted and `Closed`; a company's habit may refuse it."""
    assert myob.untaxed(0)["Status"] == "Closed"
    myob.habit(zero_invoices=False)
    myob.refuse("POST", SERVICE, myob.sale(0), "InvalidValue")


def test_pdf(myob: MyobClient) -> None:
    """pdf by `Accept: application/pdf`, or `format=pdf`."""
    path = f"{SERVICE}/{myob.invoice()['UID']}"
    by_accept = myob.send("GET", path, headers={"Accept": "application/pdf"})
    by_format = myob.send("GET", path, params={"format": "pdf", "templatename": "Plain"})
    for answer in (by_accept, by_format):
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


def test_email(myob: MyobClient) -> None:
    """`POST …/{UID}/Email`."""
    path = f"{SERVICE}/{myob.invoice()['UID']}/Email"
    body = {"To": [{"Name": "Rata", "Email": "rata@example.org"}], "Subject": "Invoice"}
    assert myob.send("POST", path, json=body).status_code == 200
    myob.refuse("POST", path, {"Subject": "Invoice"}, "Required", 100)


def test_flags(myob: MyobClient) -> None:
    """`OnlinePaymentMethod` (`All|None`), `InvoiceDeliveryStatus`, `ShipToAddress` <=255."""
    fields = {"OnlinePaymentMethod": "All", "CanApplyBPay": True, "ShipToAddress": "1 Rata St\nKew"}
    made = myob.invoice(**fields, InvoiceDeliveryStatus="Email")
    assert fields.items() <= made.items()
    myob.refuse("POST", SERVICE, myob.sale(OnlinePaymentMethod="Some"), "SerializationError", 50)
    myob.refuse("POST", SERVICE, myob.sale(ShipToAddress="x" * 256), "MaximumLengthExceeded")


def test_credit_hold(myob: MyobClient) -> None:
    """An invoice to an `OnHold` customer over the credit limit is refused."""
    card = myob.card(CompanyName=unique("Slow"))
    card["SellingDetails"]["Credit"] = {"Limit": 150, "OnHold": True}
    customer = ref(myob.create("/Contact/Customer", card))
    myob.untaxed(100, Customer=customer)
    myob.refuse("POST", SERVICE, myob.sale(100, Customer=customer), "CardId")


def test_an_invoice_of_an_order(myob: MyobClient) -> None:
    """Invoice from an order keeps `Order{UID}`; the order is converted and frozen."""
    body = myob.sale()
    order = myob.create("/Sale/Order/Service", body)
    made = myob.create(SERVICE, body | {"Order": ref(order)})
    assert made["Order"]["UID"] == order["UID"]
    done = myob.update(SERVICE, made, Order=None, Comment="thanks")
    assert done["Order"]["Number"] == order["Number"]
    assert myob.read("/Sale/Order/Service", order)["Status"] == "ConvertedToInvoice"
    assert myob.send("DELETE", f"/Sale/Order/Service/{order['UID']}").status_code == 400


def test_a_quote(myob: MyobClient) -> None:
    """`/Sale/Quote/{type}` alike; it owes nothing."""
    made = myob.create("/Sale/Quote/Service", myob.sale())
    assert myob.items("/Sale/Quote")[0]["UID"] == made["UID"]
    assert myob.read("/Contact/Customer", made["Customer"]["UID"])["CurrentBalance"] == 0
