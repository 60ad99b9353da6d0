"""Section 4 of the dossier, lines, tax and totals of an invoice."""

from decimal import Decimal
from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, unique

CENT = Decimal("0.01")


def lines_of(xero: XeroClient, *lines: Json, **fields: Any) -> Json:
    return xero.invoice(LineItems=list(lines), **fields)


def test_sent_lines_are_the_new_whole_set(xero: XeroClient) -> None:
    """The sent `LineItems` array is the new whole set - lines absent are removed."""
    made = lines_of(xero, xero.line(1), xero.line(2), xero.line(3))
    kept = {"LineItemID": made["LineItems"][1]["LineItemID"]}
    xero.update("Invoices", made["InvoiceID"], {"LineItems": [kept]})
    after = xero.read("Invoices", made["InvoiceID"])
    assert [line["UnitAmount"] for line in after["LineItems"]] == [2]
    assert after["SubTotal"] == 2


def test_a_line_without_id_is_made_anew(xero: XeroClient) -> None:
    """A line sent without `LineItemID` is deleted and made anew (new id)."""
    made = lines_of(xero, xero.line(5))
    xero.update("Invoices", made["InvoiceID"], {"LineItems": [xero.line(5)]})
    [after] = xero.read("Invoices", made["InvoiceID"])["LineItems"]
    assert after["LineItemID"] != made["LineItems"][0]["LineItemID"]


def test_a_line_with_id_keeps_absent_fields(xero: XeroClient) -> None:
    """With `LineItemID` its absent fields stay."""
    made = lines_of(xero, xero.line(5, Description="Posters"))
    key = made["LineItems"][0]["LineItemID"]
    changes = {"LineItems": [{"LineItemID": key, "Quantity": 3}]}
    xero.update("Invoices", made["InvoiceID"], changes)
    [after] = xero.read("Invoices", made["InvoiceID"])["LineItems"]
    assert (after["LineItemID"], after["Description"]) == (key, "Posters")
    assert (after["UnitAmount"], after["Quantity"], after["LineAmount"]) == (5, 3, 15)


def test_no_lines_sent_leaves_them(xero: XeroClient) -> None:
    """Header: sparse (absent = unchanged); sending no `LineItems` leaves them."""
    made = lines_of(xero, xero.line(1), xero.line(2), Reference="job 1")
    xero.update("Invoices", made["InvoiceID"], {"DueDate": "2026-10-01"})
    after = xero.read("Invoices", made["InvoiceID"])
    assert after["LineItems"] == made["LineItems"]
    assert after["Reference"] == "job 1"
    assert after["DueDateString"] == "2026-10-01T00:00:00"


@pytest.mark.parametrize(
    ("sent", "derived"),
    [
        ({"Quantity": 4, "UnitAmount": 25}, ("LineAmount", 100)),
        ({"Quantity": 4, "LineAmount": 100}, ("UnitAmount", 25)),
        ({"UnitAmount": 25, "LineAmount": 100}, ("Quantity", 4)),
    ],
)
def test_two_of_three_give_the_third(
    xero: XeroClient, sent: Json, derived: tuple[str, int]
) -> None:
    """Give two of Quantity/UnitAmount/LineAmount and Xero derives the third."""
    line = xero.line()
    for field in ("Quantity", "UnitAmount"):
        line.pop(field)
    [made] = lines_of(xero, line | sent)["LineItems"]
    assert made[derived[0]] == derived[1]


def test_quantity_has_4_decimals(xero: XeroClient) -> None:
    """`Quantity` 4 dp."""
    [made] = lines_of(xero, xero.line(10, Quantity=1.2345))["LineItems"]
    assert made["Quantity"] == Decimal("1.2345")


def test_unit_amount_has_4_decimals_on_request(xero: XeroClient) -> None:
    """`UnitAmount` 2 dp, 4 dp with `unitdp=4`."""
    sale = xero.sale(LineItems=[xero.line(1.2345, Quantity=100)])
    [four] = xero.create("Invoices", sale, unitdp="4")["LineItems"]
    assert (four["UnitAmount"], four["LineAmount"]) == (Decimal("1.2345"), Decimal("123.45"))


