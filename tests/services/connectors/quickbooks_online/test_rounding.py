"""The ledger's own rounding, from the rules of dossier section 4: to the cent, or held."""

from decimal import Decimal

import pytest

from contracts.entities import Bill, TaxComponent, TaxMode, Totals
from libs.connector.errors import Held
from libs.connector.interface import LedgerTax
from libs.connector.money import cents, totals_of
from services.connectors.quickbooks_online import rounding
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO, invoice, line

US, ABROAD = around.context(), around.context(around.ABROAD)
QST = LedgerTax(
    id="7",
    name="GST + QST",
    rate=Decimal("14.975"),
    components=(
        TaxComponent(name="GST", rate=Decimal(5)),
        TaxComponent(name="QST", rate=Decimal("9.5"), compound=True),
    ),
)


def sold(amount: str, code: str = "", rate: str = "0", quantity: str = "1") -> rounding.Sold:
    total, count = Decimal(amount), Decimal(quantity)
    return rounding.Sold(count, rounding.price_of(total, count), total, code, Decimal(rate))


def totals(net: str, tax: str, gross: str) -> Totals:
    return Totals(net=Decimal(net), tax=Decimal(tax), gross=Decimal(gross))


def test_amounts_are_rounded_half_up_per_line() -> None:
    one = rounding.sold(line(quantity=Decimal("1.5"), unit_price=Decimal("0.01")), "", Decimal(0))
    assert one.amount == Decimal("0.02")
    less = rounding.sold(line(quantity=Decimal("1.5"), unit_price=Decimal("-0.01")), "", Decimal(0))
    assert less.amount == Decimal("-0.02")


def test_tax_is_rounded_once_per_rate_over_its_lines() -> None:
    three = [sold("0.33", "2", "20") for _ in range(3)]
    assert rounding.predicted(three, TaxMode.EXCLUSIVE, {}).tax == Decimal("0.20")
    mixed = [sold("0.33", "2", "20"), sold("0.33", "4", "8.875")]
    assert rounding.predicted(mixed, TaxMode.EXCLUSIVE, {}).tax == Decimal("0.10")


def test_each_part_of_a_tax_group_is_rounded() -> None:
    """A compound part is reckoned on the net and the taxes before it."""
    found = rounding.predicted([sold("10.10", "7", "14.975")], TaxMode.EXCLUSIVE, {"7": QST})
    gst = cents(Decimal("10.10") * 5 / 100)
    assert found.tax == gst + cents((Decimal("10.10") + gst) * Decimal("9.5") / 100)


def test_tax_within_prices() -> None:
    found = rounding.predicted([sold("100.00", "2", "20")], TaxMode.INCLUSIVE, {})
    assert found == totals("83.33", "16.67", "100.00")


def test_no_tax() -> None:
    assert rounding.predicted([sold("1.00")], TaxMode.NONE, {}) == totals("1.00", "0", "1.00")


def test_a_us_tax_is_told_and_may_differ_by_rounding_only() -> None:
    lines = [sold("0.33", "5", "6.25") for _ in range(3)]
    assert rounding.told(lines, totals("0.99", "0.06", "1.05")) is not None
    assert rounding.told(lines, totals("0.99", "0.10", "1.09")) is None
    assert rounding.told([sold("0.99")], totals("0.99", "0.01", "1.00")) is None


def test_the_nets_of_lines_come_to_the_net_of_the_document() -> None:
    lines = [sold("0.99", "2", "20") for _ in range(3)]
    whole = rounding.predicted(lines, TaxMode.INCLUSIVE, {})
    nets = rounding.net_amounts(lines, whole)
    assert nets is not None
    assert sum(nets) == whole.net


@pytest.mark.parametrize(("amount", "quantity"), [("100.00", "3"), ("0.01", "7"), ("-9.99", "1.5")])
def test_a_price_gives_its_amount(amount: str, quantity: str) -> None:
    price = rounding.price_of(Decimal(amount), Decimal(quantity))
    assert cents(price * Decimal(quantity)) == Decimal(amount)


def test_totals_that_cannot_be_met_are_held_and_say_both() -> None:
    wrong = invoice(totals=totals("100.00", "6.26", "106.26"))
    QBO.check(wrong, US)  # a cent a line is what rounding may make of a told tax
    far = invoice(totals=totals("100.00", "7.00", "107.00"))
    with pytest.raises(Held, match=r"107.00") as raised:
        QBO.check(far, US)
    assert raised.value.reason == "rounding"
    net = invoice(totals=totals("100.01", "6.25", "106.26"))
    with pytest.raises(Held, match=r"100.01 \+ 6.25 tax = 106.26 here; .* 6.25 tax = 106.25"):
        QBO.check(net, US)


def test_abroad_the_tax_cannot_be_told() -> None:
    taxed = (line("l1", tax_rate=Decimal(20)),)
    good = invoice(taxed, currency="GBP")
    QBO.check(good, ABROAD)
    off = good.totals.model_copy(update={"tax": Decimal("10.01"), "gross": Decimal("60.01")})
    with pytest.raises(Held, match="would make it"):
        QBO.check(good.model_copy(update={"totals": off}), ABROAD)


def test_a_us_document_has_one_sales_tax_and_prices_without() -> None:
    two = (line("l1"), line("l2", tax_rate=Decimal("9.25")))
    with pytest.raises(Held) as several:
        QBO.check(invoice(two), US)
    assert several.value.reason == "tax-code"
    with pytest.raises(Held) as within:
        QBO.check(invoice(tax_mode=TaxMode.INCLUSIVE), US)
    assert within.value.reason == "tax-mode"


def test_a_us_bill_has_no_tax() -> None:
    lines = (line("l1", item="p1"),)
    bill = Bill.model_validate(
        {
            **invoice(lines).model_dump(include={"id", "currency", "issue_date", "lines"}),
            "supplier": "c1",
            "totals": totals_of(lines, "exclusive"),
        }
    )
    with pytest.raises(Held) as raised:
        QBO.check(bill, US)
    assert raised.value.reason == "tax-mode"


def test_a_quantity_too_large_for_its_price_is_held() -> None:
    huge = (line(quantity=Decimal(99999999), unit_price=Decimal("0.01"), tax_rate=Decimal(20)),)
    held = invoice(huge, tax_mode=TaxMode.INCLUSIVE, currency="GBP")
    with pytest.raises(Held) as raised:
        QBO.check(held, ABROAD)
    assert raised.value.reason == "rounding"
