"""Locations and dimensions of a line as Xero's tracking options (dossier section 5).

The mapping `tracking` says which option a word of ours is: a location's id, or `dimension/option`.
It names the option by its id or as `Category/Option`. What is mapped to nothing comes back as a
choice in Xero's own ids, which are taken as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.entities import Line, TrackingChoice
from libs.connector.errors import Held
from libs.connector.interface import Context
from services.connectors.xero.mapping.wire import Element, Raw

MOST = 2
"""Xero takes at most so many of a line, each of another category."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a category of the company."""

    category: str
    id: str
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """All that a person or we may call it."""
        return self.id, self.name, f"{self.category}/{self.id}"


def tracking_to(line: Line, location: str | None, context: Context) -> list[Element]:
    """The options of a line; `location` is the document's, for lines that have neither one of
    their own nor a choice in the same category. A company without categories has none.

    Raises Held, with the command that mends it, where a word is mapped to no option.
    """
    if not context.company.trackings:
        return []
    words = [*([line.location] if line.location else ()), *map(_named, line.tracking)]
    chosen = {option.category: option for option in (_option(word, context) for word in words)}
    if location and not line.location:
        default = _option(location, context)
        words += [location] if default.category not in chosen else []
        chosen = {default.category: default, **chosen}
    if len(chosen) < len(words) or len(words) > MOST:
        raise Held(
            f"Line {line.id} has {len(words)} trackings: {', '.join(words)}. Xero takes "
            f"{MOST} of a line, each of another category.",
            reason="tracking",
            action="Choose other options with ledgerbridge map tracking, or leave one out.",
        )
    return [
        {"TrackingCategoryID": option.category, "TrackingOptionID": option.id}
        for option in chosen.values()
    ]


@dataclass(frozen=True, slots=True)
class Placed:
    """What a line's trackings are in our words, as far as they are mapped."""

    location: str | None
    choices: tuple[TrackingChoice, ...]


def tracking_from(raw: Raw, context: Context) -> Placed:
    """The line's trackings; of two that are mapped to locations the last counts."""
    location, choices = None, []
    for shown in raw.get("Tracking") or ():
        option = _shown(shown, context)
        if option is None:
            continue
        word = _word(option, context)
        dimension, _, choice = word.rpartition("/")
        if dimension:
            choices.append(TrackingChoice(tracking=dimension, option=choice))
        else:
            location = word
    return Placed(location, tuple(choices))


def _named(choice: TrackingChoice) -> str:
    return f"{choice.tracking}/{choice.option}"


def _option(word: str, context: Context) -> Option:
    known = next((one for one in _options(context) if word == f"{one.category}/{one.id}"), None)
    if known:
        return known
    named = context.mappings.external("tracking", word)
    for one in _options(context):
        if named in one.names:
            return one
    raise Held(
        f"The tracking {word!r} is mapped to {named!r}; {context.company.name} has no such option.",
        reason="unmapped",
        action=f"Restore the option in Xero, or: ledgerbridge map tracking {word!r} <option>",
    )


def _options(context: Context) -> Iterator[Option]:
    for category in context.company.trackings:
        for identity, name in category.options.items():
            yield Option(category.id, identity, f"{category.name}/{name}")


def _shown(shown: Raw, context: Context) -> Option | None:
    """By its ids, else by its names: answers have one or the other, or both."""
    identity = str(shown.get("TrackingOptionID") or "")
    name = f"{shown.get('Name')}/{shown.get('Option')}"
    same = (one for one in _options(context) if identity == one.id or name == one.name)
    known = next(same, None)
    category = str(shown.get("TrackingCategoryID") or "")
    return known or (Option(category, identity, name) if category and identity else None)


def _word(option: Option, context: Context) -> str:
    words = (context.mappings.local("tracking", name) for name in option.names)
    return next((word for word in words if word), f"{option.category}/{option.id}")
