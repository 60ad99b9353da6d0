"""Tax: the US models and the others, codes and rounding; dossier sections 4 and 5."""

from decimal import Decimal

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, connect, token_of, unique
from tests.services.sandbox.server import Json, Sandbox


def code(qbo: Qbo, name: str) -> Json:
    """A tax code by name."""
    return qbo.ref("TaxCode", Name=name)


def us(qbo: Qbo, name: str, **more: object) -> Json:
    """A TxnTaxDetail of this code."""
    return {"TxnTaxDetail": {"TxnTaxCodeRef": code(qbo, name)} | more}


def test_lines_know_only_tax_and_non(qbo: Qbo) -> None:
    """Section 4: TAX or NON, else 6100."""
    wire = qbo.sale(Line=[qbo.line(10, tax=code(qbo, "Massachusetts")["value"])])
    assert qbo.refused("Invoice", wire)["code"] == "6100"
    names = {row["Id"]: row["Name"] for row in qbo.rows("select * from TaxCode")}
    assert (names["TAX"], names["NON"]) == ("TAX", "NON")


def test_old_us_model(qbo: Qbo) -> None:
    """Section 4: TxnTaxCodeRef picks the rate for the whole invoice; the tax detail's shape."""
    lines = [qbo.line(100, tax="TAX"), qbo.line(50)]
    made = qbo.invoice(Line=lines, **us(qbo, "Massachusetts"))
    [line] = made["TxnTaxDetail"]["TaxLine"]
    assert made["TxnTaxDetail"]["TotalTax"] == line["Amount"] == Decimal("6.25")
    detail = line["TaxLineDetail"]
    assert (detail["TaxPercent"], detail["NetAmountTaxable"]) == (Decimal("6.25"), 100)
    assert (line["DetailType"], detail["PercentBased"]) == ("TaxLineDetail", True)
    assert made["TotalAmt"] == Decimal("156.25")
    assert qbo.ledger("Sales Tax Payable") == Decimal("-6.25")
    prefs = qbo.call("GET", "/preferences")["Preferences"]
    assert prefs["TaxPrefs"]["PartnerTaxEnabled"] is False


def test_group_rounds_per_rate(qbo: Qbo) -> None:
    """Sections 4 and 5: a group is a code of several rates; each is rounded over the sum."""
    lines = [qbo.line("0.10", tax="TAX"), qbo.line("10.15", tax="TAX")]
    made = qbo.invoice(Line=lines, **us(qbo, "California"))
    amounts = [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]]
    assert amounts == [Decimal("0.74"), Decimal("0.21")]  # 0.743125 and 0.205
    [group] = qbo.rows("select * from TaxCode where Name = 'California'")
    assert len(group["SalesTaxRateList"]["TaxRateDetail"]) == 2


@pytest.mark.parametrize(("after", "tax"), [(True, "5.63"), (False, "6.25")])
def test_discount_and_tax(qbo: Qbo, after: bool, tax: str) -> None:
    """Section 4: ApplyTaxAfterDiscount chooses whether tax is computed after the discount."""
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    lines = [qbo.line(100, tax="TAX"), discount]
    made = qbo.invoice(Line=lines, ApplyTaxAfterDiscount=after, **us(qbo, "Massachusetts"))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(tax)
    assert made["TotalAmt"] == 90 + Decimal(tax)


def test_override(qbo: Qbo) -> None:
    """Section 4: an explicit TotalTax is honoured and spread over the rates."""
    made = qbo.invoice(Line=[qbo.line(100, tax="TAX")], **us(qbo, "California", TotalTax=9.26))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("9.26")
    shares = [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]]
    assert shares == [Decimal("7.26"), 2]
    kept = qbo.post("Invoice", token_of(made) | {"sparse": True, "PrivateNote": "x"})
    assert kept["TotalAmt"] == Decimal("109.26")


