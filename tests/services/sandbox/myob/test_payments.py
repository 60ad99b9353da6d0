"""Payments, settlements and refunds (dossier section 6)."""

import pytest

from tests.services.sandbox.myob.client import MyobClient, ref
from tests.services.sandbox.server import Json

PAYMENT = "/Sale/CustomerPayment"
SERVICE = "/Sale/Invoice/Service"


def test_one_payment_over_several_invoices(myob: MyobClient) -> None:
    """One payment over several invoices and several payments per invoice: native."""
    card = ref(myob.customer())
    one, two = myob.untaxed(100, Customer=card), myob.untaxed(50, Customer=card)
    body = myob.payment((one, 60), (two, 50), ReceiptNumber="R-77", Memo="ch_77")
    made = myob.create(PAYMENT, body | {"PaymentMethod": "Other"})
    assert (made["AmountReceived"], made["ReceiptNumber"], made["Memo"]) == (110, "R-77", "ch_77")
    assert [line["Number"] for line in made["Invoices"]] == [one["Number"], two["Number"]]
    first, second = myob.read(SERVICE, one), myob.read(SERVICE, two)
    assert (first["BalanceDueAmount"], first["Status"]) == (40, "Open")
    assert (second["BalanceDueAmount"], second["Status"]) == (0, "Closed")
    assert first["LastPaymentDate"] == "2026-09-10T00:00:00"
    assert first["RowVersion"] != one["RowVersion"]
    myob.pay(one, 40)
    assert myob.read(SERVICE, one)["Status"] == "Closed"


def test_delete_and_no_put(myob: MyobClient) -> None:
    """no PUT; change = delete + create."""
    invoice = myob.untaxed(100)
    made = myob.pay(invoice, 60)
    assert myob.send("PUT", f"{PAYMENT}/{made['UID']}", json=made).status_code == 405
    myob.delete(PAYMENT, made)
    after = myob.read(SERVICE, invoice)
    assert (after["BalanceDueAmount"], after["LastPaymentDate"]) == (100, None)
    assert myob.send("GET", f"{PAYMENT}/{made['UID']}").status_code == 404


@pytest.mark.parametrize("missing", ["Account", "Customer", "Invoices", "Date"])
def test_required(myob: MyobClient, missing: str) -> None:
    """Required: `DepositTo` (`Account` default), `Account`, `Customer`, `Invoices[]`."""
    body = myob.payment((myob.untaxed(100), 60))
    del body[missing]
    myob.refuse("POST", PAYMENT, body, "Required", 100)


def test_deposit_to_is_the_account(myob: MyobClient) -> None:
    """`Account` default | `UndepositedFunds`; a bank deposit follows later in MYOB."""
    body = myob.payment((myob.untaxed(100), 60))
    del body["DepositTo"]
    assert myob.create(PAYMENT, body)["DepositTo"] == "Account"
    body = myob.payment((myob.untaxed(100), 60), DepositTo="UndepositedFunds", Account=None)
    made = myob.create(PAYMENT, body)
    myob.do("deposit", id=made["UID"])
    assert myob.send("DELETE", f"{PAYMENT}/{made['UID']}").status_code == 400


def test_payments_take_a_bank(myob: MyobClient) -> None:
    """Payments take a bank or `UndepositedFunds`."""
    body = myob.payment((myob.untaxed(100), 60), Account=myob.account("Income"))
    myob.refuse("POST", PAYMENT, body, "InvalidValue")


def test_the_receipt_number(myob: MyobClient) -> None:
    """`ReceiptNumber` <=13; absent = next; found by `ReceiptNumber eq '…'`."""
    invoice = myob.untaxed(100)
    made = myob.pay(invoice, 10)
    assert made["ReceiptNumber"] == "CR000001"
    [found] = myob.items(PAYMENT, **{"$filter": "ReceiptNumber eq 'CR000001'"})
    assert found["UID"] == made["UID"]
    body = myob.payment((invoice, 10), ReceiptNumber="x" * 14)
    myob.refuse("POST", PAYMENT, body, "MaximumLengthExceeded")


def test_invoices_of_one_customer(myob: MyobClient) -> None:
    """All invoices must belong to that customer (UNCONFIRMED error)."""
    body = myob.payment((myob.untaxed(100), 60), (myob.untaxed(100), 60))
    myob.refuse("POST", PAYMENT, body, "InvalidValue")
    assert myob.items(PAYMENT) == []


