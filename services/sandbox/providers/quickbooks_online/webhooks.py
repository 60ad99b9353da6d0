"""Webhooks: one URL per app, signed, told in order until acknowledged, in two formats."""

import asyncio
import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import structlog

from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.provider import RefusedError
from services.sandbox.providers.quickbooks_online.books import Event
from services.sandbox.providers.quickbooks_online.errors import Wire
from services.sandbox.providers.quickbooks_online.hook_bodies import (
    FORMATS,
    TOLD,
    Told,
    body_of,
)

TIMEOUT = 3.0
GATHER = 0.02
"""Seconds for which events are gathered into one delivery."""

RETRIES = (10, 20, 30, 300, 1200, 7200, 14_400, 21_600)
"""Seconds between attempts, the last one over and over."""

HELD = 0.2
"""Seconds a shuffled delivery is held back."""

log = structlog.get_logger()


@dataclass(slots=True)
class Delivery:
    """One body on its way."""

    body: bytes
    due: float
    attempts: int = 0


@dataclass(slots=True)
class Subscription:
    """The app's webhook as the developer portal knows it."""

    url: str
    key: str
    format: str
    void: str
    delivered: int = 0
    holding: bool = False
    gathered: list[Told] = field(default_factory=list)
    waiting: deque[Delivery] = field(default_factory=deque)


class Webhooks:
    """Delivers what happens in the companies an app is connected to."""

    def __init__(self, clock: Clock, faults: Faults, connected: Callable[[str], bool]) -> None:
        self._clock = clock
        self._faults = faults
        self._connected = connected
        self._current: Subscription | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def subscribe(self, wanted: Wire) -> Wire:
        """There is no handshake; raises RefusedError (422)."""
        await self.unsubscribe()
        format_, void = wanted.get("format") or "cloudevents", wanted.get("void") or "voided"
        if format_ not in FORMATS or void not in {"void", "voided"}:
            raise RefusedError(f"The format is one of {sorted(FORMATS)}.", 422)
        if not wanted.get("url") or not wanted.get("key"):
            raise RefusedError("A webhook needs a url and a key.", 422)
        self._current = Subscription(str(wanted["url"]), str(wanted["key"]), format_, void)
        self._task = asyncio.create_task(self._run(self._current))
        return self.state()

    async def unsubscribe(self) -> None:
        """End it; what waits is forgotten."""
        self._current = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def state(self) -> Wire:
        """How it stands; Intuit never gives up."""
        if (one := self._current) is None:
            return {"url": None, "state": "disabled", "delivered": 0, "pending": 0}
        pending = len(one.gathered) + len(one.waiting)
        counts = {"delivered": one.delivered, "pending": pending}
        return {"url": one.url, "state": "active", "format": one.format, **counts}

    def publish(self, company: str, events: list[Event]) -> None:
        """Tell of these, if the company is connected."""
        if self._current is None or not self._connected(company):
            return
        now = self._clock.now()
        self._current.gathered += [Told(company, e, now) for e in events if e.entity in TOLD]
        self._news.set()

    async def _run(self, one: Subscription) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            while True:
                self._news.clear()
                await self._wait(one)
                self._bundle(one)
                # The first one holds up what came after it until it is acknowledged.
                while one.waiting and one.waiting[0].due <= self._clock.seconds():
                    await self._deliver(client, one, one.waiting[0])

    async def _wait(self, one: Subscription) -> None:
        if not one.gathered:
            due = one.waiting[0].due if one.waiting else None
            await self._clock.wait_for(self._news, due)
        if one.gathered:
            await asyncio.sleep(GATHER)

    def _bundle(self, one: Subscription) -> None:
        """Make deliveries of what was gathered, with the faults that are armed."""
        if not one.gathered:
            return
        told, one.gathered = one.gathered, []
        if self._faults.take({"drop-webhooks"}):
            return
        bundles, late = [told], 0.0
        if self._faults.take({"shuffle-webhooks"}):
            bundles = [[event] for event in told][::-1]
            # Every other bundle waits, so that the next one overtakes it.
            one.holding = not one.holding
            late = HELD if one.holding else 0.0
        times = 2 if self._faults.take({"double-webhooks"}) else 1
        now = self._clock.seconds()
        made = [Delivery(body_of(one.format, one.void, b), now + late) for b in bundles * times]
        if late:
            one.waiting.extend(made)
        else:
            overtaken = [d for d in one.waiting if d.due > now and not d.attempts]
            kept = [d for d in one.waiting if d not in overtaken]
            one.waiting = deque([*kept, *made, *overtaken])

    async def _deliver(self, client: httpx.AsyncClient, one: Subscription, d: Delivery) -> None:
        digest = hmac.new(one.key.encode(), d.body, hashlib.sha256).digest()
        headers = {
            "content-type": "application/json",
            "intuit-signature": base64.b64encode(digest).decode(),
        }
        try:
            status = (await client.post(one.url, content=d.body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status = 0
            log.info("webhook.unanswered", reason=type(error).__name__)
        if status == 200:
            one.waiting.remove(d)
            one.delivered += 1
            return
        d.due = self._clock.seconds() + RETRIES[min(d.attempts, len(RETRIES) - 1)]
        d.attempts += 1
        log.info("webhook.refused", status=status, attempts=d.attempts)
