"""A line's own discount: it has a field, and comes back as what it was."""

from decimal import Decimal
from typing import Any

import pytest

from contracts.entities import Invoice, TaxMode
from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping import line_money
from tests.services.connectors.quickbooks_online import around
from tests.services.connectors.quickbooks_online.around import QBO, create, invoice, line
from tests.services.connectors.quickbooks_online.test_properties import answered

US, ABROAD = around.context(), around.context(around.ABROAD)


def there_and_back(document: Invoice, context: Context) -> Invoice:
    shown = QBO.entity(answered(create(document), context), context)
    assert isinstance(shown, Invoice)
    return shown


@pytest.mark.parametrize("percent", ["100", "10", "33.333333", "0.5"])
def test_a_discount_keeps_the_price_it_is_of(percent: str) -> None:
    """100 % of 2 at 25.00 is 2 at 25.00, and nothing to pay: not 2 at 0.00."""
    sold = line("l1", discount_percent=Decimal(percent), quantity=Decimal(2))
    (shown,) = there_and_back(invoice((sold,)), US).lines
    assert (shown.quantity, shown.unit_price) == (sold.quantity, sold.unit_price)
    assert shown.discount_percent == Decimal(percent)


@pytest.mark.parametrize("percent", ["100", "10", "12.5"])
def test_a_discount_of_a_price_that_contains_tax(percent: str) -> None:
    sold = line("l1", discount_percent=Decimal(percent), tax_rate=Decimal(20))
    document = invoice((sold,), currency="GBP", tax_mode="inclusive")
    QBO.check(document, ABROAD)
    (shown,) = there_and_back(document, ABROAD).lines
    assert (shown.unit_price, shown.discount_percent) == (sold.unit_price, Decimal(percent))


def test_a_surcharge_is_no_discount_and_changes_the_price() -> None:
    dearer = line("l1", discount_percent=Decimal(-10), unit_price=Decimal(50))
    (shown,) = there_and_back(invoice((dearer,)), US).lines
    assert shown.unit_price == 55
    assert shown.discount_percent is None


def told(amount: str, **detail: Any) -> line_money.Told:
    said = {"Qty": Decimal(2), "UnitPrice": Decimal(25)} | detail
    return line_money.told({"Amount": Decimal(amount)}, said, None, TaxMode.EXCLUSIVE)


def test_a_discount_made_there_as_an_amount_is_one_of_percent() -> None:
    assert told("45", DiscountAmt=Decimal(5)) == line_money.Told(
        Decimal(2), Decimal(25), Decimal(10)
    )


def test_what_the_discount_does_not_come_to_is_the_price_that_is_left() -> None:
    assert told("44.99", DiscountRate=Decimal(10)) == line_money.Told(Decimal(2), Decimal("22.495"))
