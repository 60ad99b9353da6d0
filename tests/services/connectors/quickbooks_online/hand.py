"""A simulated company and a hand that writes to it as the kernel does, step by step."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from contracts.entities import Entity, PurchaseOrder
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector.errors import SyncError, Unavailable
from libs.connector.interface import Answer, Context, Record, Request, Verb, Write
from libs.connector.lane import marker_of
from libs.connector.lines import match_lines, renamed
from libs.connector.mappings import Mapped
from libs.connector.states import state_of
from libs.connector.threeway import touched
from libs.testing.books import words_of
from libs.testing.ledger import CALLBACK, KnownIds, SimulatedLedger
from services.connectors.quickbooks_online.connector import QuickBooksConnector
from services.sandbox.app import create_app

QBO = QuickBooksConnector()
ORIGIN = "http://127.0.0.1"
ROOT = f"{ORIGIN}/quickbooks_online"
CONTROL = f"{ORIGIN}/_control/quickbooks_online/companies"
MOST_STEPS = 12
MORE_WORDS = {("line_kind", "purchase_part"): "12", ("item", "refund"): "1"}


class JudgedLedger(SimulatedLedger):
    """Reads as the kernel's session does: the connector judges first."""

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        pairs = tuple((headers or {}).items())
        answer = await self.send(Request("GET", path, tuple((params or {}).items()), b"", pairs))
        if answer.status == 200:
            return answer
        verdict: SyncError | None = QBO.judge(answer)
        raise verdict or Unavailable(f"{path} answered {answer.status}: {answer.body.decode()}")


@dataclass(slots=True)
class PartedIds(KnownIds):
    """Records and their side records, as the kernel's parts know them."""

    ordered: dict[str, PurchaseOrder] = field(default_factory=dict)

    def local(self, kind: EntityType, external: str) -> str:
        for (known, entity), record in self.records.items():
            if known == kind and external in {part.id for part in record.parts}:
                return entity
        return KnownIds.local(self, kind, external)

    def shown(self, kind: EntityType, local: str) -> Entity | None:
        """Of orders; their lines are numbered from 1."""
        order = self.ordered.get(local) if kind is EntityType.PURCHASE_ORDER else None
        if order is None:
            return None
        lines = [line.model_copy(update={"id": str(n)}) for n, line in enumerate(order.lines, 1)]
        return order.model_copy(update={"lines": tuple(lines)})


