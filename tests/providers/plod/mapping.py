"""Plod Books' wire form: amounts are texts with two decimals, prices contain tax; pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from contracts.entities import (
    Address,
    Allocation,
    Contact,
    DocumentStatus,
    Entity,
    Invoice,
    Item,
    Line,
    Payment,
    TaxMode,
    Totals,
)
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.interface import Context, Notice, Record
from libs.connector.money import CENT, HUNDRED

Element = dict[str, Any]
Raw = Mapping[str, Any]


def amount(value: Decimal) -> str:
    """To the cent, half up."""
    return f"{value.quantize(CENT, ROUND_HALF_UP):.2f}"


# Customers: no field for a marker; a delivery address is a place, a record of its own


def contact_to_plod(contact: Contact) -> Element:
    """The whole customer; the street's lines become one."""
    billing = next((one for one in contact.addresses if one.kind == "billing"), None)
    billing = billing or Address(kind="billing")
    return {
        "name": contact.name,
        "email": contact.email,
        "street": ", ".join(billing.lines.splitlines()),
        "town": billing.city,
        "postcode": billing.postal_code,
    }


def contact_from_plod(raw: Raw) -> Contact:
    """The customer as an entity."""
    billing = Address(
        kind="billing", lines=raw["street"], city=raw["town"], postal_code=raw["postcode"]
    )
    found = [billing] if billing != Address(kind="billing") else []
    if place := raw.get("place"):
        found.append(place_from_plod(place))
    return Contact(
        id=str(raw.get("id", "new")), name=raw["name"], email=raw["email"], addresses=tuple(found)
    )


def delivery_of(contact: Contact) -> Address | None:
    """Where it is delivered to."""
    return next((one for one in contact.addresses if one.kind == "delivery"), None)


def place_to_plod(delivery: Address) -> Element:
    """The place's own fields; the street's lines become one."""
    return {
        "street": ", ".join(delivery.lines.splitlines()),
        "town": delivery.city,
        "postcode": delivery.postal_code,
    }


def place_from_plod(raw: Raw) -> Address:
    """The place as a delivery address."""
    return Address(
        kind="delivery", lines=raw["street"], city=raw["town"], postal_code=raw["postcode"]
    )


# Products: found by their code


def item_to_plod(item: Item) -> Element:
    """The whole product."""
    return {
        "code": item.code,
        "title": item.name or item.description,
        "price": amount(item.unit_price or Decimal(0)),
    }


def item_from_plod(raw: Raw) -> Item:
    """The product as an entity."""
    return Item(
        id=str(raw.get("id", "new")),
        code=raw["code"],
        name=raw["title"],
        unit_price=Decimal(raw["price"]),
    )


# Invoices: the memo carries our marker, lines are numbered from 1


def invoice_to_plod(invoice: Invoice, marker: str, context: Context) -> Element:
    """The whole invoice."""
    return {
        "number": invoice.number,
        "customer": int_id(context.ids.external(EntityType.CONTACT, invoice.customer)),
        "date": invoice.issue_date.isoformat(),
        "due": (invoice.due_date or invoice.issue_date).isoformat(),
        "status": "void" if invoice.status == DocumentStatus.VOID else "open",
        "memo": f"{invoice.job} {marker}".strip(),
        "lines": [line_to_plod(line, context) for line in invoice.lines],
    }


def line_to_plod(line: Line, context: Context) -> Element:
    """A line; it has no id there, only its place."""
    rate = Decimal(0) if line.tax_code is None and line.tax_rate is None else line.tax_rate
    product = context.ids.external(EntityType.ITEM, line.item) if line.item else None
    return {
        "product": int_id(product) if product else None,
        "text": line.description,
        "quantity": format(line.quantity.normalize(), "f"),
        "price": amount(line.unit_price),
        "tax": context.mappings.tax(line.tax_code, rate, sales=True),
        "account": context.mappings.account(line.account, line.kind),
    }


def invoice_from_plod(raw: Raw, context: Context) -> Invoice:
    """The invoice as an entity."""
    job, _ = unmarked(raw["memo"])
    return Invoice(
        id=str(raw.get("id", "new")),
        number=raw["number"],
        status=DocumentStatus.VOID if raw["status"] == "void" else DocumentStatus.APPROVED,
        issue_date=date.fromisoformat(raw["date"]),
        due_date=date.fromisoformat(raw["due"]),
        currency=context.company.currency,
        tax_mode=TaxMode.INCLUSIVE,
        customer=context.ids.local(EntityType.CONTACT, str(raw["customer"])),
        job=job,
        lines=tuple(line_from_plod(line, context) for line in raw["lines"]),
        totals=totals(raw),
    )


