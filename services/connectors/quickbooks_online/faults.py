"""The vendor's faults in all their forms: upper and lower case JSON, XML, even with HTTP 200."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from libs.connector.errors import Unavailable
from libs.connector.interface import Answer

_CODE = re.compile(r"errorCode=0*(\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal; `code` without leading zeros, "" where there is none."""

    code: str
    message: str
    detail: str
    status: int = 200

    @property
    def said(self) -> str:
        """What the vendor says, once."""
        same = not self.message or self.detail.startswith(self.message)
        return self.detail if self.detail and same else f"{self.message}: {self.detail}".strip(": ")


def fault_of(answer: Answer) -> Fault | None:
    """The fault of a whole answer; one without a body that tells is known by its status."""
    found = _in_json(answer) or _in_xml(answer.body)
    if found is not None:
        return Fault(found.code, found.message, found.detail, answer.status)
    if answer.status // 100 == 2:
        return None
    return Fault("", f"status {answer.status}", "", answer.status)


def fault_in(said: Mapping[str, Any]) -> Fault | None:
    """The fault of a JSON object, say of one item of a batch."""
    fault = said.get("Fault") or said.get("fault")
    if not isinstance(fault, Mapping):
        return None
    errors: Sequence[Mapping[str, Any]] = fault.get("Error") or fault.get("error") or ({},)
    return _joined([_named(error) for error in errors])


def _in_json(answer: Answer) -> Fault | None:
    try:
        body = answer.json()
    except Unavailable:
        return None
    return fault_in(body) if isinstance(body, Mapping) else None


def _in_xml(body: bytes) -> Fault | None:
    if not body.lstrip().startswith(b"<"):
        return None
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    errors = [node for node in root.iter() if _tag(node) == "Error"]
    return _joined([_named({**node.attrib, **_texts(node)}) for node in errors])


def _tag(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _texts(node: Element) -> dict[str, str]:
    return {_tag(child): child.text or "" for child in node}


def _named(error: Mapping[str, Any]) -> Fault:
    lower = {str(key).lower(): value for key, value in error.items()}
    message, detail = str(lower.get("message") or ""), str(lower.get("detail") or "")
    code = str(lower.get("code") or "").lstrip("0")
    told = _CODE.search(message)
    return Fault(code or (told[1] if told else ""), message, detail)


def _joined(faults: Sequence[Fault]) -> Fault | None:
    """The first decides; what the others say is said, too."""
    if not faults:
        return None
    first = faults[0]
    details = [fault.said for fault in faults[1:]]
    return Fault(first.code, first.message, " ".join([first.detail, *details]).strip())
