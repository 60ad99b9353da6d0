"""Invoices, and credit notes, which are invoices with a negative total (dossier section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from contracts.entities import Allocation, CreditNote, Invoice
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping import documents
from services.connectors.myob.mapping.documents import document_record, head_to_myob
from services.connectors.myob.mapping.lines import layout_of, new_line
from services.connectors.myob.mapping.refs import card_to_myob, document_to_myob
from services.connectors.myob.mapping.wire import (
    SPELLED,
    Element,
    Raw,
    linked,
    marked,
    midnight,
    number,
    place_of,
    present,
    sides,
    text,
    unmarked,
)

SETTLEMENT = "CreditSettlement"
OVERPAID = "Overpayment"
"""Begins the memo of the negative invoice that holds what a payment paid too much."""


def is_overpayment(raw: Raw) -> bool:
    """Whether it holds the rest of a payment of ours: then it is no credit note."""
    said, marker = unmarked(str(raw.get("JournalMemo") or ""))
    return bool(marker) and said.startswith(OVERPAID)


def is_negative(raw: Raw) -> bool:
    """Whether it is a credit; the status does not tell, an overpaid invoice has it, too."""
    return number(raw, "TotalAmount") < 0


def kind_of(raw: Raw) -> EntityType:
    """What a sale is to us."""
    if not is_negative(raw):
        return EntityType.INVOICE
    return EntityType.PAYMENT if is_overpayment(raw) else EntityType.CREDIT_NOTE


def sale_head(sale: Invoice | CreditNote, marker: str, context: Context) -> Element:
    """The head of an invoice or credit note."""
    head = head_to_myob(sale, marker, context)
    head["CustomerPurchaseOrderNumber"] = sale.purchase_order or None
    if isinstance(sale, Invoice):
        head["Terms"] = documents.terms_to_myob(sale.issue_date, sale.due_date)
    return head


def sale_to_myob(sale: Invoice | CreditNote, marker: str, context: Context) -> Element:
    """The whole document."""
    form = documents.form_of(sale, layout_of(sale.lines), context)
    rows = [new_line(line, form, context) for line in sale.lines]
    return present({**sale_head(sale, marker, context), "Lines": rows})


def invoice_from_myob(raw: Raw, context: Context) -> Invoice:
    """The record as an entity."""
    shared = documents.shared_from_myob(raw, EntityType.INVOICE, context)
    more = {
        "due_date": documents.due_from_myob(raw),
        "purchase_order": text(raw, "CustomerPurchaseOrderNumber"),
    }
    return Invoice.model_validate(shared | more)


def credit_note_from_myob(raw: Raw, context: Context) -> CreditNote:
    """The record and its settlements as an entity."""
    shared = documents.shared_from_myob(raw, EntityType.CREDIT_NOTE, context)
    applied = settled(raw, context)
    more = {
        "purchase_order": text(raw, "CustomerPurchaseOrderNumber"),
        "allocations": [Allocation(document=one, amount=applied[one]) for one in applied],
    }
    return CreditNote.model_validate(shared | more)


def sale_record(raw: Raw, kind: EntityType) -> Record:
    """The record as the kernel keeps it, with its settlements."""
    return replace(document_record(raw, kind), parts=parts_of(kind, sides(raw)))


def parts_of(kind: EntityType, beside: Iterable[str]) -> tuple[ExternalId, ...]:
    """Side records: hints of settlements come as those of credit notes, whose they mostly are."""
    return tuple(
        ExternalId(
            type=EntityType.CREDIT_NOTE if place_of(one) == SETTLEMENT else kind,
            id=one,
        )
        for one in beside
    )


# Settlements: what applies a credit note to invoices (section 6)


def settlement_to_myob(
    note: CreditNote, credit: str, applied: Mapping[str, Decimal], marker: str, context: Context
) -> Element:
    """Applies amounts of the credit (its UID) to invoices (our ids)."""
    rows = [
        {
            "Type": "Invoice",
            "Sale": document_to_myob(EntityType.INVOICE, local, context),
            "AmountApplied": applied[local],
        }
        for local in applied
    ]
    return {
        "CreditFromInvoice": {"UID": credit},
        "Customer": card_to_myob(note.customer, "Customer", context),
        "Date": midnight(note.issue_date),
        "Memo": marked("", marker),
        "Lines": rows,
    }


def amounts_of(settlement: Raw, context: Context) -> dict[str, Decimal]:
    """What a settlement applies, by our id of the invoice."""
    known = settlement.get(SPELLED) or {}
    found: dict[str, Decimal] = {}
    for row in settlement.get("Lines") or ():
        uid = linked(row, "Sale")
        if (row.get("Type") or "Invoice") == "Invoice" and uid:
            local = context.ids.local(EntityType.INVOICE, known.get(uid, uid))
            found[local] = found.get(local, Decimal(0)) + number(row, "AmountApplied")
    return found


def settled(raw: Raw, context: Context) -> dict[str, Decimal]:
    """What all settlements of a credit note, or of what a payment left, apply."""
    found: dict[str, Decimal] = {}
    for one, settlement in sides(raw).items():
        if place_of(one) == SETTLEMENT:
            for local, amount in amounts_of(settlement, context).items():
                found[local] = found.get(local, Decimal(0)) + amount
    return found
