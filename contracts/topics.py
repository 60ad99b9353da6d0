"""The Kafka topics: their names, keys, partitions and how long they keep what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.values import EntityType

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is created; `config` are Kafka's own topic settings."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


def _kept(days: int, **more: str) -> dict[str, str]:
    return {"retention.ms": str(days * DAY_MS), **more}


MAX_EVENT_BYTES = 10 * 1024 * 1024
"""The largest body of an event of the invoicing product."""
MAX_MESSAGE_BYTES = 2 * MAX_EVENT_BYTES + 4 * 1024 * 1024
"""The largest message on any topic: an EntityChanged carries its entity twice, and headers."""
_LARGE = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}

INVOICING_EVENTS = Topic(
    "invoicing.events.v1", 6, _kept(90, **{"message.timestamp.type": "LogAppendTime", **_LARGE})
)
CONNECTIONS = Topic("accounting.connections.v1", 1, {"cleanup.policy": "compact"})
COMMANDS = Topic("accounting.commands.v1", 1, _kept(30))
ACCOUNTING_EVENTS = Topic(
    "accounting.events.v1",
    6,
    {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(365 * DAY_MS),
        **_LARGE,
    },
)
DEAD_LETTERS = Topic("accounting.dead-letters.v1", 1, _kept(90, **_LARGE))
SHARED = (INVOICING_EVENTS, CONNECTIONS, COMMANDS, ACCOUNTING_EVENTS, DEAD_LETTERS)


def webhooks(provider: str) -> Topic:
    """The topic of one provider's webhook bodies."""
    # A body of 1 MiB and its headers are more than a broker's default takes.
    return Topic(f"accounting.webhooks.{provider}.v1", 3, _kept(30, **_LARGE))


def event_key(tenant: str, kind: EntityType, entity: str) -> str:
    """The key of an event of the invoicing product."""
    return f"{tenant}/{kind}/{entity}"


def lane_key(connection: str, kind: EntityType, entity: str) -> str:
    """The key of everything about one entity of one connection: what must stay in order."""
    return f"{connection}/{kind}/{entity}"


def reconciliation_key(connection: str, first: str, last: str) -> str:
    """The key of the reports on one period: months, or one of them."""
    period = first if first == last else f"{first}..{last}"
    return f"{connection}/reconciliation/{period}"
