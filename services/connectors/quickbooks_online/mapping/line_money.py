"""What a line says of its money: quantity, price and the discount of the line itself."""

from dataclasses import dataclass
from decimal import Decimal

from contracts.entities import TaxMode
from libs.connector.money import HUNDRED, cents
from services.connectors.quickbooks_online import rounding
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, number, rounded

DISCOUNT_FIELDS = ("DiscountRate", "DiscountAmt")


@dataclass(frozen=True, slots=True)
class Told:
    """A line's money as the product has it; `discount`: percent, None for none."""

    quantity: Decimal
    price: Decimal
    discount: Decimal | None = None


def discount_to(sold: rounding.Sold) -> Element:
    """The line's own discount; one without needs no field."""
    return {"DiscountRate": sold.discount or None}


def told(shown: Raw, detail: Raw, rate: Decimal | None, mode: TaxMode) -> Told:
    """What a line comes to; one of which only the amount is known is one of it.

    `rate`: the line's tax, in percent, where its prices are to contain it.
    """
    amount = number(shown, "Amount", 2)
    quantity = number(detail, "Qty") if detail.get("Qty") is not None else Decimal(1)
    price = number(detail, "UnitPrice", 7)
    taxed = 1 + (rate or Decimal(0)) / HUNDRED if mode == TaxMode.INCLUSIVE else Decimal(1)
    discount = _discount(detail, quantity * price)
    if mode == TaxMode.INCLUSIVE and quantity:
        gross = number(detail, "TaxInclusiveAmt", 2) or cents(amount * taxed)
        return _priced(quantity, gross, discount, price * taxed)
    return _checked(quantity, amount, discount, price * taxed)


def _checked(quantity: Decimal, amount: Decimal, discount: Decimal, price: Decimal) -> Told:
    """The price as it stands there, unless the amount says otherwise."""
    exact = quantity * price * rounding.left_by(discount)
    if (not price and amount and quantity) or (discount and cents(exact) != amount):
        return Told(quantity, rounding.price_of(amount, quantity))
    return Told(quantity, rounded(price, 6), discount or None)


def _priced(quantity: Decimal, gross: Decimal, discount: Decimal, price: Decimal) -> Told:
    """The price that gives the amount; of what is given away the one that stands there."""
    left = rounding.left_by(discount)
    if not left and not gross:
        return Told(quantity, rounded(price, 6), discount)
    if not left:
        return Told(quantity, rounding.price_of(gross, quantity))
    found = rounding.price_of(gross, quantity, left)
    if discount and cents(found * quantity * left) != gross:
        return Told(quantity, rounding.price_of(gross, quantity))
    return Told(quantity, found, discount or None)


def _discount(detail: Raw, whole: Decimal) -> Decimal:
    """In percent, 0 for none: as it is told, or as its amount makes it."""
    said = number(detail, "DiscountRate", 6)
    if not said and whole:
        said = rounded(number(detail, "DiscountAmt", 2) * HUNDRED / whole, 6)
    return said if 0 < said <= HUNDRED else Decimal(0)
