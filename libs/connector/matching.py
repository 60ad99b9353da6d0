"""Which customer or product of ours is which of the ledger's, by what they are known by. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.entities import Contact, Entity, Item

DECISIVE = ("tax_number", "code")
"""Two that differ in one of these are two, whatever else is the same."""

Words = Mapping[str, str]
"""What somebody or something can be known by: tax number, e-mail, name, code; none is empty."""


@dataclass(frozen=True, slots=True)
class Known:
    """One of either side."""

    id: str
    words: Words

    def __str__(self) -> str:
        said = ", ".join(self.words[w] for w in sorted(self.words, reverse=True))
        return f"{self.id} ({said})"


@dataclass(slots=True)
class Matched:
    """What came of it; ids of ours, and of the ledger's."""

    pairs: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, tuple[Known, ...]] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    only_there: list[str] = field(default_factory=list)


def words_of(entity: Entity) -> Words:
    """What the entity can be known by; spelling and case do not count."""
    found: dict[str, str] = {}
    if isinstance(entity, Contact):
        plain = "".join(c for c in entity.tax_number.upper() if c.isalnum())
        found = {"tax_number": plain, "email": entity.email.strip().lower()}
        found["name"] = _spelled(entity.name)
    elif isinstance(entity, Item):
        found = {"code": _spelled(entity.code), "name": _spelled(entity.name)}
    return {word: value for word, value in found.items() if value}


def read(stored: Mapping[str, Any]) -> Words:
    """Words as they were kept."""
    return {str(word): str(value) for word, value in stored.items()}


def match(ours: Sequence[Known], theirs: Sequence[Known]) -> Matched:
    """An exact and only match is a pair; what could be several is unclear, and never guessed."""
    result = Matched()
    there = _index(theirs)
    claims: dict[str, list[str]] = {}
    for one in ours:
        found = _best(one, _candidates(one, there))
        if not found:
            result.new.append(one.id)
        elif len(found) > 1 or _differ(one, found[0]):
            result.unclear[one.id] = tuple(found)
        else:
            result.pairs[one.id] = found[0].id
        for other in found:
            claims.setdefault(other.id, []).append(one.id)
    _settle_rivals(result, claims, {one.id: one for one in theirs})
    result.only_there = [one.id for one in theirs if one.id not in claims]
    return result


def _settle_rivals(
    result: Matched, claims: Mapping[str, Sequence[str]], theirs: Mapping[str, Known]
) -> None:
    """Several of ours that may be the same one there: none of them is bound by itself."""
    for there, rivals in claims.items():
        if len(rivals) > 1:
            for rival in rivals:
                if result.pairs.pop(rival, None):
                    result.unclear[rival] = (theirs[there],)


def _index(theirs: Iterable[Known]) -> dict[tuple[str, str], list[Known]]:
    found: dict[tuple[str, str], list[Known]] = {}
    for one in theirs:
        for pair in one.words.items():
            found.setdefault(pair, []).append(one)
    return found


def _candidates(one: Known, there: Mapping[tuple[str, str], list[Known]]) -> list[Known]:
    found = {k.id: k for pair in one.words.items() for k in there.get(pair, ())}
    # Products of one name are many; two with codes of their own are told apart by them.
    return [k for k in found.values() if not ("code" in k.words and _differ(one, k))]


def _best(one: Known, found: Sequence[Known]) -> list[Known]:
    """Those that have the most in common with it."""
    shared = {k.id: len(one.words.items() & k.words.items()) for k in found}
    most = max(shared.values(), default=0)
    return [k for k in found if shared[k.id] == most]


def _differ(one: Known, other: Known) -> bool:
    both = one.words.keys() & other.words.keys() & set(DECISIVE)
    return any(one.words[word] != other.words[word] for word in both)


def _spelled(text: str) -> str:
    return " ".join(text.split()).casefold()
