"""Puts of entities into a simulated company, call after call, as the kernel plans them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.entities import Entity
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector.flat import State
from libs.connector.interface import Context, Record, Request, Verb, Wanted, Write
from libs.connector.lane import marker_of
from libs.connector.lines import match_lines, renamed
from libs.connector.mappings import Mapped
from libs.connector.states import entity_of, state_of
from libs.connector.threeway import touched
from libs.testing.books import words_of
from libs.testing.ledger import ORIGIN, KnownIds, SimulatedLedger, signed_in
from services.connectors.myob.connector import MyobConnector
from services.sandbox.app import create_app

MYOB = MyobConnector()
WORDS = {
    ("line_kind", "purchase_part"): "5-5100",
    ("tax_code", "0 %"): "N-T",
    ("payment_method", "card"): "1-1120",
}
MOST_CALLS = 12


@dataclass(slots=True)
class SidedIds(KnownIds):
    """Knows side records as the kernel does."""

    def local(self, kind: EntityType, external: str) -> str:
        for (type_, local), record in self.records.items():
            if type_ is kind and external in {part.id for part in record.parts}:
                return local
        return KnownIds.local(self, kind, external)


@dataclass(slots=True)
class Drive:
    """One company; `sent` is what every call was, `lines` ours -> theirs of each document."""

    ledger: SimulatedLedger
    context: Context
    ids: KnownIds
    sent: list[Request] = field(default_factory=list)

    async def put(self, entity: Entity) -> Record:
        """Write until nothing differs."""
        for _ in range(MOST_CALLS):
            write = await self._next(entity)
            if write is None:
                return self.record(entity)
            await self.send(write)
        raise AssertionError(f"{entity.type} {entity.id} is never done: {self.sent[-3:]}")

    async def remove(self, entity: Entity) -> None:
        """Delete it, and first what stands in the way."""
        for _ in range(MOST_CALLS):
            write = await self._write(entity, Verb.DELETE, {})
            stepped = await self._stepped(write)
            result = await self.send(stepped or write)
            if stepped is None:
                assert result.state == "deleted" or result.status == "archived"
                return
        raise AssertionError(f"{entity.type} {entity.id} is never gone")

    async def read(self, entity: Entity) -> Record | None:
        """The record as it is now."""
        known = self.record(entity)
        sides = [part.id for part in known.parts]
        return (await MYOB.read(self.ledger, known.type, {known.id: sides})).get(known.id)

    async def shown(self, entity: Entity) -> Any:
        """What the ledger has of it, with our line ids."""
        record = await self.read(entity)
        assert record is not None
        return entity_of(self.state(record, entity), record.type, entity.id, record.totals)

    def record(self, entity: Entity) -> Record:
        return self.ids.records[EntityType(entity.type), entity.id]

    def normal(self, entity: Entity) -> State:
        return state_of(MYOB.normalised(entity, self.context))

    def state(self, record: Record, like: Entity) -> State:
        raw = state_of(MYOB.entity(record, self.context))
        return renamed(raw, match_lines(raw, self.normal(like), {}))

    async def send(self, write: Write) -> Record:
        """One call, settled."""
        request = MYOB.request([write], self.context)
        self.sent.append(request)
        answer = await self.ledger.send(request)
        (result,) = MYOB.results([write], answer, self.context)
        assert isinstance(result, Record), result
        key = (write.type, write.id)
        if write.verb in (Verb.DELETE, Verb.VOID) and result.state == "deleted":
            self.ids.records.pop(key, None)
        else:
            self.ids.records[key] = result
        return result

    async def find(self, entity: Entity, record: str = "", *parts: str) -> list[Record]:
        """What a search shows after a lost answer."""
        kind = EntityType(entity.type)
        number = str(getattr(entity, "number", "") or getattr(entity, "code", ""))
        wanted = Wanted(
            kind, entity.id, self.marker(entity), number, None, entity, record, tuple(parts)
        )
        return list(await MYOB.find(self.ledger, kind, [wanted]))

    def marker(self, entity: Entity) -> str:
        return marker_of("suite", EntityType(entity.type), entity.id, 0)

    async def _next(self, entity: Entity) -> Write | None:
        MYOB.check(entity, self.context)
        if (EntityType(entity.type), entity.id) not in self.ids.records:
            write = self._of(entity, Verb.CREATE)
        else:
            known = await self.read(entity)
            assert known is not None
            changes = touched(self.state(known, entity), self.normal(entity))
            if not getattr(entity, "number", "-"):
                changes.pop("number", None)  # the ledger's own sequence
            if not changes:
                return None
            replaced = provider("myob").entities[EntityType(entity.type)].update == "replace"
            verb = Verb.DELETE if replaced else Verb.UPDATE
            write = await self._write(entity, verb, changes, replaces=replaced)
        return await self._stepped(write) or write

    async def _stepped(self, write: Write) -> Write | None:
        step = MYOB.step(write, self.context)
        if step is None:
            return None
        if step.verb is Verb.CREATE:
            return self._of(step.entity, Verb.CREATE)
        changes = touched(dict(write.before or {}), self.normal(step.entity))
        assert changes, "a step that changes nothing would be taken for ever"
        replaces = step.verb is Verb.DELETE
        return await self._write(step.entity, step.verb, changes, replaces=replaces)

    def _of(self, entity: Entity, verb: Verb) -> Write:
        return Write(verb, EntityType(entity.type), entity.id, self.marker(entity), entity)

    async def _write(
        self, entity: Entity, verb: Verb, changes: State, *, replaces: bool = False
    ) -> Write:
        record = await self.read(entity)
        assert record is not None
        raw = state_of(MYOB.entity(record, self.context))
        ids = match_lines(raw, self.normal(entity), {})
        return replace(
            self._of(entity, verb),
            changed=frozenset(changes),
            record=record.id,
            parts=tuple(part.id for part in record.parts),
            version=record.version,
            replaces=replaces,
            lines={ours: theirs for theirs, ours in ids.items()},
            before=renamed(raw, ids),
            raw=record.raw,
        )


@asynccontextmanager
async def driven(words: dict[tuple[str, str], str] | None = None) -> AsyncIterator[Drive]:
    """A fresh company."""
    facts, app = provider("myob"), create_app(["myob"], limits=False)
    async with signed_in(facts, app, f"{ORIGIN}/myob") as ledger:
        company = await MYOB.describe(ledger)
        chosen = words_of(company) | WORDS | (words or {})
        ids = SidedIds()
        context = Context(company, ids, Mapped("tenant", "suite", company, chosen))
        yield Drive(ledger, context, ids)
