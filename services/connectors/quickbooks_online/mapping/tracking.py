"""Locations and dimensions as the vendor's classes and locations (dossier section 5).

The mapping `tracking` says what a word of ours is there: a location's id, or `dimension/option`. It
is a class (of a line; of the document, where the company keeps them so) or a location, which only a
document has. What is mapped to nothing comes back as a choice in the vendor's own ids.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from contracts.entities import Document, Line, TrackingChoice
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, ref, ref_of

CLASS, DEPARTMENT = "Class", "Department"
FIELDS = ("DepartmentRef", "ClassRef")
"""Of documents."""
PER_DOCUMENT = "class-per-document"


@dataclass(frozen=True, slots=True)
class Option:
    """A class or location of the company; its id has its resource in front."""

    dimension: str
    id: str
    name: str

    @property
    def plain(self) -> str:
        """The vendor's own id."""
        return self.id.rpartition("/")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """All that a person or we may call it."""
        return self.id, f"{self.dimension}/{self.name}", self.name, self.plain


@dataclass(frozen=True, slots=True)
class Placed:
    """What a line's class is in our words, as far as it is mapped."""

    location: str | None = None
    choices: tuple[TrackingChoice, ...] = ()


def header(document: Document, context: Context) -> Element:
    """The location of a document, and its class where documents have one.

    Raises Held, with what mends it, where a word is mapped to nothing or there are several.
    """
    places = _places(document, context)
    found: Element = {"DepartmentRef": ref(_one(DEPARTMENT, places, context))}
    if PER_DOCUMENT in context.company.features:
        found["ClassRef"] = ref(_one(CLASS, places, context))
    return found


def classed(elements: Sequence[Element], document: Document, context: Context) -> list[Element]:
    """The lines with the class of each, where lines have one."""
    if PER_DOCUMENT in context.company.features:
        return list(elements)
    classes = [place.get(CLASS) for place in _places(document, context)]
    return [
        _with(element, {"ClassRef": ref(one.plain)}) if one else element
        for element, one in zip(elements, classes, strict=True)
    ]


def of_line(detail: Raw, raw: Raw, context: Context) -> Placed:
    """The class of a line, else that of its document."""
    identity = ref_of(detail, "ClassRef") or ref_of(raw, "ClassRef")
    if not identity:
        return Placed()
    word = _word(CLASS, identity, context)
    dimension, _, choice = word.rpartition("/")
    if dimension:
        return Placed(choices=(TrackingChoice(tracking=dimension, option=choice),))
    return Placed(location=word)


def location_of(raw: Raw, context: Context) -> str | None:
    """Our word for a document's location, else the vendor's id."""
    identity = ref_of(raw, "DepartmentRef")
    return _word(DEPARTMENT, identity, context) if identity else None


def option_id(dimension: str, identity: str) -> str:
    """How an option is named: classes and locations have ids of their own."""
    return f"{dimension}/{identity}"


def _places(document: Document, context: Context) -> list[Mapping[str, Option]]:
    """Dimension -> option of each line; a company without either has none."""
    if not context.company.trackings:
        return [{} for _ in document.lines]
    default = _option([document.location], context) if document.location else None
    return [_of(line, default, context) for line in document.lines]


def _of(line: Line, default: Option | None, context: Context) -> Mapping[str, Option]:
    """What is said of the line itself goes before the location of its document."""
    words = [[line.location]] if line.location else []
    words += [[f"{one.tracking}/{one.option}", one.option] for one in line.tracking]
    options = [_option(names, context) for names in words]
    found = {option.dimension: option for option in options}
    if len(found) < len(options):
        raise _several(f"Line {line.id} has", options)
    return {default.dimension: default, **found} if default else found


def _option(words: Sequence[str], context: Context) -> Option:
    """As a person has chosen, else by its own id or name."""
    held: list[Held] = []
    for word in words:
        try:
            chosen = context.mappings.external("tracking", word)
        except Held as error:
            if error.reason != "unmapped":
                raise
            held.append(error)
            chosen = word
        named = [one for one in _options(context) if chosen in one.names]
        if len(named) == 1:
            return named[0]
    raise held[0] if held else _unknown(words[0], chosen, context)


def _options(context: Context) -> Iterator[Option]:
    for dimension in context.company.trackings:
        for identity, name in dimension.options.items():
            yield Option(dimension.id, identity, name)


def _one(dimension: str, places: Iterable[Mapping[str, Option]], context: Context) -> str | None:
    """What a document has only one of."""
    found = {place[dimension].id: place[dimension] for place in places if dimension in place}
    if len(found) > 1:
        what = f"{context.company.name} has one {dimension} for a document, which has"
        raise _several(what, [*found.values()])
    return next((option.plain for option in found.values()), None)


def _word(dimension: str, identity: str, context: Context) -> str:
    own = option_id(dimension, identity)
    known = next((one for one in _options(context) if one.id == own), Option(dimension, own, ""))
    words = (context.mappings.local("tracking", name) for name in known.names if name)
    return next((word for word in words if word), own)


def _with(element: Element, more: Element) -> Element:
    name = str(element["DetailType"])
    return {**element, name: {**element[name], **more}}


def _several(what: str, options: Sequence[Option]) -> Held:
    named = ", ".join(f"{one.dimension} {one.name}" for one in options)
    return Held(
        f"{what} several: {named}.",
        reason="tracking",
        action="Choose one for all with ledgerbridge map tracking, or leave the others out.",
    )


def _unknown(word: str, chosen: str, context: Context) -> Held:
    return Held(
        f"The tracking {word!r} is mapped to {chosen!r}; {context.company.name} has no such class "
        "or location.",
        reason="unmapped",
        action=f"Restore it in QuickBooks, or: ledgerbridge map tracking {word!r} <option>",
    )
