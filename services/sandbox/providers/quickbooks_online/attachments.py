"""Attachments: notes by JSON, files by multipart upload."""

import re
from email import message_from_bytes
from email.message import Message

from services.sandbox.providers.quickbooks_online.call import Call, Kind, decoded
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    invalid_reference,
    required,
)
from services.sandbox.providers.quickbooks_online.fields import Spec, id_in, read, text
from services.sandbox.providers.quickbooks_online.table import Row

LARGEST = 100 * 1024 * 1024
SPEC: Spec = {"FileName": text(1000), "Note": text(2000), "Category": text(100)}


def build(call: Call, wire: Wire, before: Row | None) -> Row:
    """What is attached to which objects."""
    row = read(call, SPEC, wire, before)
    if before is not None:
        kept = ("FileAccessUri", "TempDownloadUri", "Size", "ContentType", "AttachableRef")
        row |= {key: before[key] for key in kept if key in before}
    if "AttachableRef" in wire:
        row["AttachableRef"] = [_attached(call, one) for one in wire["AttachableRef"] or []]
    if "Note" not in row and "FileName" not in row:
        raise required("Note")
    return row


def _attached(call: Call, wire: Wire) -> Wire:
    entity = (wire.get("EntityRef") or {}).get("type")
    id_ = id_in(wire.get("EntityRef"))
    if entity not in call.books.tables or call.get(str(entity), id_) is None:
        raise invalid_reference("AttachableRef.EntityRef")
    sent = str(wire.get("IncludeOnSend", "")).lower() == "true"
    return {"EntityRef": {"type": entity, "value": id_}, "IncludeOnSend": sent}


def upload(call: Call, content_type: str, body: bytes) -> list[Row]:
    """`file_metadata_NN` and `file_content_NN` in pairs; raises Invalid (6030) when too large."""
    if len(body) > LARGEST:
        raise Invalid("6030", "Attachment too large", "The attachment is larger than 100 MB.")
    metadata: dict[str, bytes] = {}
    files: dict[str, tuple[Message, bytes]] = {}
    for name, head, content in _parts(content_type, body):
        number = name.rpartition("_")[2]
        if name.startswith("file_metadata"):
            metadata[number] = content
        elif name.startswith("file_content"):
            files[number] = (head, content)
    if not files:
        raise required("file_content_01")
    return [_stored(call, metadata.get(number), *file) for number, file in files.items()]


def _stored(call: Call, metadata: bytes | None, head: Message, content: bytes) -> Row:
    wire = decoded(metadata) if metadata else {}
    wire.setdefault("FileName", head.get_param("filename", header="content-disposition") or "file")
    row = build(call, wire, None)
    row |= {"ContentType": head.get_content_type(), "Size": len(content)}
    stored = call.books.save("Attachable", row)
    uri = f"/v3/company/{call.books.id}/download/{stored['Id']}"
    return call.books.keep("Attachable", {**stored, "FileAccessUri": uri, "TempDownloadUri": uri})


def _parts(content_type: str, body: bytes) -> list[tuple[str, Message, bytes]]:
    """The parts of a multipart body; bare line feeds are taken, as one client sends them."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    if found is None:
        raise Invalid("500", "Unsupported Operation", "No multipart boundary")
    parts = []
    for piece in body.split(b"--" + found[1].encode())[1:]:
        head, _, content = piece.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
        message = message_from_bytes(head + b"\n\n")
        name = message.get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts.append((name, message, content.strip(b"\n")))
    return parts


KINDS = (Kind("Attachable", {"Id": "text", "FileName": "text"}, build, deletable=True),)