def test_unit_prices_are_rounded_first(xero: XeroClient) -> None:
    """Unit prices over the allowed dp are rounded first."""
    sale = xero.sale(LineItems=[xero.line(1.239, Quantity=100)])
    [two] = xero.create("Invoices", sale)["LineItems"]
    assert (two["UnitAmount"], two["LineAmount"]) == (Decimal("1.24"), 124)


def test_reading_shows_4_decimals_on_request(xero: XeroClient) -> None:
    """`UnitAmount` 2 dp, 4 dp with `unitdp=4`; a GET takes the parameter as well (OpenAPI file)."""
    made = xero.create("Invoices", xero.sale(LineItems=[xero.line(1.2345)]), unitdp="4")
    [invoice] = xero.records("Invoices", IDs=made["InvoiceID"], page=1, unitdp="4")
    assert invoice["LineItems"][0]["UnitAmount"] == Decimal("1.2345")


def test_description_only_line(xero: XeroClient) -> None:
    """Description-only line: just `Description`."""
    made = lines_of(xero, xero.line(10), {"Description": "Thank you"})
    assert [line["Description"] for line in made["LineItems"]] == ["Flyers", "Thank you"]
    assert made["SubTotal"] == 10


def test_discount_rate(xero: XeroClient) -> None:
    """`DiscountRate` (percent) per line; `LineAmount` is after discount."""
    made = lines_of(xero, xero.line(50, Quantity=2, DiscountRate=10))
    assert made["LineItems"][0]["LineAmount"] == made["SubTotal"] == 90
    assert made["LineItems"][0]["DiscountRate"] == 10
    assert made["IsDiscounted"] is True


def test_discount_amount(xero: XeroClient) -> None:
    """**or** `DiscountAmount` per line; `LineAmount` is after discount."""
    made = lines_of(xero, xero.line(50, Quantity=2, DiscountAmount=15))
    assert made["LineItems"][0]["LineAmount"] == made["SubTotal"] == 85


def test_discounts_are_for_sales_only(xero: XeroClient) -> None:
    """`DiscountRate` or `DiscountAmount` per line, ACCREC and quotes only."""
    bill = xero.bill()
    bill["LineItems"][0]["DiscountRate"] = 10
    answer = xero.bulk("Invoices", [bill])[0]
    assert answer["HasErrors"] or answer["SubTotal"] == 100


def test_negative_lines_are_accepted(xero: XeroClient) -> None:
    """Negative `UnitAmount` lines are accepted."""
    made = lines_of(xero, xero.line(100), xero.line(-30))
    assert made["SubTotal"] == 70


def test_zero_discount_on_a_negative_line_is_refused(xero: XeroClient) -> None:
    """`DiscountAmount: 0` on such a line is refused: "The discount rate '0.00' is invalid…"."""
    sale = xero.sale(LineItems=[xero.line(100), xero.line(-30, DiscountAmount=0)])
    xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "The discount rate '0.00' is invalid")


def test_a_negative_total_is_refused(xero: XeroClient) -> None:
    """A negative document total is expected to be refused (**UNCONFIRMED** text)."""
    sale = xero.sale(LineItems=[xero.line(100), xero.line(-130)])
    xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")


def test_a_zero_total_is_accepted_and_paid(xero: XeroClient) -> None:
    """**$0:** a zero total is believed to be accepted and to become `PAID` at approval."""
    made = lines_of(xero, xero.line(0))
    assert (made["Total"], made["AmountDue"]) == (0, 0)
    assert made["Status"] in ("PAID", "AUTHORISED")


def test_tracking_by_ids_and_by_names(xero: XeroClient) -> None:
    """`Tracking` up to 2 `{Name,Option}` (or ids)."""
    category, option = track(xero)
    names = {"Name": category["Name"], "Option": option["Name"]}
    ids = {
        "TrackingCategoryID": category["TrackingCategoryID"],
        "TrackingOptionID": option["TrackingOptionID"],
    }
    for sent in (names, ids):
        [line] = lines_of(xero, xero.line(Tracking=[sent]))["LineItems"]
        assert [(t["Name"], t["Option"]) for t in line["Tracking"]] == [tuple(names.values())]


def test_at_most_two_trackings_on_a_line(xero: XeroClient) -> None:
    """`Tracking` up to 2."""
    category, option = track(xero)
    sent = {"Name": category["Name"], "Option": option["Name"]}
    body = {"Invoices": [xero.sale(LineItems=[xero.line(Tracking=[sent] * 3)])]}
    xero.refuse("PUT", "/Invoices", body, "")


