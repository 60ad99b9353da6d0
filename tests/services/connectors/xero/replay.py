"""A session that replays golden answers and notes what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from libs.connector import wire
from libs.connector.interface import Answer


@dataclass(slots=True)
class Replay:
    """Answers in turn, the last one for ever; implements `interface.Session`."""

    answers: Sequence[Any]
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    company: str = "company"

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self.asked.append((path, dict(params or {}), dict(headers or {})))
        body = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(body, int):
            return Answer(body, {}, b"")
        return Answer(200, {}, wire.encode(body))