def test_automated_tax(ast: Qbo) -> None:
    """Section 4: QBO derives the code from the ship-to address; a code that is sent is replaced."""
    prefs = ast.call("GET", "/preferences")["Preferences"]
    assert prefs["TaxPrefs"]["PartnerTaxEnabled"] is True
    line = [ast.line(100, tax="TAX")]
    assert ast.invoice(Line=line)["TxnTaxDetail"]["TotalTax"] == Decimal("9.25")
    boston = {"Line1": "1 Pier Rd", "CountrySubDivisionCode": "MA"}
    made = ast.invoice(Line=line, ShipAddr=boston, **us(ast, "AST New York"))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("6.25")
    assert made["TxnTaxDetail"]["TxnTaxCodeRef"]["value"] == code(ast, "AST Massachusetts")["value"]
    stated = ast.invoice(Line=line, TxnTaxDetail={"TotalTax": 5})
    assert (stated["TxnTaxDetail"]["TotalTax"], stated["TotalAmt"]) == (5, 105)
    none = ast.invoice(Line=line, TxnTaxDetail={"TotalTax": 0})
    assert none["TotalAmt"] == 100
    ast.settings(ast_overrides_total=True)
    silent = ast.invoice(Line=line, TxnTaxDetail={"TotalTax": 5})
    assert silent["TotalAmt"] == Decimal("109.25")
    ast.balanced()


