"""This side: the reference product's books, over its own HTTP API."""

from dataclasses import dataclass
from typing import Any

import httpx

from contracts.entities import Entity
from contracts.values import EntityType
from libs.devstack.process import DevstackError

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Product:
    """One tenant's books; every call raises DevstackError."""

    http: httpx.AsyncClient
    url: str
    tenant: str

    async def sums(self) -> list[dict[str, Any]]:
        """Count, net, tax, gross and balance per type."""
        return list((await self._asked("GET", "/summary"))["sums"])

    async def entities(self, kind: EntityType) -> list[dict[str, Any]]:
        """Every entity of one type."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["id"] if found else ""
            params = {"type": kind.value, "after": after, "limit": PAGE}
            page = (await self._asked("GET", "/entities", params))["entities"]
            found += [one["entity"] for one in page]
            if len(page) < PAGE:
                return found

    async def save(self, entity: Entity) -> None:
        """A user of the product saves an entity."""
        body = {"tenant": self.tenant, "entity": entity.model_dump(mode="json")}
        await self._asked("POST", "/entities", json=body)

    async def _asked(
        self, method: str, path: str, params: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        query = {"tenant": self.tenant, **(params or {})}
        try:
            answer = await self.http.request(method, self.url + path, params=query, **more)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise DevstackError(f"The reference product does not help: {error}") from None
        return answer.json()
