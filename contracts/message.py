"""What every message is, and what several of them name."""

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.values import LocalId, Model


class Message(Model):
    """Anything that travels as the data of a CloudEvent."""

    EVENT: ClassVar[str]


Origin = Annotated[
    LocalId | None,
    Field(
        description="The local id a connector gave to a record first seen in the ledger, where the "
        "product keeps it under an id of its own; named in every put of it."
    ),
]