def test_a_dead_invoice(myob: MyobClient) -> None:
    """dead reference: 400 `NotFound` 150; nothing of the payment stands."""
    invoice = myob.untaxed(100)
    body = myob.payment((invoice, 10), (invoice | {"UID": invoice["Customer"]["UID"]}, 10))
    myob.refuse("POST", PAYMENT, body, "NotFound", 150)
    assert myob.due(invoice) == 100


def test_more_than_the_balance(myob: MyobClient) -> None:
    """`AmountApplied` > `BalanceDueAmount` is UNCONFIRMED: refused, or the rest is a credit."""
    invoice = myob.untaxed(100)
    body = myob.payment((invoice, 130))
    myob.refuse("POST", PAYMENT, body, "InvalidValue")
    myob.habit(overpayments=True)
    made = myob.create(PAYMENT, body)
    after = myob.read(SERVICE, invoice)
    assert (after["BalanceDueAmount"], after["Status"]) == (-30, "Credit")
    myob.delete(PAYMENT, made)
    assert myob.due(invoice) == 100


def test_a_person_overpays_and_uses_the_credit(myob: MyobClient) -> None:
    """paying above the balance leaves customer credit in the UI."""
    card = ref(myob.customer())
    one, two = myob.untaxed(100, Customer=card), myob.untaxed(50, Customer=card)
    myob.do("overpay", id=one["UID"], amount="130")
    assert myob.read(SERVICE, one)["Status"] == "Credit"
    myob.do("apply_credit", id=one["UID"], to=two["UID"], amount=20)
    assert (myob.due(one), myob.due(two)) == (-10, 30)
    myob.do("refund", id=one["UID"])
    assert myob.read(SERVICE, one)["Status"] == "Closed"


@pytest.mark.parametrize("amount", [0, -5])
def test_amounts_are_above_zero(myob: MyobClient, amount: int) -> None:
    myob.refuse("POST", PAYMENT, myob.payment((myob.untaxed(100), amount)), "InvalidValue")


def test_a_deposit_on_an_order(myob: MyobClient) -> None:
    """`Type` `Invoice | Order` (an order line = deposit/prepayment); it follows the conversion."""
    body = myob.sale(Lines=[myob.line(100, TaxCode=myob.free)])
    order = myob.create("/Sale/Order/Service", body)
    payment = myob.payment((order, 30))
    payment["Invoices"][0]["Type"] = "Order"
    made = myob.create(PAYMENT, payment)
    assert myob.read("/Sale/Order/Service", order)["BalanceDueAmount"] == 70
    invoice = myob.create(SERVICE, body | {"Order": ref(order)})
    assert invoice["BalanceDueAmount"] == 70
    [line] = myob.read(PAYMENT, made)["Invoices"]
    assert (line["Type"], line["UID"]) == ("Invoice", invoice["UID"])
    myob.delete(PAYMENT, made)
    assert myob.due(invoice) == 100


def credited(myob: MyobClient) -> tuple[Json, Json, Json]:
    card = ref(myob.customer())
    credit = myob.untaxed(-50, Customer=card, Lines=[myob.line(-50, TaxCode=myob.free)])
    return card, credit, myob.untaxed(100, Customer=card)


def test_apply_a_credit(myob: MyobClient) -> None:
    """`POST /Sale/CreditSettlement`; GET/POST/DELETE."""
    card, credit, invoice = credited(myob)
    line: Json = {"Type": "Invoice", "Sale": ref(invoice), "AmountApplied": 20}
    head = {"CreditFromInvoice": ref(credit), "Customer": card, "Date": "2026-09-05"}
    path = "/Sale/CreditSettlement"
    made = myob.create(path, head | {"Memo": "m", "Lines": [line]})
    assert made["CreditAmount"] == 20
    assert made["Lines"][0]["Sale"]["Number"] == invoice["Number"]
    assert (myob.due(credit), myob.due(invoice)) == (-30, 80)
    myob.refuse("POST", path, head | {"Lines": [line | {"AmountApplied": 31}]}, "InvalidValue")
    myob.create(path, head | {"Lines": [line | {"AmountApplied": 30}]})
    assert myob.read(SERVICE, credit)["Status"] == "Closed"
    myob.refuse("POST", path, head | {"Lines": [line]}, "InvalidValue")
    assert myob.send("PUT", f"{path}/{made['UID']}", json=made).status_code == 405
    myob.delete(path, made)
    assert (myob.due(credit), myob.due(invoice)) == (-20, 70)


