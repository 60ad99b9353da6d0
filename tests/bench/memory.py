"""Resident memory of connector, auth and gateway after 10,000 events each."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import psutil

from libs.devstack.service import ServiceProcess
from libs.service.tokens import TokenSigner, parse_service_key
from libs.testing.builders import contact
from tests.bench.back import signed
from tests.bench.figures import Figure
from tests.bench.stack import CONNECTOR, PROVIDER, Bench, BenchFailed
from tests.bench.tap import SETTLED
from tests.flows.world import World

PART = "resident memory after {events:,} events"
TENANTS = 10
"""Full bulk calls of 10 companies stay within each one's limits."""
GOAL = 130.0
AT_ONCE = 8
LIMIT = 900.0
Act = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Load:
    """How many events each service is given, and what the figures are called."""

    bench: Bench
    worlds: list[World]
    events: int

    async def connector(self) -> None:
        """Contacts put, filed, written to the ledger, and their echoes read."""
        each = self.events // len(self.worlds)
        puts = [
            (w, contact(f"m{n}", email=f"m{n}@example.com"))
            for n in range(each)
            for w in self.worlds
        ]
        for start in range(0, len(puts), 200):
            self.bench.told("puts for the connector", start, len(puts))
            await asyncio.gather(*(world.put(one) for world, one in puts[start : start + 200]))
        give_up = time.monotonic() + LIMIT
        while (done := self._settled()) < len(puts):
            self.bench.told("puts in the ledger", done, len(puts))
            if time.monotonic() > give_up:
                raise BenchFailed(f"{done} of {len(puts)} puts have settled.")
            await asyncio.sleep(0.5)

    def _settled(self) -> int:
        return sum(self.bench.tap.count(SETTLED, world.connection) for world in self.worlds)

    async def auth(self) -> None:
        """Requests of an access token, as a connector makes them."""
        key = parse_service_key(self.bench.stack.keys["SERVICE_KEY"])
        signer = TokenSigner(CONNECTOR, key, PROVIDER)
        url = f"{self.bench.stack.url('auth')}/internal/token"

        async def ask(number: int) -> None:
            body = {"connection": self.worlds[number % len(self.worlds)].connection}
            await _fine(await http.post(url, json=body, headers=signer.headers("auth")))

        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            await self._many("token requests for auth", ask)

    async def gateway(self) -> None:
        """Signed webhooks of a company that nobody has connected."""
        url = f"{self.bench.stack.url('webhook_gateway')}/webhooks/{PROVIDER}"

        async def post(number: int) -> None:
            event = {
                "resourceId": str(uuid.uuid4()),
                "eventDateUtc": datetime.now(UTC).isoformat()[:23],
                "eventType": "UPDATE",
                "eventCategory": "INVOICE",
                "tenantId": str(uuid.UUID(int=number % 50)),
                "tenantType": "ORGANISATION",
            }
            body, headers = signed(self.bench, [event])
            await _fine(await http.post(url, content=body, headers=headers))

        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            await self._many("signed webhooks for the gateway", post)

    async def _many(self, what: str, act: Act) -> None:
        for start in range(0, self.events, AT_ONCE):
            self.bench.told(what, start, self.events)
            await asyncio.gather(*map(act, range(start, min(start + AT_ONCE, self.events))))


async def measure(bench: Bench) -> list[Figure]:
    """Each service is started afresh, given its events, and looked at."""
    events = bench.size(10_000, 500)
    services = bench.stack.services
    for name in (CONNECTOR, "auth", "webhook_gateway"):
        await asyncio.to_thread(services[name].restart)
    async with bench.worlds(bench.size(TENANTS, 2)) as worlds:
        load = Load(bench, worlds, events)
        return [
            *await _looked_at(services[CONNECTOR], load, load.connector),
            *await _looked_at(services["auth"], load, load.auth),
            *await _looked_at(services["webhook_gateway"], load, load.gateway),
        ]


async def _looked_at(
    service: ServiceProcess, load: Load, act: Callable[[], Awaitable[None]]
) -> list[Figure]:
    part = PART.format(events=load.events)
    before, start = resident(service), time.monotonic()
    await act()
    took = time.monotonic() - start
    return [
        Figure(part, service.name, resident(service), "MB", GOAL),
        Figure(part, "  before them", before, "MB"),
        Figure(part, "  events a second", load.events / took, ""),
    ]


def resident(service: ServiceProcess) -> float:
    """RSS in MB (10^6 bytes)."""
    assert service.process is not None
    return float(psutil.Process(service.process.pid).memory_info().rss) / 1e6


async def _fine(answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise BenchFailed(f"{answer.request.url.path} answered {answer.status_code}.")
