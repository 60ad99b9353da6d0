"""Where the kernel stands with a document: what waits, what is held, what it saw there last."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.topics import INVOICING_EVENTS
from libs.connector.interface import Record
from libs.connector.lane import Facts
from libs.messaging.logs import LogReader
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """One lane. `busy`: a put or a call is under way; `hinted`: a notice waits to be read;
    `owed`: the product has not said that it took a change of the ledger in."""

    state: str = "absent"
    generation: int = 0
    revision: int = 0
    hold: str = ""
    sentence: str = ""
    action: str = ""
    dead: bool = False
    skipped: bool = False
    busy: bool = False
    hinted: bool = False
    owed: bool = False
    version: str = ""
    facts: Facts = field(default_factory=Facts)

    def has_moved(self, record: Record) -> bool:
        """Whether the record is no longer as the kernel saw it last."""
        seen = record.updated_at.isoformat() if record.updated_at else ""
        now = (seen, record.totals, record.balance, record.status)
        facts = self.facts
        then = (facts.updated_at, facts.totals, facts.balance, facts.status)
        return now != then or (self.version or record.version) != record.version


STANDINGS = """
select l.type || '/' || l.id as key, l.state, l.generation, l.revision, l.hold,
    l.hold_sentence as sentence, l.hold_action as action, l.dead, l.skipped, l.version, l.facts,
    l.call is not null or exists (select from inbox i
        where i.lane = l.key and i.state = 'pending' and i.kind <> 'notice') as busy,
    exists (select from inbox i
        where i.lane = l.key and i.state = 'pending' and i.kind = 'notice') as hinted,
    coalesce(l.agreed -> 'owed' <> '"ours"'::jsonb, false) as owed
from lane l where l.key = any($1)
"""


async def standings(db: Connection, connection: str, keys: Iterable[str]) -> Mapping[str, Standing]:
    """`type/id` -> where it stands; what has no lane is left out."""
    rows = await db.fetch(STANDINGS, [f"{connection}/{key}" for key in keys])
    found: dict[str, Standing] = {}
    for row in rows:
        values = dict(row)
        key, facts = values.pop("key"), Facts.load(json.loads(values.pop("facts")))
        found[key] = Standing(**values, facts=facts)
    return found


async def committed(reader: LogReader, provider: str) -> Mapping[int, int]:
    """Partition -> up to where this connector has filed the product's events.

    Ask before `standings`: what was filed then, stands there.
    """
    group = f"ledgerbridge.connectors.{provider}.events"
    return await reader.committed(group, INVOICING_EVENTS.name)
