"""What Xero shows after it stored an entity, reckoned without asking it."""

from contracts.entities import Contact, Entity, Item, Line, Payment, Refund
from libs.connector.interface import Context
from services.connectors.xero.mapping import contacts, documents, items, lines, money
from services.connectors.xero.mapping.lines import AnyDocument


def normalised(entity: Entity, context: Context) -> Entity:
    """Xero shows what it was sent, in the spelling of our own mapping."""
    if isinstance(entity, Contact):
        return contacts.contact_from_xero(contacts.contact_to_xero(entity))
    if isinstance(entity, Item):
        return items.item_from_xero(items.item_to_xero(entity, context))
    if isinstance(entity, Payment | Refund):
        return money.as_stored(entity, context)
    assert isinstance(entity, AnyDocument)
    return as_stored(entity, context)


def as_stored(document: AnyDocument, context: Context) -> AnyDocument:
    """The document in Xero's spelling, with our line ids."""
    element = documents.document_to_xero(document, "", context)
    shown = [
        {**lines.line_to_xero(line, document, context), "LineItemID": line.id}
        for line in document.lines
    ]
    stored = documents.document_from_xero({**element, "LineItems": shown}, document.type, context)
    # A reference we translated there and back is still the same record of ours.
    sold = lines.is_sale(document)
    same = {
        "customer" if sold else "supplier": documents.party(document),
        "lines": _same(stored, document),
        "allocations": getattr(document, "allocations", ()),
    }
    fields = type(stored).model_fields
    return stored.model_copy(update={name: same[name] for name in same if name in fields})


def _same(shown: AnyDocument, document: AnyDocument) -> tuple[Line, ...]:
    pairs = zip(shown.lines, document.lines, strict=True)
    return tuple(line.model_copy(update={"item": own.item}) for line, own in pairs)
