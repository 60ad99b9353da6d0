"""Sales invoices and credit notes as Xero's elements (dossier section 4)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from contracts.entities import CreditNote, DocumentStatus, Invoice, TaxMode, Totals
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Notice, Record
from services.connectors.xero.mapping import lines as document_lines
from services.connectors.xero.mapping.lines import SalesDocument
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
    updated,
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
    "VOIDED": DocumentStatus.VOID,
    "DELETED": DocumentStatus.VOID,
}
STATES: dict[str, Literal["void", "deleted"]] = {"DELETED": "deleted", "VOIDED": "void"}
MODE_TO = {TaxMode.EXCLUSIVE: "Exclusive", TaxMode.INCLUSIVE: "Inclusive", TaxMode.NONE: "NoTax"}
MODE_FROM = {xero: mode for mode, xero in MODE_TO.items()}
IDS = {EntityType.INVOICE: "InvoiceID", EntityType.CREDIT_NOTE: "CreditNoteID"}
NUMBERS = {EntityType.INVOICE: "InvoiceNumber", EntityType.CREDIT_NOTE: "CreditNoteNumber"}
TYPES = {EntityType.INVOICE: "ACCREC", EntityType.CREDIT_NOTE: "ACCRECCREDIT"}


def document_to_xero(document: SalesDocument, marker: str, context: Context) -> Element:
    """The header. An approved document needs a due date: without one it is due at once."""
    foreign = document.currency != context.company.currency
    element = {
        "Type": TYPES[document.type],
        NUMBERS[document.type]: document.number or None,
        "Reference": marked(document.job, marker),
        "Contact": {"ContactID": context.ids.external(EntityType.CONTACT, document.customer)},
        "Date": document.issue_date.isoformat(),
        "LineAmountTypes": MODE_TO[document.tax_mode],
        "CurrencyCode": document.currency,
        "CurrencyRate": currency_rate(document.exchange_rate) if foreign else None,
        "Status": STATUS_TO[document.status],
    }
    if isinstance(document, Invoice):
        element["DueDate"] = (document.due_date or document.issue_date).isoformat()
        element["Url"] = document.link if _is_url(document.link) else None
    return present(element)


def document_from_xero(raw: Raw, kind: EntityType, context: Context) -> SalesDocument:
    """The record as an entity.

    Raises Held for a draft that its bookkeeper has given no customer or date yet.
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
    shared = {
        "id": str(raw.get(IDS[kind]) or "new"),
        "number": text(raw, NUMBERS[kind]),
        "status": STATUS_FROM[raw["Status"]],
        "issue_date": issued,
        "currency": raw.get("CurrencyCode") or context.company.currency,
        "exchange_rate": _rate(raw, context),
        "tax_mode": mode,
        "customer": context.ids.local(EntityType.CONTACT, contact),
        "job": unmarked(text(raw, "Reference", 4000))[0][:255],
        "lines": document_lines.lines_from_xero(raw, mode, context),
        "totals": totals(raw),
    }
    if kind is EntityType.CREDIT_NOTE:
        return CreditNote.model_validate(shared)
    link = text(raw, "Url", 4000)
    more = {"due_date": day(raw, "DueDate"), "link": link if len(link) <= 255 else ""}
    return Invoice.model_validate(shared | more)


def totals(raw: Raw) -> Totals:
    """What Xero comes to; for a void document it is zero."""
    return Totals(
        net=number(raw, "SubTotal"), tax=number(raw, "TotalTax"), gross=number(raw, "Total")
    )


def document_record(raw: Raw, kind: EntityType) -> Record:
    """The record as the kernel keeps it."""
    status = raw["Status"]
    due = "AmountDue" if kind is EntityType.INVOICE else "RemainingCredit"
    return Record(
        kind,
        raw[IDS[kind]],
        raw,
        state=STATES.get(status, "live"),
        marker=unmarked(raw.get("Reference") or "")[1],
        number=raw.get(NUMBERS[kind]) or "",
        updated_at=updated(raw),
        totals=totals(raw),
        balance=None if raw.get(due) is None else number(raw, due),
        status=status,
        related=tuple(_payments(raw.get("Payments") or ())),
    )


def _payments(shown: Iterable[Raw]) -> Iterable[Notice]:
    return (Notice(EntityType.PAYMENT, payment["PaymentID"]) for payment in shown)


def _rate(raw: Raw, context: Context) -> Decimal | None:
    """A rate means something only for a foreign document."""
    foreign = (raw.get("CurrencyCode") or context.company.currency) != context.company.currency
    return home_rate(number(raw, "CurrencyRate", 12)) if foreign else None


def _is_url(link: str) -> bool:
    return link.startswith(("https://", "http://"))
