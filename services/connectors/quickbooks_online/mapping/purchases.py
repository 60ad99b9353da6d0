"""Purchase orders and bills (dossier section 7): headers there and back."""

from typing import Any

from contracts.entities import Bill, PurchaseOrder
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Context, Write
from services.connectors.quickbooks_online.mapping import (
    accounts,
    contacts,
    delivered,
    documents,
    headers,
    notes,
    purchase_lines,
    tax,
    tracking,
)
from services.connectors.quickbooks_online.mapping.purchase_lines import PurchaseDocument
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    day,
    filled,
    present,
    ref,
    ref_of,
)

RESOURCES = {EntityType.PURCHASE_ORDER: "PurchaseOrder", EntityType.BILL: "Bill"}
OPEN, CLOSED = "Open", "Closed"
HEADER: dict[str, tuple[str, ...]] = {
    **documents.HEADER,
    "supplier": ("VendorRef",),
    "delivery_date": ("DueDate",),
    "closed": ("POStatus",),
    "note": documents.NOTE,
}
LINES = frozenset({"lines", "tax_mode", "location", "purchase_orders"})


def purchase_to_qbo(document: PurchaseDocument, marker: str, context: Context) -> Element:
    """The header; what there is to say besides stands in the private note."""
    noted = notes.Noted(_labels(document, context), document.attributes, document.note, marker)
    element = {
        **headers.header_to_qbo(document, context),
        "VendorRef": ref(contacts.reference(document.supplier, contacts.VENDOR, context)),
        "PrivateNote": notes.written(noted),
        **tax.header(document, context, sales=False),
    }
    if isinstance(document, Bill):
        element["DueDate"] = (document.due_date or document.issue_date).isoformat()
        return present(element)
    element["APAccountRef"] = ref(accounts.payable(context))
    element["POStatus"] = CLOSED if document.closed else OPEN
    if document.delivery_date:
        element["DueDate"] = document.delivery_date.isoformat()
    return present(element)


def purchase_element(write: Write, document: PurchaseDocument, context: Context) -> Element:
    """What a write sends: all of a new document, of a known one what has changed."""
    there: Raw = write.raw.get(RESOURCES[write.type]) or {}
    whole = purchase_to_qbo(document, write.marker, context)
    if not write.record:
        return {**filled(whole), "Line": purchase_lines.lines_to_qbo(document, context)}
    element = headers.identified(write, there)
    fields = {names(path)[0] for path in write.changed}
    wanted = {name for field in fields for name in HEADER.get(field, ())}
    if fields & LINES:
        element["Line"] = purchase_lines.lines_for(write, document, there, context)
        wanted |= {"GlobalTaxCalculation", *documents.NOTE, *tracking.FIELDS}
        whole |= headers.cleared(whole, there)
    if "DueDate" in wanted and "DueDate" not in whole:
        whole["DueDate"] = ""
    return element | {name: value for name, value in whole.items() if name in wanted}


def purchase_from_qbo(raw: Raw, kind: EntityType, context: Context) -> PurchaseDocument:
    """The record as an entity."""
    noted = notes.parsed(raw.get("PrivateNote"))
    mode = tax.mode_from(raw, context)
    vendor = f"{contacts.VENDOR}/{ref_of(raw, 'VendorRef')}"
    shared: dict[str, Any] = {
        **headers.header_from_qbo(raw, noted, context),
        "supplier": context.ids.local(EntityType.CONTACT, vendor),
        "tax_mode": mode,
        "lines": purchase_lines.lines_from_qbo(raw, mode, context),
        "note": noted.free[:4000],
    }
    if kind is EntityType.BILL:
        named = [*purchase_lines.orders_of(raw), *noted.labels.get("Orders", "").split()]
        linked = dict.fromkeys(named)
        orders = [context.ids.local(EntityType.PURCHASE_ORDER, one) for one in linked]
        return Bill.model_validate(
            shared | {"due_date": day(raw, "DueDate"), "purchase_orders": orders}
        )
    closed = raw.get("POStatus") == CLOSED
    return PurchaseOrder.model_validate(
        shared | {"delivery_date": day(raw, "DueDate"), "closed": closed}
    )


def _labels(document: PurchaseDocument, context: Context) -> dict[str, str]:
    labels = headers.header_labels(document)
    if not isinstance(document, Bill) or not document.purchase_orders:
        return labels
    kind, links = EntityType.PURCHASE_ORDER, delivered.links(document, context).values()
    linked = {one["TxnId"] for link in links for one in link["LinkedTxn"]}
    orders = [context.ids.external(kind, order) for order in document.purchase_orders]
    return labels | {"Orders": " ".join(one for one in orders if one not in linked)}
