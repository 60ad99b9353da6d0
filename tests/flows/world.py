"""What a flow can do and see: publish events, act as the bookkeeper, count what is there."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from contracts.entities import Entity
from contracts.messages import (
    BatchRef,
    Command,
    EntityDeleted,
    EntityPut,
    Included,
    Message,
    SetMapping,
)
from contracts.topics import COMMANDS, INVOICING_EVENTS, event_key
from libs.devstack.service import ServiceProcess
from libs.messaging.cloudevents import headers
from libs.service.links import ConnectLink, sign_link
from libs.service.settings import ServiceSettings
from libs.service.tokens import TokenSigner
from services.ops.processes import LocalStack
from services.ops.visiting import approved_at_once, visit

PATIENCE = 90.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25
KEEP = httpx.Limits(keepalive_expiry=2.0)
"""Services close what is idle for 5 seconds: a request must not meet that."""
HOMES = {
    "quickbooks_online": {"currency": "USD", "country": "US"},
    "myob": {"currency": "AUD", "country": "AU"},
}
Json = Any


@dataclass(slots=True)
class World:
    """One tenant of the running stack; `company` and `connection` are set by `connect`."""

    stack: LocalStack
    environment: dict[str, str] = field(repr=False)
    prefix: str
    tenant: str
    provider: str = "xero"
    company: str = ""
    connection: str = ""
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(timeout=30, verify=False, limits=KEEP)
    )
    _exits: AsyncExitStack = field(default_factory=AsyncExitStack)
    _producer: AIOKafkaProducer | None = None
    _signer: TokenSigner | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        await self._exits.enter_async_context(self.http)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.environment["KAFKA_URL"], max_request_size=24 * 1024 * 1024
        )
        await self._producer.start()
        self._exits.push_async_callback(self._producer.stop)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.clear_faults()
        await self._leave()
        await self._exits.aclose()

    async def _leave(self) -> None:
        """Disconnect: no later test's sweep or restore has this tenant to care for."""
        with suppress(httpx.HTTPError):
            for known in await self.connections():
                if known["state"] != "closed":
                    await self.at(known["company"], known["id"]).disconnect()

    def at(self, company: str, connection: str) -> "World":
        """The same tenant, seen from another of its connections."""
        return replace(self, company=company, connection=connection)

    # The services

    @property
    def connector(self) -> ServiceProcess:
        return self.stack.services[f"connectors.{self.provider}"]

    @property
    def sandbox(self) -> str:
        return self.stack.url("sandbox")

    @property
    def control(self) -> str:
        """The sandbox's control API of the provider."""
        return f"{self.sandbox}/_control/{self.provider}"

    def _signed(self, audience: str) -> dict[str, str]:
        if self._signer is None:
            settings = ServiceSettings(service_key=SecretStr(self.environment["SERVICE_KEY"]))
            self._signer = TokenSigner.from_settings("ops", settings)
        return self._signer.headers(audience)

    async def kill_connector(self) -> None:
        """SIGKILL, then start it again and wait until it is ready."""
        await asyncio.to_thread(self.connector.kill)

    async def start_connector(self) -> None:
        await asyncio.to_thread(self.connector.start)
        await asyncio.to_thread(self.connector.wait_ready)

    # Connecting

    async def new_company(self, name: str = "", **facts: str) -> str:
        """A seeded company of its own in the sandbox, British where there are such; its id."""
        home = HOMES.get(self.provider, {"currency": "GBP", "country": "GB"})
        body = {"name": name or f"Company {uuid.uuid4().hex[:8]}", **home, **facts}
        answer = await self.http.post(f"{self.control}/companies", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def connect(self, company: str = "", **link: Any) -> str:
        """Connect a company through the real OAuth flow; the connection's id."""
        company = company or await self.new_company()
        claims = ConnectLink(tenant=self.tenant, company=company, **link)
        token = sign_link(SecretStr(self.environment["LINK_KEY"]), claims)
        url = f"{self.stack.url('auth')}/connect/{self.provider}?link={token}"
        auto = "&auto=1" if approved_at_once(self.provider, company) else ""
        await asyncio.to_thread(visit, url + auto, company)
        self.company = company
        self.connection = await self.until(lambda: self._open(company))
        if self.provider == "xero":
            await self.map("tax_code", "0 %", "ZERORATEDOUTPUT")
        return self.connection

    async def connections(self) -> list[Json]:
        """The tenant's connections, as auth has them."""
        answer = await self.http.get(
            f"{self.stack.url('auth')}/internal/connections",
            params={"tenant": self.tenant},
            headers=self._signed("auth"),
        )
        return list(answer.json())

    async def _open(self, company: str) -> str:
        found = await self.connections()
        open_ones = [c for c in found if c["company"] == company and c["state"] == "open"]
        known = {
            c["id"]
            for c in (await self.status())["connections"]
            if c["described"] and c["state"] == "open"
        }
        return next((c["id"] for c in open_ones if c["id"] in known), "")

    async def disconnect(self) -> None:
        url = f"{self.stack.url('auth')}/internal/connections/{self.connection}/disconnect"
        answer = await self.http.post(url, headers=self._signed("auth"))
        answer.raise_for_status()

    # The product's side

    async def put(self, entity: Entity, revision: int = 1, **more: Any) -> None:
        """Publish one put; `included`: (entity, revision) pairs, `batch`: an id."""
        await self.publish([self.event(entity, revision, **more)])

    def event(self, entity: Entity, revision: int = 1, **more: Any) -> EntityPut:
        """A put as the product would make it; made now unless `made_at` says otherwise."""
        made_at = more.pop("made_at", datetime.now(UTC))
        included = tuple(
            Included(revision=number, made_at=made_at, entity=part)
            for part, number in more.pop("included", ())
        )
        batch = more.pop("batch", None)
        return EntityPut(
            tenant=self.tenant,
            revision=revision,
            made_at=made_at,
            entity=entity,
            included=included,
            batch=BatchRef(id=batch, made_at=made_at) if batch else None,
            **more,
        )

    async def publish(self, messages: Iterable[Message], times: int = 1) -> None:
        """Publish messages of the product, each as often as asked."""
        for message in messages:
            for _ in range(times):
                await self.send(INVOICING_EVENTS.name, _key(message), message)

    async def command(self, command: Command) -> None:
        """Publish a command."""
        await self.send(COMMANDS.name, command.connection, command)

    async def map(self, kind: str, local: str, external: str) -> None:
        await self.command(
            SetMapping.model_validate(
                {
                    "id": uuid.uuid4().hex,
                    "tenant": self.tenant,
                    "connection": self.connection,
                    "kind": kind,
                    "local": local,
                    "external": external,
                }
            )
        )

    async def send(self, topic: str, key: str, message: Message) -> None:
        made = headers(
            message,
            source="/flows",
            id=uuid.uuid4().hex,
            time=datetime.now(UTC),
            tenant=self.tenant,
        )
        await self.raw(topic, key.encode(), message.model_dump_json().encode(), made)

    async def raw(
        self, topic: str, key: bytes, value: bytes, made: list[tuple[str, bytes]]
    ) -> None:
        """Publish bytes as they are."""
        assert self._producer is not None
        await self._producer.send_and_wait(self.prefix + topic, value, key=key, headers=made)

    async def product(self, kind: str, entity: str) -> Json:
        """The reference product's record, None where it has none."""
        url = f"{self.stack.url('reference_product')}/entities/{kind}/{entity}"
        answer = await self.http.get(url, params={"tenant": self.tenant})
        return answer.json() if answer.status_code == 200 else None

    # The ledger's side

    async def documents(self, company: str = "") -> dict[str, list[Json]]:
        """Every record of the company, by resource."""
        url = f"{self.control}/companies/{company or self.company}/documents"
        return dict((await self.http.get(url)).json())

    async def live(self, resource: str, company: str = "") -> list[Json]:
        """Records that are neither deleted nor voided."""
        found = (await self.documents(company))[resource]
        return [r for r in found if r.get("Status") not in ("DELETED", "VOIDED")]

    async def bookkeeper(self, do: str, resource: str, identity: str = "", **more: Any) -> Json:
        """Act as a person in the vendor's pages."""
        url = f"{self.control}/companies/{self.company}/bookkeeper"
        body = {"do": do, "resource": resource, **({"id": identity} if identity else {}), **more}
        answer = await self.http.post(url, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def fault(self, name: str, **more: Any) -> None:
        """Arm a fault of the sandbox."""
        url = f"{self.control}/faults"
        answer = await self.http.post(url, json={"fault": name, **more})
        assert answer.is_success, answer.text

    async def clear_faults(self) -> None:
        await self.http.delete(f"{self.control}/faults")

    async def requests(self, **wanted: Any) -> list[Json]:
        """The sandbox's request log of this company, filtered by equal fields; `path`: its end."""
        url = f"{self.control}/requests"
        found = (await self.http.get(url, params={"company": self.company})).json()
        found = found if isinstance(found, list) else found["requests"]
        path = wanted.pop("path", "")
        found = [r for r in found if r["path"].endswith(path)]
        return [r for r in found if all(r.get(k) == v for k, v in wanted.items())]

    async def writes(self) -> int:
        """How many writes of ours have reached the ledger's API."""
        return len([r for r in await self.requests() if r["method"] != "GET"])

    # The connector's view

    async def status(self) -> Json:
        url = f"{self.connector.url}/internal/status"
        answer = await self.http.get(
            url, params={"tenant": self.tenant}, headers=self._signed("connectors")
        )
        return answer.json()

    async def record(self, kind: str, entity: str, connection: str = "") -> Json:
        """A record's lane, parts, calls and history; {} where there is none."""
        where = f"{connection or self.connection}/records/{kind}/{entity}"
        url = f"{self.connector.url}/internal/connections/{where}"
        answer = await self.http.get(url, headers=self._signed("connectors"))
        return answer.json() if answer.status_code == 200 else {}

    async def events(self, kind: str, entity: str, connection: str = "") -> list[Json]:
        """What was told about a record, in order: (event type, data)."""
        history = (await self.record(kind, entity, connection)).get("history", [])
        return [(told["event"], told["value"]) for told in history]

    async def settled(self, kind: str, entity: str, revision: int = 1) -> Json:
        """Wait until a revision has settled; fails with the reason where it is held or dead."""

        async def look() -> Json:
            record = await self.record(kind, entity)
            told = [
                e["value"]
                for e in record.get("history", [])
                if e["event"] == "entity.settled" and e["value"]["revision"] >= revision
            ]
            return record if told else None

        return await self.until(look, f"{kind} {entity} to settle")

    async def held(self, kind: str, entity: str) -> Json:
        """Wait until a record is held; its lane."""

        async def look() -> Json:
            record = await self.record(kind, entity)
            return record if record.get("hold") else None

        return await self.until(look, f"{kind} {entity} to be held")

    async def told(self, kind: str, entity: str, event: str, count: int = 1) -> Json:
        """Wait for the `count`-th event of a type about a record; its data."""

        async def look() -> Json:
            found = [data for name, data in await self.events(kind, entity) if name == event]
            return found[count - 1] if len(found) >= count else None

        return await self.until(look, f"{event} of {kind} {entity}")

    async def filed(self, kind: str, entity: str, revision: int = 1) -> Json:
        """Wait until a revision has reached the connector; its lane."""

        async def look() -> Json:
            record = await self.record(kind, entity)
            known = [
                row["revision"] for row in record.get("received", []) if row["kind"] != "notice"
            ]
            return record if max(known, default=0) >= revision else None

        return await self.until(look, f"{kind} {entity} to be filed")

    async def quiet(self) -> None:
        """Wait until nothing is under way in any connection of the tenant."""

        async def look() -> bool:
            connections = (await self.status())["connections"]
            return bool(connections) and all(c["waiting"] == 0 for c in connections)

        await self.until(look, "everything to come to rest")

    async def until(
        self, look: Callable[[], Awaitable[Any]], what: str = "it", limit: float = PATIENCE
    ) -> Any:
        """The first true answer of `look`; fails after `limit` seconds, saying what was awaited."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + limit, FIRST_PAUSE
        while True:
            try:
                if found := await look():
                    return found
            except httpx.TransportError:
                found = None
            if loop.time() > end:
                raise AssertionError(f"waited in vain for {what}: {await self._state()}")
            await asyncio.sleep(pause)
            # Several who look often take from the services the time they need.
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def _state(self) -> str:
        try:
            return json.dumps((await self.status())["connections"], default=str)[:3000]
        except httpx.TransportError:
            return "the connector does not answer"


def _key(message: Message) -> str:
    if isinstance(message, EntityPut):
        return event_key(message.tenant, message.entity.type, message.entity.id)
    if isinstance(message, EntityDeleted):
        return event_key(message.tenant, message.type, message.id)
    return str(getattr(message, "tenant", ""))
