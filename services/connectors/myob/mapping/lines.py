"""Lines of documents: of the layout Item they name an item and a quantity, of Service an account.

`Total` must be said and must fit (dossier section 4), so that a line is always reckoned here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from contracts.entities import Line, LineKind, TaxMode, TrackingChoice
from contracts.values import EntityType
from libs.connector.interface import Context
from libs.connector.money import HUNDRED, cents, line_amount
from services.connectors.myob.mapping import tracking
from services.connectors.myob.mapping.refs import (
    account_from_myob,
    account_to_myob,
    line_tax,
    reference,
    tax_from_myob,
    tax_rate,
)
from services.connectors.myob.mapping.wire import Element, Raw, linked, number, present, text

MONEY = frozenset({"quantity", "unit_price", "discount_percent"})
TAXES = frozenset({"tax_code", "tax_rate"})
ACCOUNTS = frozenset({"account", "kind"})
DESCRIPTION_LENGTH = 4000
PURCHASE = "purchase_"
"""Begins what a line kind is mapped by where it is bought."""
FREIGHT = "freight"
"""The id of the line that shows a document's freight, which MYOB keeps in its head."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a document's lines are spelled: `sign` is -1 for a credit note; `location` and `choice`
    are what the document is tracked by."""

    layout: str
    sales: bool = True
    order: bool = False
    sign: int = 1
    mode: TaxMode = TaxMode.EXCLUSIVE
    foreign: bool = False
    location: str | None = None
    choice: TrackingChoice | None = None

    @property
    def quantity(self) -> str:
        """Where the quantity stands."""
        if self.layout != "Item":
            return "UnitCount"
        return "ShipQuantity" if self.sales else "BillQuantity"

    def money(self, name: str) -> str:
        """Where an amount stands: in a foreign currency beside the company's own."""
        return f"{name}Foreign" if self.foreign else name


def new_line(line: Line, form: Form, context: Context) -> Element:
    """A new line, whole."""
    element = {
        "Type": "Transaction",
        "Description": line.description,
        **_money(line, form),
        "Account": _account(line, form, context),
        "TaxCode": _tax(line, form, context),
        **tracking.line_to_myob(line, form.location, form.layout, context),
    }
    if form.layout == "Item" and line.item:
        element["Item"] = reference(context.ids.external(EntityType.ITEM, line.item))
    if not line.discount_percent:
        element.pop("DiscountPercent")
    return present(element)


def changed_line(
    shown: Raw, line: Line, changed: Collection[str], form: Form, context: Context
) -> Element:
    """A line as it is there with what has changed; `RowID` and `RowVersion` stay."""
    raw, fields = dict(shown), set(changed)
    if "description" in fields:
        raw["Description"] = line.description
    if MONEY & fields:
        raw |= _money(line, form)
    if TAXES & fields:
        raw["TaxCode"] = _tax(line, form, context)
    if ACCOUNTS & fields:
        raw["Account"] = _account(line, form, context)
    if "item" in fields and form.layout == "Item" and line.item:
        raw["Item"] = reference(context.ids.external(EntityType.ITEM, line.item))
    if {"tracking", "location"} & fields:
        raw |= tracking.line_to_myob(line, form.location, form.layout, context)
    return raw


def freight_to_myob(line: Line | None, form: Form, context: Context) -> Element:
    """The head's freight; None: there is none any more."""
    if line is None:
        return {form.money("Freight"): Decimal(0)}
    tax = _tax(line, form, context)
    return {form.money("Freight"): form.sign * line_amount(line), "FreightTaxCode": tax}


def lines_from_myob(raw: Raw, form: Form, context: Context) -> list[Line]:
    """The lines that say money, with MYOB's own ids; heads and subtotals are its own."""
    shown = [one for one in raw.get("Lines") or () if is_money(one)]
    found = [line_from_myob(one, form, context) for one in shown]
    freight = number(raw, form.money("Freight"))
    if freight:
        found.append(_freight_from(raw, freight, form, context))
    return found


def line_from_myob(raw: Raw, form: Form, context: Context) -> Line:
    """A line with MYOB's own words: they hold whatever is mapped to them."""
    quantity, price, discount = _terms(raw, form)
    item = linked(raw, "Item")
    job, place = (tracking.placed(raw, one, context) for one in (tracking.JOB, tracking.LOCATION))
    choices = (form.choice, job.choice, place.choice)
    return Line(
        id=str(raw.get("RowID") or "new"),
        kind=LineKind.PART,
        item=context.ids.local(EntityType.ITEM, item) if item else None,
        description=text(raw, "Description", DESCRIPTION_LENGTH),
        quantity=quantity,
        unit_price=price,
        discount_percent=discount,
        tax_code=tax_from_myob(raw, "TaxCode", context),
        tax_rate=tax_rate(linked(raw, "TaxCode"), context),
        account=account_from_myob(raw, "Account", context),
        tracking=tuple({one.tracking: one for one in choices if one}.values()),
        location=place.location or job.location,
    )


def is_money(raw: Raw) -> bool:
    """Whether a row is a line, not a head or subtotal."""
    return (raw.get("Type") or "Transaction") == "Transaction"


def layout_of(lines: Sequence[Line]) -> str:
    """Item where every line has one; Service takes any line (section 4)."""
    return "Item" if lines and all(line.item for line in lines) else "Service"


def _money(line: Line, form: Form) -> Element:
    element: Element = {
        form.quantity: form.sign * line.quantity,
        form.money("UnitPrice"): line.unit_price,
        "DiscountPercent": line.discount_percent or Decimal(0),
        form.money("Total"): form.sign * line_amount(line),
    }
    if form.layout == "Item" and not form.sales:
        # What is billed has come; of an order nothing has yet.
        element["ReceivedQuantity"] = Decimal(0) if form.order else line.quantity
    return element


def _terms(raw: Raw, form: Form) -> tuple[Decimal, Decimal, Decimal | None]:
    """(quantity, price, discount) where they make the line's total, else one of the total.

    Older files keep no quantity on Service lines, and a bookkeeper may overtype a total.
    """
    total = form.sign * number(raw, form.money("Total"))
    price_name = form.money("UnitPrice")
    if raw.get(form.quantity) is None or raw.get(price_name) is None:
        return Decimal(1), total, None
    quantity = form.sign * number(raw, form.quantity)
    price, discount = number(raw, price_name, 6), number(raw, "DiscountPercent", 6)
    if cents(quantity * price * (HUNDRED - discount) / HUNDRED) != total:
        return Decimal(1), total, None
    if quantity < 0 and price < 0:
        quantity, price = -quantity, -price
    # Without the sign of a turned zero.
    return quantity + 0, price, discount or None


def _account(line: Line, form: Form, context: Context) -> Element:
    kind = line.kind if form.sales else f"{PURCHASE}{line.kind}"
    return account_to_myob(context.mappings.account(line.account, kind), context)


def _tax(line: Line, form: Form, context: Context) -> Element:
    return reference(line_tax(line, form.mode, context, sales=form.sales))


def _freight_from(raw: Raw, freight: Decimal, form: Form, context: Context) -> Line:
    return Line(
        id=FREIGHT,
        kind=LineKind.FEE,
        description="Freight",
        quantity=Decimal(1),
        unit_price=form.sign * freight,
        tax_code=tax_from_myob(raw, "FreightTaxCode", context),
        tax_rate=tax_rate(linked(raw, "FreightTaxCode"), context),
    )