def track(xero: XeroClient) -> tuple[Json, Json]:
    name = unique("Region")
    [category] = xero.call("PUT", "/TrackingCategories", json={"Name": name})["TrackingCategories"]
    path = f"/TrackingCategories/{category['TrackingCategoryID']}/Options"
    [option] = xero.call("PUT", path, json={"Name": "North"})["Options"]
    return category, option


def test_exclusive_is_the_default(xero: XeroClient) -> None:
    """`LineAmountTypes` `Exclusive` (default)."""
    made = lines_of(xero, xero.line(100))
    assert made["LineAmountTypes"] == "Exclusive"
    assert made["TotalTax"] == xero.rate()["EffectiveRate"]


def test_inclusive(xero: XeroClient) -> None:
    """`LineAmountTypes` `Inclusive`."""
    rate = Decimal(str(xero.rate()["EffectiveRate"])) / 100
    made = lines_of(xero, xero.line(115), LineAmountTypes="Inclusive")
    tax = (115 - 115 / (1 + rate)).quantize(CENT)
    assert (made["Total"], made["TotalTax"], made["SubTotal"]) == (115, tax, 115 - tax)


def test_no_tax(xero: XeroClient) -> None:
    """`LineAmountTypes` `NoTax`."""
    made = lines_of(xero, xero.plain(100), LineAmountTypes="NoTax")
    assert (made["Total"], made["TotalTax"], made["SubTotal"]) == (100, 0, 100)


def test_tax_is_rounded_half_up_per_line(xero: XeroClient) -> None:
    """Per-line tax is rounded to cents half-up and then summed."""
    rate = Decimal(str(xero.rate()["EffectiveRate"])) / 100
    price = next(
        Decimal(cents) / 100
        for cents in range(1, 1000)
        if (Decimal(cents) * rate) % 2 == Decimal("0.5")  # half to even would round down
    )
    tax = (price * rate).quantize(CENT, rounding="ROUND_HALF_UP")
    made = lines_of(xero, *[xero.line(price) for _ in range(3)])
    assert [line["TaxAmount"] for line in made["LineItems"]] == [tax] * 3
    assert made["TotalTax"] == 3 * tax
    assert made["Total"] == 3 * (price + tax)


def test_tax_amount_may_override(xero: XeroClient) -> None:
    """`TaxAmount` may override the computed figure."""
    made = lines_of(xero, xero.line(100, TaxAmount=14.99))
    assert made["TotalTax"] == Decimal("14.99")
    assert made["Total"] == Decimal("114.99")


def test_a_sent_total_is_ignored(xero: XeroClient) -> None:
    """`Total` sent is ignored when it does not equal the lines."""
    made = xero.invoice(Total=1, SubTotal=1, TotalTax=0)
    assert made["SubTotal"] == 100


def test_item_code_fills_the_line(xero: XeroClient) -> None:
    """An ItemCode on a line fills description, price, account and tax."""
    tax = xero.rate()["TaxType"]
    sales = {"UnitPrice": 12.5, "AccountCode": xero.income, "TaxType": tax}
    code = unique("SKU")[:30]
    xero.create("Items", {"Code": code, "Description": "Mug", "SalesDetails": sales})
    [line] = lines_of(xero, {"ItemCode": code, "Quantity": 2})["LineItems"]
    assert (line["Description"], line["UnitAmount"], line["LineAmount"]) == (
        "Mug",
        Decimal("12.5"),
        25,
    )
    assert (line["AccountCode"], line["TaxType"], line["ItemCode"]) == (xero.income, tax, code)


def test_an_unknown_item_code_is_refused(xero: XeroClient) -> None:
    """`AccountCode` (or an `ItemCode` that supplies it)."""
    sale = xero.sale(LineItems=[xero.line(1, ItemCode=unique("SKU")[:30])])
    xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")


def test_1114_lines(xero: XeroClient) -> None:
    """request body: 3.5 MB; no count of lines is documented, so a long invoice is taken."""
    made = lines_of(xero, *[xero.line(1) for _ in range(1_114)])
    assert made["SubTotal"] == 1_114
