"""What all documents share: number, day, currency, location, totals, and how they are kept."""

from decimal import Decimal
from typing import Any

from contracts.entities import Document, DocumentStatus, Totals
from contracts.values import EntityType
from libs.connector.interface import Context, Notice, Record, Write
from services.connectors.quickbooks_online.mapping import currencies, notes, tracking
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    day,
    number,
    shortened,
    text,
    updated,
)

NUMBER_LENGTH = 21


def header_to_qbo(document: Document, context: Context) -> Element:
    """What all documents share: number, day, currency, location."""
    return {
        "DocNumber": shortened(document.number, NUMBER_LENGTH) or None,
        "TxnDate": document.issue_date.isoformat(),
        **currencies.sent(document.currency, document.exchange_rate, context),
        **tracking.header(document, context),
    }


def identified(write: Write, there: Raw) -> Element:
    """The object of a sparse update, in the version we know."""
    _, _, identity = write.record.rpartition("/")
    version = str(there.get("SyncToken") or write.version)
    return {"Id": identity, "SyncToken": version, "sparse": True}


def cleared(whole: Element, there: Raw) -> Element:
    """The places a document is to have no longer: an absent one would stay."""
    gone = (field for field in tracking.FIELDS if field in there and field not in whole)
    return {field: {"value": ""} for field in gone}


def header_from_qbo(raw: Raw, noted: notes.Noted, context: Context) -> dict[str, Any]:
    """What all documents share, as fields of an entity."""
    shown, long = text(raw, "DocNumber"), noted.labels.get("Number", "")
    return {
        "id": str(raw.get("Id") or "new"),
        "number": long if long and shortened(long, NUMBER_LENGTH) == shown else shown,
        "status": DocumentStatus.VOID if is_void(raw) else DocumentStatus.APPROVED,
        "issue_date": day(raw, "TxnDate"),
        **currencies.shown(raw, context),
        "job": noted.labels.get("Job", "")[:255],
        "link": noted.labels.get("Link", "")[:255],
        "attributes": dict(noted.attributes),
        "location": tracking.location_of(raw, context),
        "totals": totals(raw),
    }


def header_labels(document: Document) -> dict[str, str]:
    """What of a document's header has no field of its own."""
    long = document.number if len(document.number) > NUMBER_LENGTH else ""
    return {"Job": document.job, "Number": long, "Link": document.link}


def totals(raw: Raw) -> Totals:
    """What the vendor comes to; for a void document it is zero."""
    gross = number(raw, "TotalAmt", 2)
    tax_amount = number(raw.get("TxnTaxDetail") or {}, "TotalTax", 2)
    return Totals(net=gross - tax_amount, tax=tax_amount, gross=gross)


def document_record(raw: Raw, kind: EntityType, whole: Raw) -> Record:
    """The record as the kernel keeps it; `whole` is its wire form with its side records."""
    due = {EntityType.INVOICE: "Balance", EntityType.BILL: "Balance"}.get(kind, "RemainingCredit")
    return Record(
        kind,
        str(raw["Id"]),
        whole,
        state="void" if is_void(raw) else "live",
        version=str(raw.get("SyncToken") or ""),
        marker=notes.marker_in(raw),
        number=text(raw, "DocNumber"),
        updated_at=updated(raw),
        totals=totals(raw),
        balance=None if raw.get(due) is None else number(raw, due, 2),
        status="Voided" if is_void(raw) else text(raw, "POStatus") or _paid(raw, due),
        related=tuple(_payments(raw)),
    )


def is_void(raw: Raw) -> bool:
    """Void documents stay, with nothing left of their amounts (dossier section 4)."""
    return notes.is_void(raw, number(raw, "TotalAmt"))


def _payments(raw: Raw) -> list[Notice]:
    """Payments that settle it: those of bills are another resource."""
    kinds = {"Payment": "Payment", "BillPayment": "BillPayment", "BillPaymentCheck": "BillPayment"}
    linked = raw.get("LinkedTxn") or ()
    found = {f"{kinds[t]}/{one['TxnId']}" for one in linked if (t := one.get("TxnType")) in kinds}
    return [Notice(EntityType.PAYMENT, record) for record in sorted(found)]


def _paid(raw: Raw, due: str) -> str:
    left, whole = number(raw, due, 2), number(raw, "TotalAmt", 2)
    if raw.get(due) is None or left == whole != Decimal(0):
        return "Open"
    return "Partly paid" if left else "Paid"
