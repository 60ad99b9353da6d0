"""What hangs on documents: printed forms, e-mails and attachments."""

from services.sandbox.providers.myob.books import new_id
from services.sandbox.providers.myob.call import Answer, Call
from services.sandbox.providers.myob.errors import Refused, Wire, missing, required, unreadable
from services.sandbox.providers.myob.fields import Row

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def pdf(_: Call, __: Row) -> Answer:
    """The printed form; the template is not looked at."""
    return Answer(content=PDF, content_type="application/pdf")


def email(call: Call, row: Row) -> Answer:
    """POST …/Email: somebody is written to."""
    wire = call.body()
    to = wire.get("To")
    if not isinstance(to, list) or not to:
        raise Refused(400, required("To"))
    for one in to:
        if not isinstance(one, dict) or not one.get("Email"):
            raise Refused(400, required("To/Email"))
    call.books.emails.append({"document": row["UID"], **wire})
    return Answer()


def attached(call: Call, row: Row) -> Answer:
    """GET …/Attachment."""
    return Answer({"Attachments": [_shown(one) for one in _of(call, row)]})


def attach(call: Call, row: Row) -> Answer:
    """POST …/Attachment; the names of the fields are UNCONFIRMED."""
    sent = call.body().get("Attachments")
    if not isinstance(sent, list) or not sent:
        raise Refused(400, required("Attachments"))
    made: list[Row] = []
    for one in sent:
        if not isinstance(one, dict) or not isinstance(one.get("FileBase64Content"), str):
            raise unreadable("Attachments/FileBase64Content")
        name = str(one.get("OriginalFileName") or "")
        made.append({"UID": new_id(), "OriginalFileName": name, "Size": len(one)})
    call.books.attachments.setdefault(row["UID"], []).extend(made)
    return Answer({"Attachments": [_shown(one) for one in made]}, 201)


def detach(call: Call, row: Row, uid: str) -> Answer:
    """DELETE …/Attachment/{UID}."""
    kept = [one for one in _of(call, row) if one["UID"] != uid]
    if len(kept) == len(_of(call, row)):
        raise missing()
    call.books.attachments[row["UID"]] = kept
    return Answer()


def _of(call: Call, row: Row) -> list[Row]:
    return call.books.attachments.get(row["UID"], [])


def _shown(one: Row) -> Wire:
    return {"UID": one["UID"], "OriginalFileName": one["OriginalFileName"]}
