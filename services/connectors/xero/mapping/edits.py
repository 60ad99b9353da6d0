"""What a write of a document sends: all of a new one, else what has changed."""

from contracts.entities import Line
from libs.connector.errors import Held
from libs.connector.flat import join, names
from libs.connector.interface import Context, Write
from services.connectors.xero.mapping import documents, lines
from services.connectors.xero.mapping.lines import AnyDocument
from services.connectors.xero.mapping.wire import Element

HEADER = {
    "status": "Status",
    "closed": "Status",
    "issue_date": "Date",
    "due_date": "DueDate",
    "customer": "Contact",
    "supplier": "Contact",
    "delivery_date": "DeliveryDate",
    "currency": "CurrencyCode",
    "exchange_rate": "CurrencyRate",
    "tax_mode": "LineAmountTypes",
    "job": "Reference",
    "link": "Url",
}
MONEY = lines.AMOUNTS | lines.TAXES
OTHER_MODE = MONEY - {"discount_percent"}
"""What is said anew of every line when prices begin or cease to contain tax."""


def document_element(write: Write, document: AnyDocument, context: Context) -> Element:
    """What a write sends: all of a new document, of a known one what has changed."""
    header = documents.document_to_xero(document, write.marker, context)
    if not write.record:
        amounts = lines.tax_amounts(document, context)
        sent = [lines.line_to_xero(line, document, context) for line in document.lines]
        return {**header, "LineItems": lines.with_tax(sent, amounts)}
    _check_status(write, document)
    fields = {names(path)[0] for path in write.changed}
    wanted = {HEADER.get(field) for field in fields}
    wanted |= {documents.NUMBERS[document.type]} if "number" in fields else set()
    element: Element = {documents.IDS[document.type]: write.record}
    element |= {name: value for name, value in header.items() if name in wanted}
    if fields & {"lines", "tax_mode"}:
        element["LineItems"] = _changed_lines(write, document, context)
    return element


def _check_status(write: Write, document: AnyDocument) -> None:
    before = (write.before or {}).get("status")
    if "status" in write.changed and document.status == "draft" and before == "approved":
        raise Held(
            f"{document.type} {document.id} is a draft again in the product; it is approved in "
            "Xero, which takes no approval back.",
            reason="approved",
            action="Approve it in the product, or void it there and issue another.",
        )


def _changed_lines(write: Write, document: AnyDocument, context: Context) -> list[Element]:
    """The whole set: a line that stays as it is needs no more than its id, one left out goes."""
    leaves = {names(path)[-1] for path in write.changed if path.startswith("lines.")}
    other_mode = "tax_mode" in write.changed
    sent = [
        lines.changed_line(
            line,
            document,
            write.lines.get(line.id),
            _of_line(write, line) | (OTHER_MODE if other_mode else frozenset()),
            context,
        )
        for line in document.lines
    ]
    if not (leaves & MONEY or any("Quantity" in line for line in sent)):
        return sent
    # A tax that a line was told before would stay with it: now every line is told.
    return lines.with_tax(sent, lines.tax_amounts(document, context, always=True))


def _of_line(write: Write, line: Line) -> frozenset[str]:
    prefix = join("lines", line.id) + "."
    return frozenset(
        p.removeprefix(prefix).partition(".")[0] for p in write.changed if p.startswith(prefix)
    )
