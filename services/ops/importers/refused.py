"""What of a file cannot be published: where it stands, which field, and why."""

from dataclasses import dataclass

from pydantic import ValidationError

from contracts.messages import Message

UNIONS = frozenset({"entity", "before", "after"})
"""Fields of several types: pydantic names the type chosen after them, a reader does not."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One record of a file that is left out; the others go on."""

    where: str
    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.field}: {self.sentence}" if self.field else self._short()

    def _short(self) -> str:
        return f"{self.where}: {self.sentence}"


Imported = Message | Refused


class UnknownFormat(Exception):
    """The file as a whole cannot be read; the message is a sentence for a person."""


def refused_by_contract(where: str, error: ValidationError) -> Refused:
    """The first complaint of the contract, and how many more there are."""
    first, *rest = error.errors(include_url=False, include_context=False)
    sentence = str(first["msg"]).removeprefix("Value error, ")
    more = f" (and {len(rest)} more)" if rest else ""
    return Refused(where, _path(first["loc"]), sentence + more)


def _path(location: tuple[int | str, ...]) -> str:
    kept = [
        str(part)
        for before, part in zip((None, *location), location, strict=False)
        if before not in UNIONS
    ]
    return ".".join(kept)
