"""Payments, credits, refunds, deposits: dossier section 6."""

from tests.services.sandbox.quickbooks_online.client import Qbo, applied, token_of
from tests.services.sandbox.server import Json


def test_split_payment(qbo: Qbo) -> None:
    """Section 6: several lines pay several invoices; answer with LineEx; invoices follow."""
    one = qbo.invoice(100)
    two = qbo.invoice(80, CustomerRef=one["CustomerRef"])
    made = qbo.post(
        "Payment",
        {
            "CustomerRef": one["CustomerRef"],
            "TotalAmt": 150.00,
            "TxnDate": "2026-03-09",
            "PaymentRefNum": "CHK-5501",
            "PaymentMethodRef": qbo.ref("PaymentMethod", Name="Check"),
            "DepositToAccountRef": qbo.ref("Account", Name="Checking"),
            "PrivateNote": "src:pay_91",
            "Line": [applied(one, 100), applied(two, 50)],
        },
    )
    assert (made["UnappliedAmt"], made["ProcessPayment"]) == (0, False)
    values = {v["value"]["Name"]: v["value"]["Value"] for v in made["Line"][0]["LineEx"]["any"]}
    assert values == {
        "txnId": one["Id"],
        "txnOpenBalance": "100",
        "txnReferenceNumber": one["DocNumber"],
    }
    after = qbo.read("Invoice", one["Id"])
    assert after["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Payment"}]
    assert (after["Balance"], after["SyncToken"]) == (0, "1")
    assert qbo.read("Invoice", two["Id"])["Balance"] == 30
    assert qbo.ledger("Checking") == 150
    qbo.balanced()


def test_several_payments_on_one_invoice(qbo: Qbo) -> None:
    """Section 6: several payments on one invoice: several Payment objects."""
    made = qbo.invoice(100)
    qbo.pay(made, amount=30)
    qbo.pay(made, amount=70)
    after = qbo.read("Invoice", made["Id"])
    assert (after["Balance"], len(after["LinkedTxn"]), after["SyncToken"]) == (0, 2, "2")


def test_overpayment_and_defaults(qbo: Qbo) -> None:
    """Section 6: the rest is UnappliedAmt; money goes to Undeposited Funds; PaymentRefNum 21."""
    made = qbo.invoice(100)
    payment = qbo.pay(made, TotalAmt=130, Line=[applied(made, 100)])
    assert payment["UnappliedAmt"] == 30
    assert payment["DepositToAccountRef"]["name"] == "Undeposited Funds"
    customer = qbo.read("Customer", made["CustomerRef"]["value"])
    assert customer["Balance"] == -30
    wire = {"CustomerRef": made["CustomerRef"], "TotalAmt": 1, "PaymentRefNum": "x" * 22}
    assert qbo.refused("Payment", wire)["code"] == "2050"
    assert qbo.refused("Payment", {"CustomerRef": made["CustomerRef"]})["code"] == "2020"
    assert qbo.refused("Payment", {"TotalAmt": 1})["code"] == "2020"


def test_too_much(qbo: Qbo) -> None:
    """6000: more applied than is there or than is open; 620: what cannot be linked."""
    made = qbo.invoice(100)
    base = {"CustomerRef": made["CustomerRef"], "TotalAmt": 50}
    assert qbo.refused("Payment", base | {"Line": [applied(made, 60)]})["code"] == "6000"
    more = base | {"TotalAmt": 200, "Line": [applied(made, 101)]}
    assert qbo.refused("Payment", more)["code"] == "6000"
    other = qbo.invoice(10)
    assert qbo.refused("Payment", base | {"Line": [applied(other, 10)]})["code"] == "620"
    ghost = {"Id": "999999"}
    assert qbo.refused("Payment", base | {"Line": [applied(ghost, 10)]})["code"] == "620"
    bank = qbo.ref("Account", Name="Services")
    assert qbo.refused("Payment", base | {"DepositToAccountRef": bank})["code"] == "6430"


