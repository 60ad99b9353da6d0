"""Invoices, credit notes, orders and bills as Xero's elements (dossier sections 4 and 7)."""

from decimal import Decimal

from contracts.entities import (
    Bill,
    CreditNote,
    DocumentStatus,
    Invoice,
    PurchaseOrder,
    TaxMode,
    Totals,
)
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.xero.mapping import allocations
from services.connectors.xero.mapping import lines as document_lines
from services.connectors.xero.mapping.lines import AnyDocument
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    currency_rate,
    day,
    home_rate,
    marked,
    number,
    present,
    text,
    unmarked,
)

STATUS_TO = {
    DocumentStatus.DRAFT: "DRAFT",
    DocumentStatus.APPROVED: "AUTHORISED",
    # Writing SentToContact alone has disturbed discounts: sent is approved (Xero-OpenAPI#713).
    DocumentStatus.SENT: "AUTHORISED",
    DocumentStatus.PAID: "AUTHORISED",
    DocumentStatus.VOID: "VOIDED",
}
STATUS_FROM = {
    "DRAFT": DocumentStatus.DRAFT,
    "SUBMITTED": DocumentStatus.DRAFT,
    "AUTHORISED": DocumentStatus.APPROVED,
    "PAID": DocumentStatus.APPROVED,
    "BILLED": DocumentStatus.APPROVED,
    "VOIDED": DocumentStatus.VOID,
    "DELETED": DocumentStatus.VOID,
}
MODE_TO = {TaxMode.EXCLUSIVE: "Exclusive", TaxMode.INCLUSIVE: "Inclusive", TaxMode.NONE: "NoTax"}
MODE_FROM = {xero: mode for mode, xero in MODE_TO.items()}
IDS = {
    EntityType.INVOICE: "InvoiceID",
    EntityType.CREDIT_NOTE: "CreditNoteID",
    EntityType.PURCHASE_ORDER: "PurchaseOrderID",
    EntityType.BILL: "InvoiceID",
}
NUMBERS = {
    EntityType.INVOICE: "InvoiceNumber",
    EntityType.CREDIT_NOTE: "CreditNoteNumber",
    EntityType.PURCHASE_ORDER: "PurchaseOrderNumber",
    EntityType.BILL: "InvoiceNumber",
}
TYPES = {
    EntityType.INVOICE: "ACCREC",
    EntityType.CREDIT_NOTE: "ACCRECCREDIT",
    EntityType.BILL: "ACCPAY",
}
"""Orders have no type."""
ENTITIES: dict[EntityType, type[AnyDocument]] = {
    EntityType.INVOICE: Invoice,
    EntityType.CREDIT_NOTE: CreditNote,
    EntityType.PURCHASE_ORDER: PurchaseOrder,
    EntityType.BILL: Bill,
}


def document_to_xero(document: AnyDocument, marker: str, context: Context) -> Element:
    """The header."""
    foreign = document.currency != context.company.currency
    return present(
        {
            "Type": TYPES.get(document.type),
            **_named(document, marker),
            "Contact": {"ContactID": context.ids.external(EntityType.CONTACT, party(document))},
            "Date": document.issue_date.isoformat(),
            "LineAmountTypes": MODE_TO[document.tax_mode],
            "CurrencyCode": document.currency,
            "CurrencyRate": currency_rate(document.exchange_rate) if foreign else None,
            "Status": _status_to(document),
            **_of_kind(document),
        }
    )


def party(document: AnyDocument) -> str:
    """Whom it is to or from."""
    if isinstance(document, Invoice | CreditNote):
        return document.customer
    return document.supplier


def _named(document: AnyDocument, marker: str) -> Element:
    """A bill has no reference (dossier section 4): the supplier's number carries our marker."""
    if isinstance(document, Bill):
        return {"InvoiceNumber": marked(document.number, marker)}
    return {
        NUMBERS[document.type]: document.number or None,
        "Reference": marked(document.job, marker),
    }


def _status_to(document: AnyDocument) -> str:
    if isinstance(document, PurchaseOrder):
        if document.status == DocumentStatus.VOID:
            return "DELETED"
        if document.closed:
            return "BILLED"
    return STATUS_TO[document.status]


def _of_kind(document: AnyDocument) -> Element:
    """An approved document needs a due date: without one it is due at once."""
    if isinstance(document, PurchaseOrder):
        delivery = document.delivery_date
        return {"DeliveryDate": delivery.isoformat() if delivery else None}
    if isinstance(document, CreditNote):
        return {}
    return {
        "DueDate": (document.due_date or document.issue_date).isoformat(),
        "Url": document.link if _is_url(document.link) else None,
    }


def document_from_xero(raw: Raw, kind: EntityType, context: Context) -> AnyDocument:
    """The record as an entity.

    Raises Held for a draft that its bookkeeper has given no contact or date yet.
    """
    mode = MODE_FROM[raw.get("LineAmountTypes") or "Exclusive"]
    contact = (raw.get("Contact") or {}).get("ContactID")
    issued = day(raw, "Date")
    if not contact or issued is None:
        raise Held(
            f"{kind} {raw.get(NUMBERS[kind]) or raw[IDS[kind]]} has no contact or no date in Xero.",
            reason="incomplete",
            action="Complete it in Xero; it then comes by itself.",
        )
    who = context.ids.local(EntityType.CONTACT, contact)
    sold = kind in (EntityType.INVOICE, EntityType.CREDIT_NOTE)
    shared = {
        "id": str(raw.get(IDS[kind]) or "new"),
        "status": STATUS_FROM[raw["Status"]],
        "issue_date": issued,
        "currency": raw.get("CurrencyCode") or context.company.currency,
        "exchange_rate": _rate(raw, context),
        "tax_mode": mode,
        "customer" if sold else "supplier": who,
        "lines": document_lines.lines_from_xero(raw, mode, context),
        "totals": totals(raw),
        **_names_from(raw, kind),
        **_of_kind_from(raw, kind, context),
    }
    return ENTITIES[kind].model_validate(shared)


def _names_from(raw: Raw, kind: EntityType) -> Element:
    number = text(raw, NUMBERS[kind])
    if kind is EntityType.BILL:
        return {"number": unmarked(number)[0]}
    return {"number": number, "job": unmarked(text(raw, "Reference", 4000))[0][:255]}


def _of_kind_from(raw: Raw, kind: EntityType, context: Context) -> Element:
    if kind is EntityType.CREDIT_NOTE:
        return {"allocations": allocations.shown(raw, EntityType.INVOICE, context)}
    if kind is EntityType.PURCHASE_ORDER:
        return {"closed": raw["Status"] == "BILLED", "delivery_date": day(raw, "DeliveryDate")}
    link = text(raw, "Url", 4000)
    return {"due_date": day(raw, "DueDate"), "link": link if len(link) <= 255 else ""}


def totals(raw: Raw) -> Totals:
    """What Xero comes to; for a void document it is zero."""
    return Totals(
        net=number(raw, "SubTotal"), tax=number(raw, "TotalTax"), gross=number(raw, "Total")
    )


def _rate(raw: Raw, context: Context) -> Decimal | None:
    """A rate means something only for a foreign document."""
    foreign = (raw.get("CurrencyCode") or context.company.currency) != context.company.currency
    return home_rate(number(raw, "CurrencyRate", 12)) if foreign else None


def _is_url(link: str) -> bool:
    return link.startswith(("https://", "http://"))
