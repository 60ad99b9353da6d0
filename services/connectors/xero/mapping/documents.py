"""Sales invoices and credit notes (dossier section 4)."""

from collections.abc import Collection
from decimal import Decimal

from contracts.entities import CreditNote, DocumentStatus, Invoice, Line, TaxMode, Totals
from contracts.values import EntityType
from libs.connector.interface import Context, Notice, Record, Write
from services.connectors.xero.mapping import lines as document_lines
from services.connectors.xero.mapping.wire import (
    Element,
    Raw,
    day,
    marked,
    number,
    present,
    unmarked,
    updated,
)

SalesDocument = Invoice | CreditNote

STATUS_TO = {
    DocumentStatus.DRAFT: "DRAFT",
    DocumentStatus.APPROVED: "AUTHORISED",
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
MODE_TO = {TaxMode.EXCLUSIVE: "Exclusive", TaxMode.INCLUSIVE: "Inclusive", TaxMode.NONE: "NoTax"}
MODE_FROM = {xero: mode for mode, xero in MODE_TO.items()}
IDS = {EntityType.INVOICE: "InvoiceID", EntityType.CREDIT_NOTE: "CreditNoteID"}
NUMBERS = {EntityType.INVOICE: "InvoiceNumber", EntityType.CREDIT_NOTE: "CreditNoteNumber"}
TYPES = {EntityType.INVOICE: "ACCREC", EntityType.CREDIT_NOTE: "ACCRECCREDIT"}
HEADER = {
    "number": "number",
    "status": "Status",
    "issue_date": "Date",
    "due_date": "DueDate",
    "customer": "Contact",
    "currency": "CurrencyCode",
    "exchange_rate": "CurrencyRate",
    "tax_mode": "LineAmountTypes",
    "job": "Reference",
    "link": "Url",
}


def document_element(write: Write, document: SalesDocument, context: Context) -> Element:
    """What a write sends: all of a new document, of a known one what has changed."""
    header = document_to_xero(document, write.marker, context)
    amounts = document_lines.tax_amounts(document, context)
    if not write.record:
        sent = [document_lines.line_to_xero(line, context) for line in document.lines]
        return {**header, "LineItems": document_lines.with_tax(sent, amounts)}
    wanted = {HEADER.get(path.split(".")[0], "") for path in write.changed}
    wanted |= {NUMBERS[document.type]} if "number" in wanted else set()
    element = {name: value for name, value in header.items() if name in wanted}
    element[IDS[document.type]] = write.record
    if wanted & {"LineAmountTypes"} or any(path.startswith("lines.") for path in write.changed):
        element["LineItems"] = _changed_lines(write, document, amounts, context)
    return element


def _changed_lines(
    write: Write, document: SalesDocument, amounts: list[Decimal] | None, context: Context
) -> list[Element]:
    """The whole set: a line that stays as it is needs no more than its id."""
    sent = [
        document_lines.changed_line(line, write.lines.get(line.id), _of_line(write, line), context)
        for line in document.lines
    ]
    return document_lines.with_tax(sent, amounts)


def _of_line(write: Write, line: Line) -> frozenset[str]:
    prefix = f"lines.{line.id.replace('~', '~0').replace('.', '~1')}."
    return frozenset(p.removeprefix(prefix) for p in write.changed if p.startswith(prefix))


def document_to_xero(document: SalesDocument, marker: str, context: Context) -> Element:
    """The header. An approved document needs a due date: without one it is due at once."""
    element = {
        "Type": TYPES[document.type],
        NUMBERS[document.type]: document.number or None,
        "Reference": marked(document.job, marker),
        "Contact": {"ContactID": context.ids.external(EntityType.CONTACT, document.customer)},
        "Date": document.issue_date.isoformat(),
        "LineAmountTypes": MODE_TO[document.tax_mode],
        "CurrencyCode": document.currency,
        "CurrencyRate": document.exchange_rate,
        "Status": STATUS_TO[document.status],
    }
    if isinstance(document, Invoice):
        element["DueDate"] = (document.due_date or document.issue_date).isoformat()
        element["Url"] = document.link if _is_url(document.link) else None
    return present(element)


def document_from_xero(
    raw: Raw, kind: EntityType, context: Context, ids: Collection[str] = ()
) -> SalesDocument:
    """The record as an entity; `ids` are line ids to take where Xero gave none."""
    job, _ = unmarked(raw.get("Reference") or "")
    shared = {
        "id": str(raw.get(IDS[kind]) or "new"),
        "number": raw.get(NUMBERS[kind]) or "",
        "status": STATUS_FROM[raw["Status"]],
        "issue_date": day(raw, "Date"),
        "currency": raw.get("CurrencyCode") or context.company.currency,
        "exchange_rate": _rate(raw, context),
        "tax_mode": MODE_FROM[raw["LineAmountTypes"]],
        "customer": context.ids.local(EntityType.CONTACT, raw["Contact"]["ContactID"]),
        "job": job,
        "lines": tuple(
            document_lines.line_from_xero(line, MODE_FROM[raw["LineAmountTypes"]], context)
            for line in raw.get("LineItems") or ()
        ),
        "totals": totals(raw),
    }
    if kind is EntityType.CREDIT_NOTE:
        return CreditNote.model_validate(shared)
    url = raw.get("Url") or ""
    return Invoice.model_validate({**shared, "due_date": day(raw, "DueDate"), "link": url})


def totals(raw: Raw) -> Totals:
    """What Xero comes to; for a void document it is zero."""
    return Totals(
        net=number(raw, "SubTotal"), tax=number(raw, "TotalTax"), gross=number(raw, "Total")
    )


def document_record(raw: Raw, kind: EntityType) -> Record:
    """The record as the kernel keeps it."""
    status = raw["Status"]
    open_amount = raw.get("AmountDue" if kind is EntityType.INVOICE else "RemainingCredit")
    return Record(
        kind,
        raw[IDS[kind]],
        raw,
        state={"DELETED": "deleted", "VOIDED": "void"}.get(status, "live"),  # type: ignore[arg-type]
        marker=unmarked(raw.get("Reference") or "")[1],
        number=raw.get(NUMBERS[kind]) or "",
        updated_at=updated(raw),
        totals=totals(raw),
        balance=None if open_amount is None else Decimal(open_amount),
        status=status,
        related=tuple(_payments(raw)),
    )


def _payments(raw: Raw) -> list[Notice]:
    shown = raw.get("Payments") or ()
    return [Notice(EntityType.PAYMENT, payment["PaymentID"]) for payment in shown]


def _rate(raw: Raw, context: Context) -> Decimal | None:
    """A rate means something only for a foreign document."""
    foreign = (raw.get("CurrencyCode") or context.company.currency) != context.company.currency
    rate: Decimal | None = raw.get("CurrencyRate")
    return rate if foreign else None


def _is_url(link: str) -> bool:
    return link.startswith(("https://", "http://"))
