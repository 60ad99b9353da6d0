"""Product and ledger side by side: equal, a cent apart, one missing, and what counts as void."""

from decimal import Decimal
from typing import Any

import pytest

from services.ops.demo.sums import Sums, disagreements, ledger_sums, product_sums

Documents = dict[str, list[dict[str, Any]]]


def invoice(number: str, net: str, tax: str, **more: Any) -> dict[str, Any]:
    gross = Decimal(net) + Decimal(tax)
    amounts = {"SubTotal": Decimal(net), "TotalTax": Decimal(tax), "Total": gross}
    record = {"InvoiceID": f"id-{number}", "InvoiceNumber": number, "Status": "AUTHORISED"}
    return {**record, **amounts, "AmountDue": gross, **more}


def documents(*invoices: dict[str, Any]) -> Documents:
    return {
        "Contacts": [{"ContactID": "c1", "Name": "One"}],
        "Items": [{"ItemID": "theirs"}, {"ItemID": "i1"}],
        "Invoices": list(invoices),
        "CreditNotes": [],
        "Payments": [
            {"PaymentID": "p1", "Amount": Decimal("5.00"), "Status": "AUTHORISED"},
            {"PaymentID": "p2", "Amount": Decimal("7.00"), "Status": "DELETED"},
        ],
    }


def row(kind: str, count: int, void: int = 0, **money: str) -> dict[str, Any]:
    empty = dict.fromkeys(("net", "tax", "gross", "balance"))
    return {"type": kind, "currency": "GBP", "count": count, "void": void, **empty, **money}


PRODUCT = [
    row("contact", 1),
    row("item", 1),
    row("invoice", 2, 1, net="30.00", tax="6.00", gross="36.00", balance="31.00"),
    row("payment", 1, 1, gross="5.00"),
]
LEDGER = (
    invoice("1", "10.00", "2.00"),
    invoice("2", "20.00", "4.00", Status="PAID", AmountDue=Decimal("19.00")),
    invoice("3", "0", "0", Status="VOIDED"),
    invoice("4", "99.00", "0", Status="DELETED"),
)


def test_both_sides_are_equal() -> None:
    theirs = ledger_sums(documents(*LEDGER), {"theirs"})
    assert product_sums(PRODUCT) == theirs
    assert theirs["invoice"] == Sums(
        2, 1, Decimal("30.00"), Decimal("6.00"), Decimal("36.00"), Decimal("31.00")
    )


@pytest.mark.parametrize("figure", ["net", "tax", "gross", "balance"])
def test_one_cent_is_seen(figure: str) -> None:
    rows = [dict(one) for one in PRODUCT]
    rows[2][figure] = str(Decimal(rows[2][figure]) + Decimal("0.01"))
    ours, theirs = product_sums(rows), ledger_sums(documents(*LEDGER), {"theirs"})
    assert ours["invoice"].differences(theirs["invoice"]) == [figure]


def test_a_missing_document_is_seen() -> None:
    ours, theirs = product_sums(PRODUCT), ledger_sums(documents(*LEDGER[1:]), {"theirs"})
    assert "count" in ours["invoice"].differences(theirs["invoice"])


def test_a_void_document_counts_apart() -> None:
    voided = (invoice("1", "10.00", "2.00", Status="VOIDED"), *LEDGER[1:])
    ours, theirs = product_sums(PRODUCT), ledger_sums(documents(*voided), {"theirs"})
    assert ours["invoice"].differences(theirs["invoice"])[:2] == ["count", "void"]


def test_records_from_before_are_left_out() -> None:
    assert ledger_sums(documents(), ())["item"].count == 2
    assert ledger_sums(documents(), {"theirs"})["item"].count == 1


def test_currencies_are_added_and_other_types_left_out() -> None:
    rows = [row("invoice", 1, net="1.00"), row("invoice", 2, net="2.50"), row("bill", 9)]
    assert product_sums(rows)["invoice"].net == Decimal("3.50")


def ours(number: str, gross: str, status: str = "approved") -> dict[str, Any]:
    return {"number": number, "status": status, "totals": {"gross": gross}}


def test_equal_documents_are_not_named() -> None:
    here = [ours("1", "12.00"), ours("2", "24.00"), ours("3", "9.99", "void")]
    assert disagreements("invoice", here, documents(*LEDGER)) == []


def test_every_disagreement_is_named() -> None:
    here = [ours("1", "12.01"), ours("5", "1000.00")]
    assert disagreements("invoice", here, documents(*LEDGER)) == [
        "Invoice 1: 12.01 in the product, 12.00 in the ledger.",
        "Invoice 2: not there in the product, 24.00 in the ledger.",
        "Invoice 5: 1,000.00 in the product, not there in the ledger.",
    ]