def test_refund_a_credit(myob: MyobClient) -> None:
    """`POST /Sale/CreditRefund` required `Date, Amount, Account, Customer, Invoice`."""
    card, credit, invoice = credited(myob)
    path = "/Sale/CreditRefund"
    body = {
        "Date": "2026-09-05T00:00:00",
        "Amount": 50,
        "Account": myob.account("Bank"),
        "Customer": card,
        "Invoice": ref(credit),
    }
    for name in body:
        myob.refuse("POST", path, {k: v for k, v in body.items() if k != name}, "Required", 100)
    myob.refuse("POST", path, body | {"Amount": 51}, "InvalidValue")
    myob.refuse("POST", path, body | {"Invoice": ref(invoice)}, "InvalidValue")
    made = myob.create(path, body | {"Payee": "Rata", "Memo": "sorry"})
    assert myob.read(SERVICE, credit)["Status"] == "Closed"
    myob.delete(path, made)
    assert myob.due(credit) == -50


def test_discounts_and_fees(myob: MyobClient) -> None:
    """`RecordWithDiscountsAndFees`: a credit memo or fee invoice; 200 + body."""
    terms = {"PaymentIsDue": "InAGivenNumberOfDays", "BalanceDueDate": 30, "DiscountDate": 10}
    invoice = myob.untaxed(100, Terms=terms | {"DiscountForEarlyPayment": 2})
    head: Json = {"Account": myob.account("Bank"), "Customer": ref(invoice["Customer"])}
    head["Date"] = "2026-09-05T00:00:00"
    preview = {**head, "Lines": [{"Sale": ref(invoice)}]}
    found = myob.call("POST", f"{PAYMENT}/CalculateDiscountsFees", json=preview)
    assert found["Lines"][0]["DiscountAvailable"] == 2
    line = {"Sale": ref(invoice), "AmountApplied": 98, "DiscountApplied": 2}
    body = {**head, "Lines": [line], "FinanceCharge": 5}
    done = myob.call("POST", f"{PAYMENT}/RecordWithDiscountsAndFees", json=body)
    assert done["AmountReceived"] == 98
    assert myob.read(SERVICE, invoice)["Status"] == "Closed"
    rows = sorted(row["TotalAmount"] for row in myob.items("/Sale/Invoice"))
    assert rows == [-2, 5, 100]


def test_foreign_money(myob: MyobClient) -> None:
    """`ForeignCurrency{UID}` + `CurrencyExchangeRate`, `*Foreign` amounts, `GainOrLoss`."""
    [usd] = myob.items("/GeneralLedger/Currency", **{"$filter": "Code eq 'USD'"})
    foreign: Json = {"ForeignCurrency": ref(usd), "CurrencyExchangeRate": 1.5}
    line = myob.line(None, TotalForeign=100, TaxCode=myob.free)
    invoice = myob.invoice(Lines=[line], **foreign)
    assert (invoice["TotalAmount"], invoice["TotalAmountForeign"]) == (150, 100)
    body = myob.payment((invoice, None), ForeignCurrency=ref(usd), CurrencyExchangeRate=1.6)
    body["Invoices"][0]["AmountAppliedForeign"] = 100
    made = myob.create(PAYMENT, body)
    assert (made["AmountReceived"], made["AmountReceivedForeign"]) == (160, 100)
    assert made["GainOrLoss"] == 10
    assert myob.read(SERVICE, invoice)["Status"] == "Closed"
    plain = myob.payment((myob.invoice(Lines=[line], **foreign), 10))
    myob.refuse("POST", PAYMENT, plain, "InvalidValue")


def test_where_there_is_no_foreign_money(myob: MyobClient) -> None:
    """AccountRight only; older multi-currency files answer 405; foreign quotes unsupported."""
    [usd] = myob.items("/GeneralLedger/Currency", **{"$filter": "Code eq 'USD'"})
    body = myob.sale(ForeignCurrency=ref(usd))
    myob.refuse("POST", "/Sale/Quote/Service", body, "InvalidValue")
    myob.habit(essentials=True)
    myob.refuse("POST", SERVICE, body, "InvalidValue")
    myob.habit(essentials=False, old_multicurrency=True)
    assert myob.send("POST", SERVICE, json=body).status_code == 405
