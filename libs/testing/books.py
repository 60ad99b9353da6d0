"""What a suite works with: a simulated company, what it created there, how it looks at it."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from contracts.entities import Entity
from contracts.provider import Provider
from contracts.values import EntityType
from libs.connector.errors import SyncError
from libs.connector.flat import State
from libs.connector.interface import Company, Connector, Context, Record, Result, Verb, Write
from libs.connector.lane import marker_of
from libs.connector.lines import match_lines, renamed
from libs.connector.states import state_of
from libs.testing.ledger import KnownIds, SimulatedLedger

IO = ("aiokafka", "asyncio", "asyncpg", "faststream", "httpx", "socket", "libs.messaging")
REFERENCES = ("customer", "supplier", "contact", "item", "document", "purchase_orders")
LINE_KINDS = ("part", "labour", "fee", "other")
SALE = ("number", "issue_date", "customer", "currency", "tax_mode")
SOLD = ("lines.description", "lines.quantity", "lines.unit_price", "lines.tax_rate")
KEPT: Mapping[EntityType, tuple[str, ...]] = MappingProxyType(
    {
        EntityType.CONTACT: ("name", "email"),
        EntityType.ITEM: ("code", "unit_price"),
        EntityType.INVOICE: (*SALE, "due_date", *SOLD),
        EntityType.CREDIT_NOTE: (*SALE, *SOLD),
        EntityType.PAYMENT: ("date", "amount", "contact", "allocations.amount"),
    }
)
"""What every ledger has a field for: it comes back as it was sent."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer of the provider, quoted from its documents, and what we make of it."""

    kind: EntityType
    status: int
    body: Any
    error: type[SyncError]
    reason: str = ""


@dataclass(slots=True)
class Books:
    """A simulated company with what the suite has created in it."""

    ledger: SimulatedLedger
    connector: Connector
    facts: Provider
    context: Context
    ids: KnownIds
    samples: dict[EntityType, Entity]

    def write(self, entity: Entity, verb: Verb = Verb.CREATE, **more: Any) -> Write:
        """A write as the kernel describes it."""
        kind = EntityType(entity.type)
        marker = marker_of("suite", kind, entity.id, 0)
        known = self.ids.records.get((kind, entity.id)) if verb is not Verb.CREATE else None
        if known is not None:
            more = {"record": known.id, "version": known.version} | more
        return Write(verb, kind, entity.id, marker, entity, **more)

    async def send(self, writes: Sequence[Write]) -> Sequence[Result]:
        """One call and its results."""
        request = self.connector.request(writes, self.context)
        answer = await self.ledger.send(request)
        return self.connector.results(writes, answer, self.context)

    async def create(self, entity: Entity) -> Record:
        """Create an entity, first what it refers to."""
        kind = EntityType(entity.type)
        for other in self.referred(entity):
            if (EntityType(other.type), other.id) not in self.ids.records:
                await self.create(other)
        self.connector.check(entity, self.context)
        (record,) = await self.send([self.write(entity)])
        assert isinstance(record, Record), f"{kind} was refused: {record}"
        self.ids.records[kind, entity.id] = record
        return record

    async def read(self, record: Record) -> Record | None:
        """The record as it is now."""
        found = await self.connector.read(self.ledger, record.type, {record.id: ()})
        return found.get(record.id)

    def referred(self, entity: Entity) -> list[Entity]:
        """The samples an entity refers to."""
        named = {str(value) for name, value in _leaves(entity.model_dump()) if name in REFERENCES}
        return [s for s in self.samples.values() if s.id in named and s.id != entity.id]

    def shown(self, record: Record, expected: State) -> State:
        """The record as a state, its lines matched to ours as the kernel does."""
        raw = state_of(self.connector.entity(record, self.context))
        return renamed(raw, match_lines(raw, expected, {}))

    def normal(self, entity: Entity) -> State:
        """What the mapping says the ledger makes of it."""
        return state_of(self.connector.normalised(entity, self.context))


def words_of(company: Company) -> dict[tuple[str, str], str]:
    """What a person would choose where there is a plain choice."""
    income = sorted(a.code or a.id for a in company.accounts if a.active and a.kind == "income")
    banks = sorted(a.code or a.id for a in company.accounts if a.active and a.takes_payments)
    words = {("line_kind", kind): income[0] for kind in LINE_KINDS if income}
    return words | ({("payment_method", ""): banks[0]} if banks else {})


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, key)]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in _leaves(inner, name)]
    return [(name, value)]


def rate_of(company: Company) -> Decimal:
    """A sales tax that the rate alone tells, the highest; 0 where there is none."""
    rates = [tax.rate for tax in company.tax_codes if tax.active and tax.sales]
    return max((rate for rate in rates if rates.count(rate) == 1), default=Decimal(0))


def fields(state: State, wanted: Collection[str]) -> State:
    """The paths of a state that are of these fields; `lines.quantity` is that of every line."""
    found = {}
    for path, value in state.items():
        parts = path.split(".")
        if ".".join([parts[0], *parts[2:]]) in wanted:
            found[path] = value
    return found


def imported_io(source: str) -> list[str]:
    """The libraries for input and output that a module imports."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [str(node.module)]
    return [name for name in found if name.startswith(IO)]