@dataclass(slots=True)
class Hand:
    """Writes entities until nothing differs; `calls` counts what left."""

    http: httpx.AsyncClient
    ledger: SimulatedLedger
    context: Context
    ids: PartedIds
    lines: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: int = 0

    async def put(self, entity: Entity) -> Record:
        """Bring the ledger to this state."""
        QBO.check(entity, self.context)
        if isinstance(entity, PurchaseOrder):
            self.ids.ordered[entity.id] = entity
        for _ in range(MOST_STEPS):
            write = await self._next(entity)
            if write is None:
                return self.record(entity)
            await self.send(write)
        raise AssertionError(f"{entity.id} is never finished")

    async def remove(self, entity: Entity, verb: Verb = Verb.DELETE) -> Record:
        """Void or delete it."""
        for _ in range(MOST_STEPS):
            write = replace(await self._write(entity, verb), changed=frozenset())
            stepped = await self._stepped(write)
            record = await self.send(stepped or write)
            if stepped is None:
                return record
        raise AssertionError(f"{entity.id} is never removed")

    def record(self, entity: Entity) -> Record:
        return self.ids.records[EntityType(entity.type), entity.id]

    def normal(self, entity: Entity) -> dict[str, Any]:
        return state_of(QBO.normalised(entity, self.context))

    async def read(self, entity: Entity) -> Record | None:
        """What is there now."""
        known = self.record(entity)
        sides = [part.id for part in known.parts]
        found = await QBO.read(self.ledger, known.type, {known.id: sides})
        return found.get(known.id)

    def shown(self, entity: Entity, record: Record) -> dict[str, Any]:
        """A record in our line ids."""
        raw = state_of(QBO.entity(record, self.context))
        known = self.lines.get(entity.id, {})
        ids = match_lines(raw, self.normal(entity), known)
        self.lines[entity.id] = ids
        return renamed(raw, ids)

    async def send(self, write: Write) -> Record:
        """One write, one call."""
        request = QBO.request([write], self.context)
        self.calls += 1
        answer = await self.ledger.send(request, key=f"key-{self.calls}-{write.marker[:9]}")
        (result,) = QBO.results([write], answer, self.context)
        assert isinstance(result, Record), result
        if write.verb is Verb.UPDATE or write.verb is Verb.CREATE:
            self.ids.records[write.type, write.id] = result
        return result

    async def _next(self, entity: Entity) -> Write | None:
        kind = EntityType(entity.type)
        if (kind, entity.id) not in self.ids.records:
            write = Write(Verb.CREATE, kind, entity.id, self._marker(entity), entity)
            return await self._stepped(write) or write
        write = await self._write(entity, Verb.UPDATE)
        return (await self._stepped(write) or write) if write.changed else None

    async def _write(self, entity: Entity, verb: Verb) -> Write:
        kind, record = EntityType(entity.type), await self.read(entity)
        assert record is not None
        self.ids.records[kind, entity.id] = record
        theirs = self.shown(entity, record)
        changed = touched(theirs, self.normal(entity))
        return Write(
            verb,
            kind,
            entity.id,
            self._marker(entity),
            entity,
            changed=frozenset(changed),
            record=record.id,
            parts=tuple(part.id for part in record.parts),
            version=record.version,
            lines={ours: there for there, ours in self.lines[entity.id].items()},
            before=theirs,
            raw=record.raw,
        )

    async def _stepped(self, write: Write) -> Write | None:
        step = QBO.step(write, self.context)
        if step is None:
            return None
        changed = (
            touched(dict(write.before or {}), self.normal(step.entity)) if write.record else {}
        )
        assert changed or not write.record, "a step that changes nothing is taken for ever"
        return replace(write, verb=step.verb, entity=step.entity, changed=frozenset(changed))

    def _marker(self, entity: Entity) -> str:
        return marker_of("hand", EntityType(entity.type), entity.id, 0)

    async def bookkeeper(self, **action: Any) -> Any:
        """Act as a person in the vendor's own application."""
        url = f"{CONTROL}/{self.ledger.company}/bookkeeper"
        answer = await self.http.post(url, json=action)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def opened(
    *, country: str = "", settings: Mapping[str, Any] | None = None
) -> AsyncIterator[Hand]:
    """A company: the first of the sandbox, or a new one of a country."""
    app = create_app(["quickbooks_online"], limits=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        company = await _company(http, country)
        identity = {"Authorization": f"Bearer {await _token(http, company)}"}
        facts = provider("quickbooks_online")
        base = f"{ROOT}/v3/company/{company}"
        ledger = JudgedLedger(facts, http, base, company, identity)
        if settings:
            url = f"{CONTROL}/{company}/bookkeeper"
            answer = await http.post(url, json={"do": "settings", **settings})
            assert answer.status_code == 200, answer.text
        yield await described(http, ledger)


async def described(http: httpx.AsyncClient, ledger: SimulatedLedger) -> Hand:
    """A hand for a company as it is described now."""
    company, ids = await QBO.describe(ledger), PartedIds()
    words = Mapped("tenant", "hand", company, words_of(company) | MORE_WORDS)
    return Hand(http, ledger, Context(company, ids, words), ids)


async def _company(http: httpx.AsyncClient, country: str) -> str:
    if not country:
        return str((await http.get(CONTROL)).json()[0]["id"])
    made = await http.post(CONTROL, json={"name": f"Works {country}", "country": country})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _token(http: httpx.AsyncClient, company: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": "sandbox",
        "redirect_uri": CALLBACK,
        "scope": "com.intuit.quickbooks.accounting",
        "state": "hand",
    }
    page = await http.get(f"{ROOT}/connect/oauth2", params=asked)
    [consent] = re.findall(r'name="consent" value="([^"]+)"', page.text)
    chosen = {"consent": consent, "company": company, "decision": "allow"}
    back = await http.post(f"{ROOT}/connect/oauth2", data=chosen)
    code = dict(parse_qsl(urlsplit(back.headers["location"]).query))["code"]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await http.post(
        f"{ROOT}/oauth2/v1/tokens/bearer", data=sent, auth=("sandbox", "sandbox-secret")
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token
