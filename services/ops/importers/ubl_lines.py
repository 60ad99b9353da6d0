"""The lines of a UBL document: its own (BG-25), and allowances and charges as lines of kind fee.

A line's allowances and charges (BG-27, BG-28) follow it, the document's (BG-20, BG-21) come last.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from contracts.entities import Item, Line, LineKind
from libs.connector.money import line_amount
from services.ops.importers.xml import Unreadable, child, children, need, number, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SELLERS_CODE = "cac:Item/cac:SellersItemIdentification/cbc:ID"
LINE_RATE = "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"
ALLOWANCE = "cac:AllowanceCharge"
WITHIN_CONTRACT = -6
"""Decimals of a price in the contract; of a quantity two fewer."""


def lines_of(document: "Element", kind: str) -> Iterator[Line]:
    """All lines; `kind` is Invoice or CreditNote.

    Raises Unreadable where a field is missing or is no number.
    """
    quantity = "cbc:InvoicedQuantity" if kind == "Invoice" else "cbc:CreditedQuantity"
    for element in children(document, f"cac:{kind}Line"):
        name = need(element, "cbc:ID")
        rate = number(element, LINE_RATE, "0")
        allowances = [
            _fee(f"{name}/{n}", allowance, rate)
            for n, allowance in enumerate(children(element, ALLOWANCE), start=1)
        ]
        yield _line(name, element, quantity, rate, sum(map(line_amount, allowances), Decimal(0)))
        yield from allowances
    for n, element in enumerate(children(document, ALLOWANCE), start=1):
        yield _fee(f"fee/{n}", element, number(element, "cac:TaxCategory/cbc:Percent", "0"))


def items_of(document: "Element", kind: str) -> Iterator[Item]:
    """The items that the lines name by the seller's code (BT-155), each once."""
    seen: set[str] = set()
    for element in children(document, f"cac:{kind}Line"):
        code = text(element, SELLERS_CODE)
        if code and code not in seen:
            seen.add(code)
            name = text(element, "cac:Item/cbc:Name")
            detail = text(element, "cac:Item/cbc:Description")
            yield Item(id=code, code=code, name=name, description=detail or name)


def _line(name: str, element: "Element", path: str, rate: Decimal, fees: Decimal) -> Line:
    amount = number(element, "cbc:LineExtensionAmount") - fees
    quantity, price = _per_unit(element, path)
    line = Line(
        id=name,
        item=text(element, SELLERS_CODE) or None,
        description=_description(element),
        quantity=quantity,
        unit=_unit(element, path),
        unit_price=price,
        tax_rate=rate,
    )
    # Some write a return with a positive quantity and a negative amount.
    if line_amount(line) == -amount:
        line = line.model_copy(update={"quantity": -quantity})
    return line if line_amount(line) == amount else _whole(line, amount)


def _whole(line: Line, amount: Decimal) -> Line:
    """One piece at the line's amount, which binds (BT-131) where quantity and price disagree."""
    printed = f"{line.quantity} {line.unit} at {line.unit_price}".replace("  ", " ")
    update = {
        "quantity": Decimal(-1 if amount < 0 else 1),
        "unit": "",
        "unit_price": abs(amount),
        "description": "\n".join(filter(None, (line.description, printed))),
    }
    return Line.model_validate(line.model_dump() | update)


def _per_unit(element: "Element", path: str) -> tuple[Decimal, Decimal]:
    """Quantity and price of one: a price for several (BT-149) divides whichever divides exactly."""
    quantity, price = number(element, path), number(element, "cac:Price/cbc:PriceAmount")
    base = number(element, "cac:Price/cbc:BaseQuantity", "1")
    if base == 0:
        raise Unreadable("cac:Price/cbc:BaseQuantity", "is zero")
    if _decimals(price / base) >= WITHIN_CONTRACT:
        return quantity, price / base
    return quantity / base, price


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else WITHIN_CONTRACT - 1


def _unit(element: "Element", path: str) -> str:
    quantity = child(element, path)
    return "" if quantity is None else quantity.get("unitCode", "")


def _description(element: "Element") -> str:
    name, detail = text(element, "cac:Item/cbc:Name"), text(element, "cac:Item/cbc:Description")
    return "\n".join(dict.fromkeys(filter(None, (name, detail))))


def _fee(name: str, element: "Element", rate: Decimal) -> Line:
    charge = text(element, "cbc:ChargeIndicator") in {"true", "1"}
    reason = text(element, "cbc:AllowanceChargeReason")
    return Line(
        id=name,
        kind=LineKind.FEE,
        description=reason or ("Charge" if charge else "Allowance"),
        quantity=Decimal(1 if charge else -1),
        unit_price=number(element, "cbc:Amount"),
        tax_rate=rate,
    )
