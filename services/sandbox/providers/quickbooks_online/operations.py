"""What may be done to one object: the operations of a POST, e-mail and PDF."""

from urllib.parse import unquote

from services.sandbox.providers.quickbooks_online.call import Call, Kind, id_of
from services.sandbox.providers.quickbooks_online.dates import meta_time
from services.sandbox.providers.quickbooks_online.errors import (
    Wire,
    bad_email,
    business,
    not_found,
    required,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.fields import email
from services.sandbox.providers.quickbooks_online.limits import Limits
from services.sandbox.providers.quickbooks_online.rendering import shown
from services.sandbox.providers.quickbooks_online.table import Row
from services.sandbox.providers.quickbooks_online.writes import delete, save, void

MAILED = frozenset({"Invoice", "Estimate", "SalesReceipt", "CreditMemo", "PurchaseOrder"})


def performed(call: Call, kind: Kind, operation: str, wire: Wire) -> Wire:
    """Create, update, delete or void; the object under its name. Raises Invalid."""
    if operation == "delete":
        id_ = delete(call, kind, wire)["Id"]
        return {kind.name: {"status": "Deleted", "domain": "QBO", "Id": id_}}
    by_update = operation == "update" and "void" in call.include
    if operation == "void" or by_update:
        if by_update != kind.void_by_update:
            raise unsupported(f"{kind.name} is not voided this way")
        return {kind.name: shown(call.books, kind, void(call, kind, wire))}
    if operation not in {"", "create", "update"}:
        raise unsupported(f"Operation {operation} is not supported")
    if operation == "update" and id_of(wire) is None:
        raise required("Id")
    row = save(call, kind, wire)
    if operation in {"", "create"} and id_of(wire) is None:
        call.hidden.add((kind.name, row["Id"]))
    return {kind.name: shown(call.books, kind, row)}


def one(call: Call, kind: Kind, id_: str) -> Wire:
    """GET of one object; raises Invalid (610)."""
    if kind.name in {"CompanyInfo", "Preferences"}:
        id_ = "1"
    row = call.get(kind.name, id_)
    if row is None:
        raise not_found()
    wire = shown(call.books, kind, row)
    if kind.name == "Invoice" and "invoicelink" in call.include:
        wire["InvoiceLink"] = f"https://connect.intuit.com/t/sandbox-{call.books.id}-{id_}"
    return {kind.name: wire}


def mailed(call: Call, kind: Kind, id_: str, send_to: str | None, limits: Limits) -> Wire:
    """POST …/send: `sendTo` replaces BillEmail; the SyncToken moves."""
    row = _document(call, kind, id_)
    key = "POEmail" if kind.name == "PurchaseOrder" else "BillEmail"
    if send_to:
        sent = email(call, {"Address": unquote(send_to)}, key)
        row = {**row, key: sent}
    if key not in row:
        raise bad_email(key, "")
    if not limits.mailed(call.books.mails):
        raise business("The number of e-mails a day is used up.")
    delivered = {"DeliveryType": "Email", "DeliveryTime": meta_time(call.books.clock.now())}
    changed = {**row, "EmailStatus": "EmailSent", "DeliveryInfo": delivered}
    stored = call.books.save(kind.name, changed, "Emailed")
    return {kind.name: shown(call.books, kind, stored)}


def _document(call: Call, kind: Kind, id_: str) -> Row:
    if kind.name not in MAILED:
        raise unsupported(f"{kind.name} cannot be sent or printed")
    row = call.get(kind.name, id_)
    if row is None:
        raise not_found()
    return row


def pdf(call: Call, kind: Kind, id_: str) -> bytes:
    """A PDF that says which document it is."""
    row = _document(call, kind, id_)
    text = f"{kind.name} {row.get('DocNumber', row['Id'])} {row['TotalAmt']}"
    safe = "".join(c for c in text if c.isalnum() or c in " .-")
    stream = f"BT /F1 18 Tf 72 720 Td ({safe}) Tj ET"
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        f"4 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF\n"
    ).encode()