def test_move(qbo: Qbo) -> None:
    """Section 6: a new Line array moves the money; without Line in a sparse update links stay."""
    one = qbo.invoice(100)
    two = qbo.invoice(100, CustomerRef=one["CustomerRef"])
    payment = qbo.pay(one)
    same = qbo.post("Payment", token_of(payment) | {"sparse": True, "PrivateNote": "x"})
    assert len(same["Line"]) == 1
    moved = qbo.post("Payment", token_of(same) | {"sparse": True, "Line": [applied(two, 100)]})
    assert moved["Line"][0]["LinkedTxn"][0]["TxnId"] == two["Id"]
    assert qbo.read("Invoice", one["Id"])["Balance"] == 100
    assert qbo.read("Invoice", one["Id"])["LinkedTxn"] == []
    assert qbo.read("Invoice", two["Id"])["Balance"] == 0
    full = {"CustomerRef": one["CustomerRef"], "TotalAmt": 100} | token_of(moved)
    assert qbo.post("Payment", full)["UnappliedAmt"] == 100


def test_void_and_delete(qbo: Qbo) -> None:
    """Section 6: void by operation=update&include=void; delete frees the invoice."""
    made = qbo.invoice(100)
    payment = qbo.pay(made)
    assert qbo.refused("Payment", token_of(payment), operation="void")["code"] == "500"
    void = qbo.void_payment(payment)
    assert (void["TotalAmt"], void["UnappliedAmt"], void["Line"]) == (0, 0, [])
    assert void["PrivateNote"] == "Voided"
    assert qbo.read("Invoice", made["Id"])["Balance"] == 100
    again = qbo.pay(qbo.read("Invoice", made["Id"]))
    qbo.post("Payment", token_of(again), operation="delete")
    assert qbo.read("Invoice", made["Id"])["Balance"] == 100
    assert qbo.ledger("Undeposited Funds") == 0
    assert qbo.ledger("Accounts Receivable (A/R)") == 100


def credit(qbo: Qbo, amount: int, of: Json, **fields: object) -> Json:
    """A credit memo for an invoice's customer."""
    wire = qbo.sale(amount, CustomerRef=of["CustomerRef"], **fields)
    return qbo.post("CreditMemo", wire)


def test_apply_credit_memo(qbo: Qbo) -> None:
    """Section 6: a Payment of 0 with two lines applies a credit memo."""
    made = qbo.invoice(100)
    memo = credit(qbo, 30, made)
    assert (memo["RemainingCredit"], memo["Balance"]) == (30, 30)
    lines = [applied(made, 30), applied(memo, 30, "CreditMemo")]
    payment = qbo.pay(made, TotalAmt=0, Line=lines)
    assert payment["UnappliedAmt"] == 0
    assert qbo.read("CreditMemo", memo["Id"])["RemainingCredit"] == 0
    assert qbo.read("Invoice", made["Id"])["Balance"] == 70
    assert qbo.ledger("Accounts Receivable (A/R)") == 70
    current = qbo.read("CreditMemo", memo["Id"])
    qbo.post("CreditMemo", token_of(current), operation="delete")
    assert qbo.read("Invoice", made["Id"])["Balance"] == 100
    assert qbo.read("Payment", payment["Id"])["Line"] == []
    qbo.balanced()


def test_sub_customers(qbo: Qbo) -> None:
    """Section 6: a parent pays a child's invoice; the other way is UNCONFIRMED."""
    parent = qbo.customer()
    child = qbo.customer(Job=True, ParentRef={"value": parent["Id"]})
    of_child = qbo.invoice(100, CustomerRef={"value": child["Id"]})
    of_parent = qbo.invoice(100, CustomerRef={"value": parent["Id"]})
    up = {"CustomerRef": {"value": parent["Id"]}}
    assert qbo.pay(of_child, **up)["UnappliedAmt"] == 0
    wire = {
        "CustomerRef": {"value": child["Id"]},
        "TotalAmt": 100,
        "Line": [applied(of_parent, 100)],
    }
    assert qbo.refused("Payment", wire)["code"] == "620"
    qbo.settings(child_pays_parent=True)
    assert qbo.post("Payment", wire)["UnappliedAmt"] == 0
    assert qbo.read("Customer", parent["Id"])["BalanceWithJobs"] == 0


