"""What of a file cannot be published: where it stands, which field, and why."""

from dataclasses import dataclass

from pydantic import ValidationError

from contracts.messages import Message
from libs.messaging.deadletters import explain


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


def refused_by_contract(where: str, error: ValidationError) -> Refused:
    """The first complaint of the contract, and how many more there are."""
    path, _, sentence = explain(error)[0].partition(": ")
    return Refused(where, path, sentence)


Imported = Message | Refused


class UnknownFormat(Exception):
    """The file as a whole cannot be read; the message is a sentence for a person."""
