"""Invoices and credit memos (dossier section 4): headers there and back."""

from collections.abc import Sequence

from contracts.entities import (
    Allocation,
    CreditNote,
    Invoice,
    TaxMode,
)
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Context, Write
from services.connectors.quickbooks_online.mapping import (
    contacts,
    headers,
    lines,
    notes,
    tax,
    tracking,
)
from services.connectors.quickbooks_online.mapping.lines import SalesDocument
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    day,
    filled,
    present,
    ref,
    ref_of,
    text,
)

RESOURCES = {EntityType.INVOICE: "Invoice", EntityType.CREDIT_NOTE: "CreditMemo"}
MEMO_LENGTH = 1000
NOTE = ("PrivateNote",)
HEADER: dict[str, tuple[str, ...]] = {
    "number": ("DocNumber", "PrivateNote"),
    "issue_date": ("TxnDate",),
    "due_date": ("DueDate",),
    "customer": ("CustomerRef",),
    "currency": ("CurrencyRef", "ExchangeRate"),
    "exchange_rate": ("ExchangeRate",),
    "location": tracking.FIELDS,
    "note": ("CustomerMemo",),
    "job": NOTE,
    "purchase_order": NOTE,
    "buyer_reference": NOTE,
    "invoice": NOTE,
    "link": NOTE,
    "attributes": NOTE,
}


def document_to_qbo(
    document: SalesDocument, marker: str, context: Context, free: str = ""
) -> Element:
    """The header; an invoice without a due date is due at once: else its terms would decide."""
    noted = notes.Noted(_labels(document, context), document.attributes, free, marker)
    element = {
        **headers.header_to_qbo(document, context),
        "CustomerRef": ref(contacts.reference(document.customer, contacts.CUSTOMER, context)),
        "PrivateNote": notes.written(noted),
        "CustomerMemo": {"value": document.note.strip()[:MEMO_LENGTH].strip()},
        **tax.header(document, context, sales=True),
    }
    if isinstance(document, Invoice):
        element["DueDate"] = (document.due_date or document.issue_date).isoformat()
    return present(element)


def document_element(write: Write, document: SalesDocument, context: Context) -> Element:
    """What a write sends: all of a new document, of a known one what has changed."""
    there: Raw = write.raw.get(RESOURCES[write.type]) or {}
    free = notes.parsed(there.get("PrivateNote")).free
    whole = document_to_qbo(document, write.marker, context, free)
    if not write.record:
        return {**filled(whole), "Line": lines.lines_to_qbo(document, context)}
    element = headers.identified(write, there)
    fields = {names(path)[0] for path in write.changed}
    wanted = {name for field in fields for name in HEADER.get(field, ())}
    if fields & {"lines", *lines.ALL_LINES}:
        element["Line"] = lines.lines_for(write, document, there, context)
        wanted |= {"GlobalTaxCalculation", "TxnTaxDetail", *NOTE, *tracking.FIELDS}
        whole |= headers.cleared(whole, there)
    return element | {name: value for name, value in whole.items() if name in wanted}


def document_from_qbo(
    raw: Raw, kind: EntityType, allocations: Sequence[Allocation], context: Context
) -> SalesDocument:
    """The record as an entity; of a voided one the note is not read: it may be replaced."""
    void = headers.is_void(raw)
    noted = notes.Noted() if void else notes.parsed(raw.get("PrivateNote"))
    mode = tax.mode_from(raw, context)
    customer = f"{contacts.CUSTOMER}/{ref_of(raw, 'CustomerRef')}"
    shared = {
        **headers.header_from_qbo(raw, noted, context),
        "customer": context.ids.local(EntityType.CONTACT, customer),
        "tax_mode": TaxMode.EXCLUSIVE if void else mode,
        "lines": lines.lines_from_qbo(raw, mode, context, void=void),
        "note": text(raw.get("CustomerMemo") or {}, "value", MEMO_LENGTH),
        "purchase_order": noted.labels.get("Order", "")[:255],
    }
    if kind is EntityType.CREDIT_NOTE:
        corrects = noted.labels.get("Corrects", "")
        of = context.ids.numbered(EntityType.INVOICE, corrects) if corrects else None
        return CreditNote.model_validate(shared | {"invoice": of, "allocations": allocations})
    said = noted.labels.get("Buyer reference", "")[:255]
    return Invoice.model_validate(
        shared | {"due_date": day(raw, "DueDate"), "buyer_reference": said}
    )


def _labels(document: SalesDocument, context: Context) -> dict[str, str]:
    rate = tax.rate_label(document, context)
    labels = {
        **headers.header_labels(document),
        "Order": document.purchase_order,
        tax.RATE_LABEL: rate,
    }
    if isinstance(document, Invoice):
        return labels | {"Buyer reference": document.buyer_reference}
    if document.invoice is None:
        return labels
    return labels | {"Corrects": context.ids.number(EntityType.INVOICE, document.invoice)}
