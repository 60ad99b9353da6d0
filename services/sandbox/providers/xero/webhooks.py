"""Webhooks: one URL per app, signed, with handshake, retries and an end after 24 hours."""

import asyncio
from collections.abc import Callable

import httpx
import structlog

from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.provider import RefusedError
from services.sandbox.providers.xero.books import Event
from services.sandbox.providers.xero.errors import Wire
from services.sandbox.providers.xero.webhook_post import (
    Delivery,
    Subscription,
    body_of,
    deliver,
    handshake,
)

TIMEOUT = 5.0
GATHER = 0.02
"""Seconds for which events are gathered into one delivery."""

HELD = 0.2
"""Seconds a shuffled delivery is held back."""

RETRIES = (1, 2, 5, 15, 60, 300, 900, 1800, 3600)
"""Seconds between attempts, the last one over and over: the vendor tells only that it slows."""

GIVE_UP = 86_400
PLACES = {
    "CONTACT": ("Contacts", "ContactID"),
    "INVOICE": ("Invoices", "InvoiceID"),
    "CREDITNOTE": ("CreditNotes", "CreditNoteID"),
}
ROOT = "https://api.xero.com/api.xro/2.0"

log = structlog.get_logger()


class Webhooks:
    """Delivers what happens in the companies an app is connected to."""

    def __init__(self, clock: Clock, faults: Faults, connected: Callable[[str], bool]) -> None:
        self._clock = clock
        self._connected = connected
        self._faults = faults
        self._sequence = 0
        self._current: Subscription | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def subscribe(self, url: str, key: str) -> Wire:
        """Ask for the intent to receive, then deliver; raises RefusedError (422)."""
        await self.unsubscribe()
        wanted = Subscription(url, key)
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            if complaint := await handshake(client, wanted):
                raise RefusedError(f"Intent to receive failed: {complaint}", 422)
        self._current = wanted
        self._task = asyncio.create_task(self._run(wanted))
        return self.state()

    async def unsubscribe(self) -> None:
        """End it; what waits is forgotten."""
        self._current = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def state(self) -> Wire:
        """How it stands."""
        if (one := self._current) is None:
            return {"url": None, "state": "disabled", "delivered": 0, "pending": 0}
        pending = len(one.gathered) + len(one.waiting)
        return {"url": one.url, "state": one.state, "delivered": one.delivered, "pending": pending}

    def publish(self, tenant: str, events: list[Event]) -> None:
        """Tell of these, if the company is connected and the webhook active."""
        if self._current is None or self._current.state != "active" or not self._connected(tenant):
            return
        moment = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        for event in events:
            place, id_key = PLACES[event.category]
            wire: Wire = {
                "resourceUrl": f"{ROOT}/{place}/{event.row[id_key]}",
                "resourceId": event.row[id_key],
                "eventDateUtc": moment,
                "eventType": event.kind,
                "eventCategory": event.category,
                "tenantId": tenant,
                "tenantType": "ORGANISATION",
            }
            if event.category == "CREDITNOTE":
                wire["data"] = {"Type": event.row["Type"], "Status": event.row["Status"]}
            self._current.gathered.append(wire)
        self._news.set()

    async def _run(self, one: Subscription) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            while one.state == "active":
                self._news.clear()
                await self._wait(one)
                self._bundle(one)
                due = [d for d in one.waiting if d.due <= self._clock.seconds()]
                for delivery in sorted(due, key=lambda d: d.due):
                    await self._deliver(client, one, delivery)

    async def _wait(self, one: Subscription) -> None:
        if not one.gathered:
            due = min((delivery.due for delivery in one.waiting), default=None)
            await self._clock.wait_for(self._news, due)
        if one.gathered:
            await asyncio.sleep(GATHER)

    def _bundle(self, one: Subscription) -> None:
        """Make deliveries of what was gathered, with the faults that are armed."""
        if not one.gathered:
            return
        events, one.gathered = one.gathered, []
        first = self._sequence + 1
        self._sequence += len(events)
        if self._faults.take({"drop-webhooks"}):
            return
        bundles, late = [(events, first)], 0.0
        if self._faults.take({"shuffle-webhooks"}):
            bundles = [([event], first + at) for at, event in enumerate(events)][::-1]
            # Every other bundle waits, so that the next one overtakes it.
            one.holding = not one.holding
            late = HELD if one.holding else 0.0
        times = 2 if self._faults.take({"double-webhooks"}) else 1
        now = self._clock.seconds()
        for part, start in bundles * times:
            last = start + len(part) - 1
            one.waiting.append(Delivery(body_of(part, start, last), now, now + late))

    async def _deliver(self, client: httpx.AsyncClient, one: Subscription, d: Delivery) -> None:
        complaint = await deliver(client, one, d.body)
        if complaint is None:
            one.waiting.remove(d)
            one.delivered += 1
            return
        d.due = self._clock.seconds() + RETRIES[min(d.attempts, len(RETRIES) - 1)]
        d.attempts += 1
        log.info("webhook.refused", reason=complaint, attempts=d.attempts)
        if d.due - d.born > GIVE_UP:
            one.state = "disabled"
            one.waiting.clear()
