"""Tracking (dossier section 5): a category for a whole document, a job and a location for a line.

The mapping `tracking` says which option a word of ours is: a location's id, or `dimension/option`.
It names the option by its id or as `Job/<name>`. What is mapped to nothing comes back as a choice
in MYOB's own ids, which are taken as they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.entities import Bill, CreditNote, Invoice, Line, PurchaseOrder, TrackingChoice
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.myob.mapping.refs import reference
from services.connectors.myob.mapping.wire import Element, Raw, linked

CATEGORY, JOB, LOCATION = "category", "job", "location"
FIELDS = {CATEGORY: "Category", JOB: "Job", LOCATION: "Location"}
REQUIRED = "category-required"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of one of MYOB's three dimensions."""

    dimension: str
    id: str
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that a person or we may call it."""
        field = FIELDS[self.dimension]
        return self.id, f"{field}/{self.name}", f"{self.dimension}/{self.id}", self.name


@dataclass(frozen=True, slots=True)
class Placed:
    """What an option is in our words: a location, or a choice."""

    location: str | None = None
    choice: TrackingChoice | None = None


def category_to_myob(
    document: Invoice | CreditNote | PurchaseOrder | Bill, context: Context
) -> Element | None:
    """The category of a document, wherever in it the word stands.

    Raises Held for several, or for none where MYOB asks for one.
    """
    words = [document.location, *(word for line in document.lines for word in _words(line))]
    found = _options(words, CATEGORY, context)
    if not found and REQUIRED in context.company.features:
        raise Held(
            f"{context.company.name} asks for a category with every transaction.",
            reason="tracking",
            action="Give the document a location, and choose its category: ledgerbridge map "
            "tracking <location> <category>.",
        )
    return _only(found, document.id)


def line_to_myob(line: Line, location: str | None, layout: str, context: Context) -> Element:
    """The job and location of a line, None where it has none; `location` is the document's."""
    words = [*_words(line), *(() if line.location else (location,))]
    element: Element = {"Job": _only(_options(words, JOB, context), line.id)}
    if layout == "Item":
        element["Location"] = _only(_options(words, LOCATION, context), line.id)
    return element


def placed(raw: Raw, dimension: str, context: Context) -> Placed:
    """What a document or line names of a dimension."""
    uid = linked(raw, FIELDS[dimension])
    if not uid:
        return Placed()
    known = (one for one in _known(context) if (one.dimension, one.id) == (dimension, uid))
    option = next(known, Option(dimension, uid))
    words = (context.mappings.local("tracking", name) for name in option.names)
    word = next((word for word in words if word), f"{dimension}/{uid}")
    above, _, choice = word.rpartition("/")
    if not above:
        return Placed(location=word)
    return Placed(choice=TrackingChoice(tracking=above, option=choice))


def _words(line: Line) -> list[str]:
    here = [line.location] if line.location else []
    return here + [f"{choice.tracking}/{choice.option}" for choice in line.tracking]


def _options(words: Iterable[str | None], dimension: str, context: Context) -> list[Option]:
    found = {_option(word, context) for word in words if word}
    return sorted(
        (one for one in found if one and one.dimension == dimension), key=lambda one: one.id
    )


def _only(found: list[Option], whose: str) -> Element | None:
    if len(found) > 1:
        names = ", ".join(one.name or one.id for one in found)
        raise Held(
            f"{whose} has several of what MYOB takes one: {names}.",
            reason="tracking",
            action="Choose other options with ledgerbridge map tracking, or leave one out.",
        )
    return reference(found[0].id) if found else None


def _option(word: str, context: Context) -> Option | None:
    """Raises Held where a word is mapped to no option; a company without any has no use for it."""
    known = list(_known(context))
    own = next((one for one in known if word == f"{one.dimension}/{one.id}"), None)
    if own or not known:
        return own
    named = context.mappings.external("tracking", word)
    for one in known:
        if named in one.names:
            return one
    raise Held(
        f"The tracking {word!r} is mapped to {named!r}; {context.company.name} has no such option.",
        reason="unmapped",
        action=f"Restore the option in MYOB, or: ledgerbridge map tracking {word!r} <option>",
    )


def _known(context: Context) -> Iterator[Option]:
    for one in context.company.trackings:
        for identity, name in one.options.items():
            yield Option(one.id, identity, name)
