"""Documents with lines, and the money that settles them; terms follow EN 16931 (BT/BG numbers)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.values import (
    Currency,
    EntityType,
    LocalId,
    Model,
    Money,
    Percent,
    Price,
    Quantity,
    Rate,
    ShortText,
    Text,
)

Attributes = Annotated[
    dict[ShortText, Text],
    Field(description="The trade's own fields: name -> text."),
]


class DocumentStatus(StrEnum):
    """Of an invoice, credit note, order or bill; `paid` is derived from the payments."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    PAID = "paid"
    VOID = "void"


class MoneyStatus(StrEnum):
    """Of a payment or refund."""

    ACTIVE = "active"
    VOID = "void"


class LineKind(StrEnum):
    """What a line sells; mapped to an income account where the line names none."""

    PART = "part"
    LABOUR = "labour"
    FEE = "fee"
    OTHER = "other"


class TaxMode(StrEnum):
    """Whether line prices are before tax, contain it, or have none."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"
    NONE = "none"


class TrackingChoice(Model):
    """An option chosen of a tracking dimension."""

    tracking: LocalId
    option: LocalId


class Line(Model):
    """An invoice line (BG-25); document allowances and charges (BG-20, BG-21) have kind fee."""

    id: Annotated[LocalId, Field(description="BT-126; kept for the life of the line.")]
    kind: LineKind = LineKind.PART
    item: Annotated[LocalId | None, Field(description="BT-155, the item's local id.")] = None
    description: Annotated[Text, Field(description="BT-153 and BT-154.")] = ""
    quantity: Annotated[Quantity, Field(description="BT-129.")]
    unit: Annotated[ShortText, Field(description="BT-130, UN/ECE Recommendation 20.")] = ""
    unit_price: Annotated[Price, Field(description="BT-146.")]
    discount_percent: Annotated[Percent | None, Field(description="BT-138.")] = None
    tax_code: Annotated[LocalId | None, Field(description="BT-151, a tax code's local id.")] = None
    tax_rate: Annotated[Percent | None, Field(description="BT-152.")] = None
    account: Annotated[LocalId | None, Field(description="BT-133; else by item and kind.")] = None
    tracking: tuple[TrackingChoice, ...] = ()
    location: LocalId | None = None


class Totals(Model):
    """What the product reckons the document comes to; the ledger must agree to the cent."""

    net: Annotated[Money, Field(description="BT-109.")]
    tax: Annotated[Money, Field(description="BT-110.")]
    gross: Annotated[Money, Field(description="BT-112.")]


class Allocation(Model):
    """The share of a payment or credit that settles one document."""

    document: Annotated[
        LocalId, Field(description="Of an invoice or bill, or, for a refund, of what is refunded.")
    ]
    document_type: Literal["invoice", "bill", "credit_note", "payment"] = "invoice"
    amount: Money


class Document(Model):
    """What invoices, credit notes, orders and bills share."""

    id: LocalId
    number: Annotated[ShortText, Field(description="BT-1; empty: the ledger numbers it.")] = ""
    status: DocumentStatus = DocumentStatus.APPROVED
    issue_date: Annotated[date, Field(description="BT-2, a calendar date without a time zone.")]
    currency: Annotated[Currency, Field(description="BT-5.")]
    exchange_rate: Rate | None = None
    tax_mode: TaxMode = TaxMode.EXCLUSIVE
    lines: Annotated[tuple[Line, ...], Field(max_length=5000)]
    totals: Totals
    job: Annotated[ShortText, Field(description="BT-11, the project.")] = ""
    note: Annotated[Text, Field(description="BT-22.")] = ""
    location: LocalId | None = None
    attributes: Attributes = Field(default_factory=dict)
    link: ShortText = ""


class Invoice(Document):
    """A sales invoice."""

    type: Literal[EntityType.INVOICE] = EntityType.INVOICE
    customer: Annotated[LocalId, Field(description="BG-7, the contact.")]
    due_date: Annotated[date | None, Field(description="BT-9.")] = None
    purchase_order: Annotated[ShortText, Field(description="BT-13, the buyer's order.")] = ""
    buyer_reference: Annotated[ShortText, Field(description="BT-10.")] = ""


class CreditNote(Document):
    """A sales credit note (EN 16931 type 381); its amounts are positive."""

    type: Literal[EntityType.CREDIT_NOTE] = EntityType.CREDIT_NOTE
    customer: LocalId
    invoice: Annotated[LocalId | None, Field(description="BT-25, the invoice it corrects.")] = None
    purchase_order: Annotated[ShortText, Field(description="BT-13.")] = ""
    allocations: tuple[Allocation, ...] = ()


class PurchaseOrder(Document):
    """An order to a supplier."""

    type: Literal[EntityType.PURCHASE_ORDER] = EntityType.PURCHASE_ORDER
    supplier: LocalId
    delivery_date: date | None = None
    closed: bool = False


class Bill(Document):
    """A supplier's invoice; `number` is the supplier's own."""

    type: Literal[EntityType.BILL] = EntityType.BILL
    supplier: LocalId
    due_date: date | None = None
    purchase_orders: Annotated[tuple[LocalId, ...], Field(description="What it delivers.")] = ()


class Payment(Model):
    """Money received or paid; what is not allocated is a credit of the contact."""

    type: Literal[EntityType.PAYMENT] = EntityType.PAYMENT
    id: LocalId
    direction: Literal["received", "paid"] = "received"
    contact: LocalId
    date: date
    amount: Money
    currency: Currency
    exchange_rate: Rate | None = None
    method: Annotated[ShortText, Field(description="cash, card, ...: mapped to an account.")] = ""
    reference: ShortText = ""
    allocations: tuple[Allocation, ...] = ()
    status: MoneyStatus = MoneyStatus.ACTIVE
    attributes: Attributes = Field(default_factory=dict)
    link: ShortText = ""


class Refund(Model):
    """Money given back, of a credit note or an overpaid payment."""

    type: Literal[EntityType.REFUND] = EntityType.REFUND
    id: LocalId
    contact: LocalId
    date: date
    amount: Money
    currency: Currency
    exchange_rate: Rate | None = None
    method: ShortText = ""
    reference: ShortText = ""
    allocations: tuple[Allocation, ...] = ()
    status: MoneyStatus = MoneyStatus.ACTIVE
    attributes: Attributes = Field(default_factory=dict)
    link: ShortText = ""
