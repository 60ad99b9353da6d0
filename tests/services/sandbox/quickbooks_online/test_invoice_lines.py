"""Lines of invoices: dossier sections 4 and 11."""

from decimal import Decimal

from tests.services.sandbox.quickbooks_online.client import Qbo, token_of


def test_amount_is_quantity_times_price(qbo: Qbo) -> None:
    """Section 4 and 11: 6070, only when both are non-zero; rounding half-up to cents."""
    wrong = qbo.sale(Line=[qbo.line(99.99, Qty=2, UnitPrice=50)])
    assert qbo.refused("Invoice", wrong)["code"] == "6070"
    zeros = qbo.invoice(Line=[qbo.line(99.99, Qty=0, UnitPrice=0)])
    assert zeros["TotalAmt"] == Decimal("99.99")
    odd = qbo.invoice(Line=[qbo.line(10, Qty=3, UnitPrice="3.3333333")])
    assert odd["Line"][0]["SalesItemLineDetail"]["UnitPrice"] == Decimal("3.3333333")
    half = qbo.invoice(Line=[qbo.line("0.13", Qty=1, UnitPrice="0.125")])
    assert half["TotalAmt"] == Decimal("0.13")
    assert qbo.invoice(Line=[qbo.line(90, Qty=1, UnitPrice=100, DiscountRate=10)])["TotalAmt"] == 90


def test_lines_are_replaced_and_keep_their_ids(qbo: Qbo) -> None:
    """Section 4: the Line array is replaced as a whole; a line stays by its Id."""
    made = qbo.invoice(10, 20, 30)
    keep = made["Line"][1]
    wire = token_of(made) | {"sparse": True, "Line": [qbo.line(5), keep]}
    after = qbo.post("Invoice", wire)
    assert [(x.get("Id"), x["Amount"]) for x in after["Line"]] == [("4", 5), ("2", 20), (None, 25)]


def test_line_types(qbo: Qbo) -> None:
    """Section 4: text lines, bundles with nested lines, one discount line."""
    bundle = qbo.ref("Item", Name="Garden Kit")
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    lines = [
        qbo.line(100),
        {"DetailType": "DescriptionOnly", "Description": "Thanks"},
        {
            "DetailType": "GroupLineDetail",
            "GroupLineDetail": {"GroupItemRef": bundle, "Quantity": 2},
        },
        discount,
    ]
    made = qbo.invoice(Line=lines)
    kinds = [x["DetailType"] for x in made["Line"]]
    assert kinds == [
        "SalesItemLineDetail",
        "DescriptionOnly",
        "GroupLineDetail",
        "SubTotalLineDetail",
        "DiscountLineDetail",
    ]
    assert [x["Amount"] for x in made["Line"][2]["GroupLineDetail"]["Line"]] == [40, 0]
    assert (made["Line"][3]["Amount"], made["Line"][4]["Amount"]) == (140, 14)
    assert made["TotalAmt"] == 126
    qbo.balanced()
    flat = {"DetailType": "DiscountLineDetail", "Amount": 5}
    assert qbo.invoice(Line=[qbo.line(100), flat])["TotalAmt"] == 95
    assert qbo.refused("Invoice", qbo.sale(Line=[qbo.line(9), discount, flat]))["code"] == "6000"


def test_a_line_without_item(qbo: Qbo) -> None:
    """Section 4, UNCONFIRMED: documentation (XSD), the company's generic item, or refused."""
    bare = {"DetailType": "SalesItemLineDetail", "Amount": 50, "SalesItemLineDetail": {}}
    made = qbo.invoice(Line=[qbo.line(10), bare])
    assert (made["TotalAmt"], made["Line"][1]["DetailType"]) == (10, "DescriptionOnly")
    qbo.settings(itemless_lines="generic")
    made = qbo.invoice(Line=[bare])
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "Services"
    qbo.settings(itemless_lines="refused")
    assert qbo.refused("Invoice", qbo.sale(Line=[bare]))["code"] == "2020"
