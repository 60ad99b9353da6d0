"""Which handler answers which path below the company."""

from dataclasses import dataclass
from typing import Any

from services.sandbox.providers.quickbooks_online import (
    attachments,
    batch,
    cdc,
    operations,
    select,
    taxes,
    xmlform,
)
from services.sandbox.providers.quickbooks_online.call import Call, Kind, decoded, object_of
from services.sandbox.providers.quickbooks_online.errors import (
    Invalid,
    Wire,
    required,
    unsupported,
)
from services.sandbox.providers.quickbooks_online.kinds import BY_PATH, KINDS
from services.sandbox.providers.quickbooks_online.limits import Limits
from services.sandbox.providers.quickbooks_online.rendering import shown


@dataclass(frozen=True, slots=True)
class Ask:
    """A request below the company: the path's parts, query and body."""

    method: str
    parts: tuple[str, ...]
    query: dict[str, str]
    body: bytes
    content_type: str
    stop_after: int | None = None

    @property
    def head(self) -> str:
        """The first part of the path, lower-case."""
        return self.parts[0].lower() if self.parts else ""

    @property
    def writes(self) -> bool:
        """May it change anything?"""
        return self.method == "POST" and self.head != "query"

    def wire(self) -> Any:
        """The body as JSON or XML; raises Invalid."""
        if "xml" in self.content_type:
            return xmlform.read(self.body)[1]
        return decoded(self.body)


@dataclass(slots=True)
class Answered:
    """What a handler answers: an object to be framed, one that is not, or raw content."""

    body: Wire
    bare: bool = False
    content: bytes = b""
    media: str = ""
    elements: int | None = None


def dispatch(call: Call, ask: Ask, limits: Limits) -> Answered:
    """Raises Invalid."""
    special = SPECIAL.get((ask.method, ask.head))
    if special is not None:
        return special(call, ask)
    kind = BY_PATH.get(ask.head)
    if kind is None:
        detail = f"No resource {'/'.join(ask.parts)}"
        raise Invalid("500", "Unsupported Operation", detail, status=404)
    include = frozenset(ask.query.get("include", "").lower().split(","))
    call.include = include
    if ask.method == "GET" and len(ask.parts) <= 3:
        return _got(call, kind, ask)
    if ask.method == "POST" and len(ask.parts) == 3 and ask.parts[2].lower() == "send":
        send_to = ask.query.get("sendTo")
        return Answered(operations.mailed(call, kind, ask.parts[1], send_to, limits), elements=1)
    if ask.method != "POST" or len(ask.parts) != 1:
        raise unsupported(f"{ask.method} {'/'.join(ask.parts)}")
    if ask.stop_after == 0:
        return Answered({}, elements=0)
    wire = object_of(ask.wire(), kind.name)
    operation = ask.query.get("operation", "").lower()
    return Answered(operations.performed(call, kind, operation, wire), elements=1)


def _got(call: Call, kind: Kind, ask: Ask) -> Answered:
    if len(ask.parts) == 3:
        if ask.parts[2].lower() != "pdf":
            raise unsupported("/".join(ask.parts))
        content = operations.pdf(call, kind, ask.parts[1])
        return Answered({}, content=content, media="application/pdf")
    if len(ask.parts) == 1 and kind.name != "Preferences":
        raise unsupported("/".join(ask.parts))
    return Answered(operations.one(call, kind, ask.parts[-1]))


def _query(call: Call, ask: Ask) -> Answered:
    text = ask.query.get("query", "")
    if ask.method == "POST" and not text:
        try:
            text = ask.body.decode()
        except UnicodeDecodeError:
            detail = "Invalid UTF-8 bytes"
            raise Invalid("500", "Unsupported Operation", detail, status=500) from None
    if not text.strip():
        raise required("query")
    return Answered({"QueryResponse": select.answer(call, text)})


def _cdc(call: Call, ask: Ask) -> Answered:
    return Answered(
        cdc.answer(call, ask.query.get("entities", ""), ask.query.get("changedSince", ""))
    )


def _batch(call: Call, ask: Ask) -> Answered:
    items = batch.items_of(call, ask.wire(), with_requestid="requestid" in ask.query)
    return Answered(batch.answer(call, items[: ask.stop_after]), elements=len(items))


def _tax_service(call: Call, ask: Ask) -> Answered:
    if [part.lower() for part in ask.parts] != ["taxservice", "taxcode"]:
        raise unsupported("/".join(ask.parts))
    return Answered(taxes.serve(call, object_of(ask.wire(), "TaxCode")), bare=True, elements=1)


def _upload(call: Call, ask: Ask) -> Answered:
    rows = attachments.upload(call, ask.content_type, ask.body)
    made = [{"Attachable": shown(call.books, KINDS["Attachable"], row)} for row in rows]
    return Answered({"AttachableResponse": made}, elements=len(made))


SPECIAL = {
    ("GET", "query"): _query,
    ("POST", "query"): _query,
    ("GET", "cdc"): _cdc,
    ("POST", "batch"): _batch,
    ("POST", "taxservice"): _tax_service,
    ("POST", "upload"): _upload,
}
