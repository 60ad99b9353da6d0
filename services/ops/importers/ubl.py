"""UBL 2.1 Invoice and CreditNote as EN 16931 binds them: the buyer, then the document.

| term | taken from | becomes |
|---|---|---|
| BT-1, BT-2, BT-5 | ID, IssueDate, DocumentCurrencyCode | id and number, issue_date, currency |
| BT-9 | DueDate | due_date |
| BT-10, BT-13 | BuyerReference, OrderReference | buyer_reference, purchase_order |
| BT-11 | ProjectReference; credit note: AdditionalDocumentReference of type 50 | job |
| BT-22 | Note | note, several joined by line feeds |
| BT-25 | BillingReference | a credit note's invoice |
| BG-7, BT-44 to BT-58 | AccountingCustomerParty | the contact |
| BG-20, BG-21, BG-27, BG-28 | AllowanceCharge of the document or a line | lines of kind fee |
| BT-109, BT-110, BT-112 | LegalMonetaryTotal, TaxTotal | totals, once our own arithmetic agrees |
| BG-25, BT-152, BT-155 | InvoiceLine, CreditNoteLine | lines and items |
| BT-131 | LineExtensionAmount | binds: a line it contradicts is one piece at that amount |

Left out: BT-19 and BT-133 (the buyer's accounts, not ours), BG-15 (delivery), BT-113 (what was
prepaid is no payment we could name), attachments. A document with a negative total becomes the
other kind with positive amounts. Everything has revision 1: what a file says is said once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import ValidationError

from contracts.entities import Contact, CreditNote, Entity, Invoice, Item, Line, TaxMode, Totals
from contracts.messages import EntityPut, Included
from libs.connector.money import totals_of
from services.ops.importers.amounts import opposite
from services.ops.importers.refused import Imported, Refused, refused_by_contract
from services.ops.importers.ubl_lines import items_of, lines_of
from services.ops.importers.ubl_party import buyer
from services.ops.importers.xml import Unreadable, children, day, need, number, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
ROOTS = {f"{{{NAMESPACE.format(kind=kind)}}}{kind}": kind for kind in ("Invoice", "CreditNote")}
SELF_BILLED = frozenset({"261", "389", "500", "527"})
"""BT-3 of documents the buyer writes: they are bills of the other side, not sales."""
PREFIX = {"Invoice": "cbc:InvoiceTypeCode", "CreditNote": "cbc:CreditNoteTypeCode"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A document read, before its totals are checked."""

    contact: Contact
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    totals: Totals


def messages(content: bytes, *, tenant: str, made_at: datetime, where: str) -> Iterator[Imported]:
    """The contact's put and the document's, which carries the contact and its items along.

    `where` names the file in what is refused.
    """
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException) as error:
        yield Refused(where, "", f"not an XML document we read: {error}")
        return
    if root.tag not in ROOTS:
        yield Refused(where, "", f"not a UBL 2.1 Invoice or CreditNote, but {root.tag}")
        return
    try:
        parts = _parts(root, ROOTS[root.tag])
        document = _document(root, ROOTS[root.tag], parts)
    except Unreadable as error:
        yield Refused(where, error.field, str(error))
    except ValidationError as error:
        yield refused_by_contract(where, error)
    else:
        yield from _puts(parts, document, tenant, made_at)


def _puts(
    parts: _Parts, document: Invoice | CreditNote, tenant: str, made_at: datetime
) -> Iterator[EntityPut]:
    def put(entity: Entity, *included: Included) -> EntityPut:
        return EntityPut(
            tenant=tenant,
            revision=1,
            made_at=made_at,
            entity=entity,
            applied={},
            included=included,
        )

    entities: tuple[Entity, ...] = (parts.contact, *parts.items)
    carried = (Included(revision=1, made_at=made_at, entity=entity) for entity in entities)
    yield put(parts.contact)
    yield put(document, *carried)


def _parts(root: "Element", kind: str) -> _Parts:
    if text(root, PREFIX[kind]) in SELF_BILLED:
        raise Unreadable(PREFIX[kind], "written by the buyer (self-billing): not a sale")
    lines = tuple(lines_of(root, kind))
    return _Parts(buyer(root), tuple(items_of(root, kind)), lines, _totals(root, lines))


def _totals(root: "Element", lines: tuple[Line, ...]) -> Totals:
    """The document's own; raises Unreadable where ours differ."""
    tax = f"cac:TaxTotal/cbc:TaxAmount[@currencyID='{_currency(root)}']"
    paths = {
        "net": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
        "tax": tax,
        "gross": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    }
    theirs = {
        name: number(root, path, "0" if path == tax else None) for name, path in paths.items()
    }
    ours = totals_of(lines, TaxMode.EXCLUSIVE)
    for name, path in paths.items():
        if getattr(ours, name) != theirs[name]:
            sentence = f"is {theirs[name]}, but its lines come to {getattr(ours, name)}"
            raise Unreadable(path, sentence)
    return Totals(**theirs)


def _document(root: "Element", kind: str, parts: _Parts) -> Invoice | CreditNote:
    lines, totals = parts.lines, parts.totals
    credit = kind == "CreditNote"
    if totals.gross < 0:
        credit, lines = not credit, tuple(map(opposite, lines))
        totals = totals_of(lines, TaxMode.EXCLUSIVE)
    shared = {**_shared(root), "customer": parts.contact.id, "lines": lines, "totals": totals}
    if credit:
        reference = text(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
        return CreditNote(**shared, invoice=reference or None)
    return Invoice(
        **shared,
        due_date=day(root, "cbc:DueDate"),
        buyer_reference=text(root, "cbc:BuyerReference"),
    )


def _shared(root: "Element") -> dict[str, Any]:
    issued = day(root, "cbc:IssueDate")
    if issued is None:
        raise Unreadable("cbc:IssueDate", "is missing")
    return {
        "id": need(root, "cbc:ID"),
        "number": need(root, "cbc:ID"),
        "issue_date": issued,
        "currency": _currency(root),
        "note": "\n".join(filter(None, (text(note, ".") for note in children(root, "cbc:Note")))),
        "job": _job(root),
        "purchase_order": text(root, "cac:OrderReference/cbc:ID"),
    }


def _currency(root: "Element") -> str:
    code = need(root, "cbc:DocumentCurrencyCode")
    if not re.fullmatch("[A-Z]{3}", code):
        raise Unreadable("cbc:DocumentCurrencyCode", f"{code!r} is not an ISO 4217 code")
    return code


def _job(root: "Element") -> str:
    if project := text(root, "cac:ProjectReference/cbc:ID"):
        return project
    references = children(root, "cac:AdditionalDocumentReference")
    of_project = (r for r in references if text(r, "cbc:DocumentTypeCode") == "50")
    return next((text(reference, "cbc:ID") for reference in of_project), "")