def test_tax_service(qbo: Qbo, ast: Qbo) -> None:
    """Section 5: POST taxservice/taxcode; the answer is not wrapped; a duplicate name is 6240."""
    agency = qbo.rows("select * from TaxAgency")[0]["Id"]
    name = unique("MA combined")
    first = {
        "TaxRateName": unique("MA"),
        "RateValue": "6.25",
        "TaxAgencyId": agency,
        "TaxApplicableOn": "Sales",
    }
    known = qbo.rows("select * from TaxRate where Name = 'Alameda County'")[0]["Id"]
    wire = {"TaxCode": name, "TaxRateDetails": [first, {"TaxRateId": known}]}
    made = qbo.call("POST", "/taxservice/taxcode", json=wire)
    assert made["TaxCode"] == name
    assert set(made) == {"TaxCode", "TaxCodeId", "TaxRateDetails"}
    invoice = qbo.invoice(Line=[qbo.line(100, tax="TAX")], **us(qbo, name))
    assert invoice["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    again = qbo.send("POST", "/taxservice/taxcode", json=wire)
    assert again.json()["Fault"]["Error"][0]["code"] == "6240"
    made_by_qbo = ast.send("POST", "/taxservice/taxcode", json=wire)
    assert made_by_qbo.json()["Fault"]["Error"][0]["code"] == "500"
    assert qbo.refused("TaxCode", {"Name": "direct"})["code"] == "500"


def foreign(qbo: Qbo, mode: str, *lines: Json, **fields: object) -> Json:
    """The body of a sale in a non-US company."""
    money = {"CurrencyRef": {"value": "CAD"}, "GlobalTaxCalculation": mode}
    return qbo.sale(Line=list(lines), **money, **fields)


def test_codes_per_line(canada: Qbo) -> None:
    """Section 4: GlobalTaxCalculation and each line's own code; groups tax by every rate."""
    gst, both = code(canada, "GST")["value"], code(canada, "GST/PST BC")["value"]
    lines = [canada.line(100, tax=gst), canada.line(50, tax=both)]
    made = canada.post("Invoice", foreign(canada, "TaxExcluded", *lines))
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert [x["Amount"] for x in made["TxnTaxDetail"]["TaxLine"]] == [
        5,
        Decimal("2.5"),
        Decimal("3.5"),
    ]
    assert made["TotalAmt"] == 161
    canada.balanced()


def test_compound(canada: Qbo) -> None:
    """Section 5: a rate on the amount plus the tax before it."""
    line = canada.line(100, tax=code(canada, "GST+QST")["value"])
    made = canada.post("Invoice", foreign(canada, "TaxExcluded", line))
    amounts = [x["Amount"] for x in made["TxnTaxDetail"]["TaxLine"]]
    assert amounts == [5, Decimal("9.98")]  # 9.5 % of 105
    [row] = canada.rows("select * from TaxCode where Name = 'GST+QST'")
    details = row["SalesTaxRateList"]["TaxRateDetail"]
    assert details[1]["TaxTypeApplicable"] == "TaxOnAmountPlusTax"


def test_inclusive(canada: Qbo) -> None:
    """Section 4: with TaxInclusive, TaxInclusiveAmt and the net Amount; the gross wins."""
    gst = code(canada, "GST")["value"]
    line = canada.line("95.24", tax=gst, TaxInclusiveAmt=100)
    made = canada.post("Invoice", foreign(canada, "TaxInclusive", line))
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (100, Decimal("4.76"))
    wrong = canada.line(100, tax=gst, TaxInclusiveAmt=100)
    made = canada.post("Invoice", foreign(canada, "TaxInclusive", wrong))
    assert (made["TotalAmt"], made["Line"][0]["Amount"]) == (100, Decimal("95.24"))
    net = canada.line(100, tax=gst)
    made = canada.post("Invoice", foreign(canada, "TaxInclusive", net))
    assert made["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 105
    canada.balanced()


def test_what_non_us_needs(canada: Qbo) -> None:
    """Section 4: mode and codes are required; NotApplicable needs no code."""
    bare = canada.line(100)
    del bare["SalesItemLineDetail"]["TaxCodeRef"]
    assert canada.refused("Invoice", foreign(canada, "TaxExcluded", bare))["code"] == "6000"
    untold = foreign(canada, "", canada.line(10, tax=code(canada, "GST")["value"]))
    assert canada.refused("Invoice", untold)["code"] == "2020"
    canada.settings(tax_mode_required=False)
    assert canada.post("Invoice", untold)["GlobalTaxCalculation"] == "TaxExcluded"
    made = canada.post("Invoice", foreign(canada, "NotApplicable", bare))
    assert made["TotalAmt"] == 100
    ghost = foreign(canada, "TaxExcluded", canada.line(10, tax="999"))
    assert canada.refused("Invoice", ghost)["code"] == "2500"


def test_stated_tax_elsewhere(canada: Qbo) -> None:
    """UNCONFIRMED outside the US: the server reckons itself, or takes what is stated."""
    gst = code(canada, "GST")["value"]
    wire = foreign(canada, "TaxExcluded", canada.line(100, tax=gst)) | {
        "TxnTaxDetail": {"TotalTax": 5.01}
    }
    assert canada.post("Invoice", wire)["TxnTaxDetail"]["TotalTax"] == 5
    canada.settings(tax_lines_honoured=True)
    assert canada.post("Invoice", wire)["TxnTaxDetail"]["TotalTax"] == Decimal("5.01")


def test_purchase_side(canada: Qbo) -> None:
    """Section 5: purchases are taxed by the code's purchase rates."""
    vendor = canada.vendor(CurrencyRef={"value": "CAD"})
    detail = {
        "AccountRef": canada.ref("Account", Name="Office Expenses"),
        "TaxCodeRef": code(canada, "GST"),
    }
    sort = "AccountBasedExpenseLineDetail"
    wire = {
        "VendorRef": {"value": vendor["Id"]},
        "CurrencyRef": {"value": "CAD"},
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [{"Amount": 100, "DetailType": sort, sort: detail}],
    }
    assert canada.post("Bill", wire)["TotalAmt"] == 105
    assert canada.ledger("Sales Tax Payable") == 5
    canada.balanced()


def test_each_agency_has_a_liability_account_of_its_own(sandbox: Sandbox) -> None:
    """A person's tax group: its parts are owed to different agencies, one is tax on the other."""
    qbo = connect(sandbox, country="CA")
    parts = [{"name": "Fed", "rate": "5"}, {"name": "Prov", "rate": "9.5", "compound": True}]
    group = qbo.person("tax_group", name="Fed+Prov", parts=parts)
    lines = [qbo.line(100, tax=group["Id"])]
    qbo.invoice(Line=lines, CurrencyRef={"value": "CAD"}, GlobalTaxCalculation="TaxExcluded")
    assert qbo.ledger("Fed Payable") == Decimal("-5.00")
    assert qbo.ledger("Prov Payable") == Decimal("-9.98")
    assert qbo.ledger("Sales Tax Payable") == 0
