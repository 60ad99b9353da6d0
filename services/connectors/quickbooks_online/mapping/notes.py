"""The private note of an object: our marker, the job, what has no field of its own, free text.

One line each, for people to read and to write: `Job: Kitchen`, `[colour] red`, free text, and the
marker last. A side record carries the marker of its main record with other letters in front, so
that neither is taken for the other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.connectors.quickbooks_online.mapping.wire import Raw, one_line

PRIVATE_NOTE, NOTES = 4000, 1000
"""Lengths; `Notes` of customers and vendors: 2000 by the dossier, 1024 by the XSD."""
MARKER = re.compile(r"\b(l[bs]-[a-z2-7]{16})\b", re.IGNORECASE)
MARKER_LENGTH = 19
LABELS = (
    "Job",
    "Number",
    "Reference",
    "Order",
    "Orders",
    "Buyer reference",
    "Corrects",
    "Refunds",
    "Tax number",
    "Tax rate",
    "Company number",
    "Link",
)
VOIDED = "Voided"
_LABELLED = re.compile(rf"({'|'.join(LABELS)}): (.+)")
_ATTRIBUTE = re.compile(r"\[([^\]]+)\] (.+)")
_LEAST = 20
"""Of a line that does not fit whole, less than this is left out."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a note says; `marker` is "" for none, `side` that of a side record."""

    labels: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    free: str = ""
    marker: str = ""
    side: str = ""


def side_of(marker: str) -> str:
    """The marker of a side record."""
    return "ls" + marker[2:] if marker else ""


def written(noted: Noted, length: int = PRIVATE_NOTE) -> str:
    """The note; what does not fit is cut, never the marker.

    The room left for the marker is the same whether there is one or not, so that what we expect
    to be shown is what is sent.
    """
    lines = [*_lines(noted)]
    kept: list[str] = []
    room = length - MARKER_LENGTH - 1
    for line in lines:
        cut = line[: max(room, 0)].strip()
        if len(cut) < min(len(line), _LEAST):
            break
        kept.append(cut)
        room -= len(cut) + 1
    marker = noted.marker or noted.side
    return "\n".join([*kept, *([marker] if marker else [])])


def parsed(said: object) -> Noted:
    """What a note says, wherever a bookkeeper has moved its lines."""
    labels: dict[str, str] = {}
    attributes: dict[str, str] = {}
    free: list[str] = []
    text = str(said or "")
    for line in (one_line(MARKER.sub(" ", raw)) for raw in text.split("\n")):
        if found := _LABELLED.fullmatch(line):
            labels.setdefault(found[1], found[2])
        elif found := _ATTRIBUTE.fullmatch(line):
            attributes.setdefault(found[1][:255].strip(), found[2])
        elif line:
            free.append(line)
    markers = [marker.lower() for marker in MARKER.findall(text)]
    ours = [marker for marker in markers if marker.startswith("lb")]
    sides = [marker for marker in markers if marker.startswith("ls")]
    return Noted(
        labels,
        attributes,
        "\n".join(free),
        ours[-1] if ours else "",
        "lb" + sides[-1][2:] if sides else "",
    )


def marker_in(raw: Raw, field_name: str = "PrivateNote") -> str:
    """Our marker in an object's note."""
    return parsed(raw.get(field_name)).marker


def is_void(raw: Raw, *amounts: object) -> bool:
    """A voided transaction: nothing left of its amounts, and its note says so (section 4)."""
    return str(raw.get("PrivateNote") or "").strip().startswith(VOIDED) and not any(amounts)


def _lines(noted: Noted) -> Iterable[str]:
    for label in LABELS:
        if value := _plain(noted.labels.get(label, "")):
            yield f"{label}: {value}"
    for key, said in noted.attributes.items():
        word, value = _plain(key.replace("]", ")")), _plain(said)
        if word and value:
            yield f"[{word}] {value}"
    for line in noted.free.split("\n"):
        if said := _plain(line):
            yield said


def _plain(said: str) -> str:
    """One line without anything that would be read as a marker."""
    return one_line(MARKER.sub(" ", said))
