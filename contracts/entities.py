"""The canonical entities: what an invoicing product and a ledger both mean by an invoice.

Invoice terms follow EN 16931 (BT/BG numbers in the field descriptions). References between
entities are local ids; no entity carries a provider's id.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.documents import (
    Allocation,
    Attributes,
    Bill,
    CreditNote,
    Document,
    DocumentStatus,
    Invoice,
    Line,
    LineKind,
    MoneyStatus,
    Payment,
    PurchaseOrder,
    Refund,
    TaxMode,
    Totals,
    TrackingChoice,
)
from contracts.values import (
    Country,
    Currency,
    EntityType,
    LocalId,
    Model,
    Name,
    Percent,
    Price,
    ShortText,
    Text,
)


class RecordStatus(StrEnum):
    """Of a record without a life of its own: kept, or put away."""

    ACTIVE = "active"
    ARCHIVED = "archived"


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

__all__ = [
    "DOCUMENTS",
    "ON_DEMAND",
    "Account",
    "Address",
    "Allocation",
    "Attributes",
    "Bill",
    "Contact",
    "CreditNote",
    "Document",
    "DocumentStatus",
    "Entity",
    "Invoice",
    "Item",
    "Line",
    "LineKind",
    "MoneyStatus",
    "Payment",
    "PurchaseOrder",
    "RecordStatus",
    "Refund",
    "TaxCode",
    "TaxComponent",
    "TaxMode",
    "Totals",
    "Tracking",
    "TrackingChoice",
    "TrackingOption",
]
