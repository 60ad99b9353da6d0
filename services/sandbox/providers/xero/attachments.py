"""Files of records, and the PDF of a document."""

from mimetypes import guess_type

from services.sandbox.providers.xero.books import new_id
from services.sandbox.providers.xero.call import Answer, Call, found
from services.sandbox.providers.xero.errors import Wire, not_found
from services.sandbox.providers.xero.table import Row

NAME = "Attachments"
ROOT = "https://api.xero.com/api.xro/2.0"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def answer(call: Call, table: str, id_: str, *rest: str) -> Answer:
    """GET lists or reads one, PUT and POST store raw bytes under a file name."""
    key = call.books.tables[table].key
    row = found(call.books.tables[table], id_)
    files = call.books.attachments.get(row[key], [])
    if call.method == "GET" and not rest:
        return Answer({NAME: [_view(one) for one in files]})
    if call.method == "GET":
        wanted = next((one for one in files if rest[0] in one.values()), None)
        if wanted is None:
            raise not_found()
        return Answer(content=wanted["_content"], content_type=wanted["MimeType"])
    if call.method not in {"PUT", "POST"} or len(rest) != 1:
        raise not_found()
    made = _file(call, f"{key.removesuffix('ID')}s/{row[key]}", rest[0])
    kept = [one for one in files if one["FileName"] != rest[0]]
    call.books.attachments[row[key]] = [*kept, made]
    return Answer({NAME: [_view(made)]})


def _file(call: Call, path: str, name: str) -> Row:
    return {
        "AttachmentID": new_id(),
        "FileName": name,
        "Url": f"{ROOT}/{path}/Attachments/{name}",
        "MimeType": guess_type(name)[0] or "application/octet-stream",
        "ContentLength": len(call.body),
        "IncludeOnline": call.flag("includeonline"),
        "_content": call.body,
    }


def _view(one: Row) -> Wire:
    return {key: value for key, value in one.items() if key != "_content"}


def pdf(call: Call, id_: str) -> Answer:
    """A placeholder of the right type."""
    if call.books.invoices.get(id_) is None and call.books.credit_notes.get(id_) is None:
        raise not_found()
    return Answer(content=PDF, content_type="application/pdf")
