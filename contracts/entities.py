"""The canonical entities: what an invoicing product and a ledger both mean by an invoice.

Invoice terms follow EN 16931 (BT/BG numbers in the field descriptions). References between
entities are local ids; no entity carries a provider's id.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.values import (
    Country,
    Currency,
    EntityType,
    LocalId,
    Model,
    Money,
    Name,
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


class RecordStatus(StrEnum):
    """Of a record without a life of its own: kept, or put away."""

    ACTIVE = "active"
    ARCHIVED = "archived"


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


class Address(Model):
    """A postal address (BG-8); one per kind."""

    kind: Literal["billing", "delivery"]
    lines: Annotated[Text, Field(description="Street lines, separated by line feeds.")] = ""
    city: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""
    country: Country | None = None


class Contact(Model):
    """Somebody money is owed by or to."""

    type: Literal[EntityType.CONTACT] = EntityType.CONTACT
    id: LocalId
    name: Annotated[Name, Field(description="BT-44, unique among active contacts of most ledgers.")]
    customer: bool = True
    supplier: bool = False
    parent: Annotated[LocalId | None, Field(description="The contact this one belongs to.")] = None
    first_name: ShortText = ""
    last_name: ShortText = ""
    email: ShortText = ""
    phone: ShortText = ""
    tax_number: Annotated[ShortText, Field(description="BT-48, the VAT identifier.")] = ""
    company_number: Annotated[ShortText, Field(description="BT-47.")] = ""
    currency: Currency | None = None
    addresses: tuple[Address, ...] = ()
    status: RecordStatus = RecordStatus.ACTIVE
    attributes: Attributes = Field(default_factory=dict)
    link: Annotated[ShortText, Field(description="The record in the product, an absolute URL.")] = (
        ""
    )


class Item(Model):
    """Something that is sold or bought."""

    type: Literal[EntityType.ITEM] = EntityType.ITEM
    id: LocalId
    code: Annotated[Name, Field(description="BT-155, the seller's stock code; unique.")]
    name: ShortText = ""
    description: Text = ""
    kind: LineKind = LineKind.PART
    unit_price: Price | None = None
    purchase_price: Price | None = None
    tax_code: LocalId | None = None
    purchase_tax_code: LocalId | None = None
    account: Annotated[LocalId | None, Field(description="The income account.")] = None
    purchase_account: LocalId | None = None
    status: RecordStatus = RecordStatus.ACTIVE
    attributes: Attributes = Field(default_factory=dict)
    link: ShortText = ""


class Account(Model):
    """An account of the chart."""

    type: Literal[EntityType.ACCOUNT] = EntityType.ACCOUNT
    id: LocalId
    code: ShortText = ""
    name: Name
    kind: Literal["asset", "bank", "receivable", "liability", "equity", "income", "expense"]
    currency: Currency | None = None
    status: RecordStatus = RecordStatus.ACTIVE


class TaxComponent(Model):
    """One tax of a tax code; `compound`: reckoned on the net plus the taxes before it."""

    name: Name
    rate: Percent
    compound: bool = False


class TaxCode(Model):
    """A tax or a group of taxes (BT-151 / BT-152)."""

    type: Literal[EntityType.TAX_CODE] = EntityType.TAX_CODE
    id: LocalId
    name: Name
    rate: Annotated[Percent, Field(description="The effective rate of all components.")]
    components: tuple[TaxComponent, ...] = ()
    status: RecordStatus = RecordStatus.ACTIVE


class TrackingOption(Model):
    """One value of a tracking dimension."""

    id: LocalId
    name: Name
    parent: LocalId | None = None


class Tracking(Model):
    """A dimension of analysis: class, location, department."""

    type: Literal[EntityType.TRACKING] = EntityType.TRACKING
    id: LocalId
    name: Name
    options: tuple[TrackingOption, ...] = ()
    status: RecordStatus = RecordStatus.ACTIVE


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


Entity = Annotated[
    Contact
    | Item
    | Account
    | TaxCode
    | Tracking
    | Invoice
    | CreditNote
    | Payment
    | Refund
    | PurchaseOrder
    | Bill,
    Field(discriminator="type"),
]
DOCUMENTS = frozenset(
    {EntityType.INVOICE, EntityType.CREDIT_NOTE, EntityType.PURCHASE_ORDER, EntityType.BILL}
)
"""Entities that have lines, totals and a number."""
ON_DEMAND = frozenset({EntityType.CONTACT, EntityType.ITEM})
"""Entities that an old one of is sent only when something refers to it."""