def line_from_plod(raw: Raw, context: Context) -> Line:
    """A line; its number is all the identity it has."""
    product = raw["product"]
    rates = {tax.id: tax.rate for tax in context.company.tax_codes}
    return Line(
        id=str(raw["no"]),
        item=context.ids.local(EntityType.ITEM, str(product)) if product else None,
        description=raw["text"],
        quantity=Decimal(raw["quantity"]),
        unit_price=Decimal(raw["price"]),
        tax_code=raw["tax"],
        tax_rate=rates.get(raw["tax"]),
        account=raw["account"],
    )


def totals(raw: Raw) -> Totals:
    """What it comes to there."""
    gross, tax = Decimal(raw.get("total", "0")), Decimal(raw.get("tax_total", "0"))
    return Totals(net=gross - tax, tax=tax, gross=gross)


def predicted(invoice: Invoice, context: Context) -> Totals:
    """What Plod Books will make of it: rounded per line, tax within the price."""
    rates = {tax.id: tax.rate for tax in context.company.tax_codes}
    gross = tax = Decimal(0)
    for line in invoice.lines:
        sent = line_to_plod(line, context)
        exact = Decimal(sent["quantity"]) * Decimal(sent["price"])
        whole = exact.quantize(CENT, ROUND_HALF_UP)
        rate = rates.get(sent["tax"], Decimal(0))
        gross += whole
        tax += (whole * rate / (HUNDRED + rate)).quantize(CENT, ROUND_HALF_UP)
    return Totals(net=gross - tax, tax=tax, gross=gross)


# Receipts: no field for a marker, and none to search by


def payment_to_plod(payment: Payment, context: Context) -> Element:
    """The receipt of one invoice."""
    share = payment.allocations[0]
    return {
        "invoice": int_id(context.ids.external(EntityType.INVOICE, share.document)),
        "date": payment.date.isoformat(),
        "amount": amount(payment.amount),
        "account": context.mappings.external("payment_method", payment.method),
    }


def payment_from_plod(raw: Raw, context: Context) -> Payment:
    """The receipt as an entity; its method is the account it went to."""
    document = context.ids.local(EntityType.INVOICE, str(raw["invoice"]))
    paid = Decimal(raw["amount"])
    return Payment(
        id=str(raw.get("id", "new")),
        contact=context.ids.local(EntityType.CONTACT, str(raw["customer"])),
        date=date.fromisoformat(raw["date"]),
        amount=paid,
        currency=context.company.currency,
        method=raw["account"],
        allocations=(Allocation(document=document, amount=paid),),
    )


# All of them


def record(kind: EntityType, raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    is_invoice = kind is EntityType.INVOICE
    place = raw.get("place")
    return Record(
        kind,
        str(raw["id"]),
        raw,
        parts=(ExternalId(type=kind, id=f"places/{place['id']}"),) if place else (),
        state="void" if raw.get("status") == "void" else "live",
        version=str(raw["version"]),
        marker=unmarked(raw["memo"])[1] if is_invoice else "",
        number=str(raw.get("number") or raw.get("code") or ""),
        updated_at=datetime.fromisoformat(raw["changed"]),
        totals=totals(raw) if is_invoice else None,
        balance=Decimal(raw["to_pay"]) if is_invoice else None,
        status=raw.get("status", ""),
        related=tuple(
            Notice(EntityType.PAYMENT, str(receipt)) for receipt in raw.get("receipts", ())
        ),
    )


def entity(kind: EntityType, raw: Raw, context: Context) -> Entity:
    """The record as an entity."""
    whole: dict[EntityType, Callable[[Raw, Context], Entity]] = {
        EntityType.INVOICE: invoice_from_plod,
        EntityType.PAYMENT: payment_from_plod,
    }
    if kind in whole:
        return whole[kind](raw, context)
    return contact_from_plod(raw) if kind is EntityType.CONTACT else item_from_plod(raw)


def unmarked(memo: str) -> tuple[str, str]:
    """(what people read, our marker or nothing)."""
    words = memo.split(" ")
    if words[-1].startswith("lb-"):
        return " ".join(words[:-1]), words[-1]
    return memo, ""


def int_id(external: str) -> int | str:
    """Ids are numbers there; what is not known yet stays as it is."""
    return int(external) if external.isdigit() else external