def test_deposited_and_matched(qbo: Qbo) -> None:
    """Section 6: a deposited payment refuses changes with 6540, a matched one with 6480."""
    payment = qbo.pay(qbo.invoice(100))
    deposit = qbo.person("deposit", id=payment["Id"])
    assert qbo.ledger("Checking") == 100
    current = qbo.read("Payment", payment["Id"])
    assert current["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
    wire = token_of(current) | {"sparse": True, "PrivateNote": "x"}
    assert qbo.refused("Payment", wire)["code"] == "6540"
    assert qbo.refused("Payment", token_of(current), operation="delete")["code"] == "6540"
    qbo.post("Deposit", token_of(deposit), operation="delete")
    current = qbo.read("Payment", payment["Id"])
    qbo.person("reconcile", id=payment["Id"])
    wire = token_of(current) | {"sparse": True, "PrivateNote": "x"}
    assert qbo.refused("Payment", wire)["code"] == "6480"
    qbo.person("unreconcile", id=payment["Id"])
    assert qbo.post("Payment", wire)["PrivateNote"] == "x"


def test_refund_receipt(qbo: Qbo) -> None:
    """Section 4 and 6: money back needs an account; no customer is needed."""
    wire = {"Line": [qbo.line(40)], "TxnDate": "2026-03-09"}
    assert qbo.refused("RefundReceipt", wire)["code"] == "2020"
    checking = qbo.ref("Account", Name="Checking")
    made = qbo.post("RefundReceipt", wire | {"DepositToAccountRef": checking})
    assert made["TotalAmt"] == 40
    assert qbo.ledger("Checking") == -40
    assert qbo.ledger("Services") == 40


def test_sales_receipt(qbo: Qbo) -> None:
    """Section 12: a paid sale; voided like a payment."""
    made = qbo.post("SalesReceipt", {"Line": [qbo.line(40)]})
    assert (made["Balance"], made["DepositToAccountRef"]["name"]) == (0, "Undeposited Funds")
    void = qbo.void_payment(made, "SalesReceipt")
    assert (void["TotalAmt"], void["PrivateNote"]) == (0, "Voided")
    assert qbo.ledger("Undeposited Funds") == 0


def test_refund_of_an_overpayment_by_a_person(qbo: Qbo) -> None:
    """Section 6: a Check linked to the overpayment (UI only)."""
    made = qbo.invoice(100)
    payment = qbo.person("overpay", id=made["Id"], amount=130)
    assert payment["UnappliedAmt"] == 30
    qbo.person("refund", id=payment["Id"])
    after = qbo.read("Payment", payment["Id"])
    assert after["UnappliedAmt"] == 0
    assert after["Line"][1]["LinkedTxn"][0]["TxnType"] == "Check"
    assert qbo.ledger("Accounts Receivable (A/R)") == 0
    assert qbo.ledger("Checking") == -30
    qbo.balanced()


def test_refund_of_a_credit_memo_by_a_person(qbo: Qbo) -> None:
    """Section 6: a Check, too; a payment of nothing links it to the credit."""
    credit = qbo.post("CreditMemo", qbo.sale(100))
    cheque = qbo.person("refund", resource="CreditMemo", id=credit["Id"], amount=60)
    assert qbo.read("CreditMemo", credit["Id"])["RemainingCredit"] == 40
    [link] = qbo.read("Purchase", cheque["Id"])["LinkedTxn"]
    payment = qbo.read("Payment", link["TxnId"])
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    linked = [line["LinkedTxn"][0]["TxnType"] for line in payment["Line"]]
    assert linked == ["CreditMemo", "Check"]
    assert qbo.ledger("Accounts Receivable (A/R)") == -40
    assert qbo.ledger("Checking") == -60
    qbo.balanced()


def test_settled_by_a_journal_entry(qbo: Qbo) -> None:
    """Section 6: invoices can be settled by a JournalEntry, too: compare the Balance."""
    made = qbo.invoice(100)

    def side(posting: str, name: str, **more: object) -> Json:
        detail = {"PostingType": posting, "AccountRef": qbo.ref("Account", Name=name)} | more
        sort = "JournalEntryLineDetail"
        return {"Amount": 25, "DetailType": sort, sort: detail}

    owner = {"Type": "Customer", "EntityRef": made["CustomerRef"]}
    lines = [
        side("Debit", "Office Expenses"),
        side("Credit", "Accounts Receivable (A/R)", Entity=owner),
    ]
    entry = qbo.post("JournalEntry", {"Line": lines})
    qbo.person("apply_credit", id=made["Id"], credit=entry["Id"], credit_type="JournalEntry")
    assert qbo.read("Invoice", made["Id"])["Balance"] == 75
    assert qbo.ledger("Accounts Receivable (A/R)") == 75
    one = side("Debit", "Office Expenses")
    assert qbo.refused("JournalEntry", {"Line": [one, one]})["code"] == "6000"
