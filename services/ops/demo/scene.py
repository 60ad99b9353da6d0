"""Everything a part of the story works with, and what it adds to the outcome."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from contracts.messages import Connection
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.service.ports import CONNECTOR_PORT
from services.ops.demo.ledger import Ledger
from services.ops.demo.listening import Heard, Listener, Match
from services.ops.demo.product import Product
from services.ops.demo.screen import Screen
from services.ops.local import OperatorSettings
from services.ops.remote import call, connector_status

PROVIDER = "xero"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a machine is told, and what is not as it should be."""

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scene:
    """The connected tenant: product, ledger, topics and connector."""

    settings: OperatorSettings
    screen: Screen
    ledger: Ledger
    product: Product
    listener: Listener
    connection: Connection
    outcome: Outcome

    async def status(self) -> dict[str, Any]:
        """What the connector says of the connection; LookupError before it has heard of it."""
        found = await asyncio.to_thread(
            connector_status, self.settings, PROVIDER, self.connection.tenant
        )
        known = {one["id"]: dict(one) for one in found}
        return known[self.connection.id]

    async def is_at_rest(self) -> bool:
        """Whether the connector has worked on all that it has taken in."""
        return not (await self.status())["waiting"]

    async def record(self, kind: EntityType, entity: str) -> dict[str, Any]:
        """What the connector knows of one record."""
        base = self.settings.connectors.get(PROVIDER, f"http://127.0.0.1:{CONNECTOR_PORT}")
        path = f"/internal/connections/{self.connection.id}/records/{kind.value}/{entity}"
        answer = await asyncio.to_thread(call, self.settings, "GET", base + path, "connectors")
        return dict(answer)

    def lane(self, kind: EntityType, entity: str) -> str:
        """The key of what the connector tells of one entity."""
        return lane_key(self.connection.id, kind, entity)

    def problem(self, sentence: str) -> None:
        """Say that something is not as it should be; the demo goes on and ends non-zero."""
        self.outcome.problems.append(sentence)
        self.screen.bad(sentence)


def told(key: str, *events: str) -> Match:
    """What of these was told under a key."""

    def match(heard: Heard) -> bool:
        return heard.key == key and heard.event in events

    return match
