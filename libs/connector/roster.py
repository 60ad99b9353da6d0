"""A ledger's lists of customers and products as they were at the start, to find ours in."""

import json
from collections.abc import Collection, Sequence

import structlog

from contracts.entities import Contact, Item
from contracts.values import EntityType
from libs.connector import leases, mappings
from libs.connector.connections import Account
from libs.connector.errors import SyncError
from libs.connector.ids import LaneIds
from libs.connector.interface import Company, Context, Record
from libs.connector.kernel import Kernel
from libs.connector.matching import Known, Words, match, read, words_of
from libs.connector.sweep import Patient
from libs.service.database import Connection

LISTS = (EntityType.CONTACT, EntityType.ITEM)

log = structlog.get_logger()


async def list_once(kernel: Kernel, account: Account, company: Company) -> None:
    """Read both lists of a company, whole, before anything of ours is sent there.

    A reading that ends early begins again; raises an error of the tree.
    """
    listed = await kernel.pool.fetchval(
        "select listed_at from connection where id = $1", account.id
    )
    if listed is not None:
        return
    for kind in [kind for kind in LISTS if kind in kernel.provider.entities]:
        await _list(kernel, account, company, kind)
    await kernel.pool.execute("update connection set listed_at = now() where id = $1", account.id)


async def _list(kernel: Kernel, account: Account, company: Company, kind: EntityType) -> None:
    names = mappings.Mapped(account.tenant, account.id, company, {})
    context = Context(company, LaneIds(account.id), names)
    session = Patient(await kernel.sessions.session(account))
    count = 0
    async for page in kernel.connector.changes(session, kind, None):
        known = [(r.id, json.dumps(words)) for r in page if (words := _words(kernel, r, context))]
        count += len(known)
        async with kernel.pool.acquire() as db:
            await db.executemany(
                """
                insert into roster (connection, type, external_id, words)
                values ($1, $2, $3, $4)
                on conflict (connection, type, external_id) do update set words = excluded.words
                """,
                [(account.id, str(kind), external, words) for external, words in known],
            )
    log.info("roster.listed", connection=account.id, type=kind, records=count)


def _words(kernel: Kernel, record: Record, context: Context) -> Words:
    """What a record can be known by; nothing of what is archived or is a side record."""
    if record.state != "live" or record.belongs_to:
        return {}
    try:
        entity = kernel.connector.entity(record, context)
    except (SyncError, ValueError, LookupError):
        return {}
    return {} if getattr(entity, "status", "") == "archived" else words_of(entity)


async def theirs(
    db: Connection, connection: str, kind: EntityType, words: Collection[tuple[str, str]] | None
) -> list[Known]:
    """The unbound ones of the ledger; `words`: only those that share one of these."""
    rows = await db.fetch(
        """
        select r.external_id, r.words from roster r
        where r.connection = $1 and r.type = $2
          and ($3::text[] is null or exists (select from jsonb_each_text(r.words) w
            where w.key || '=' || w.value = any($3)))
          and not exists (select from part p where p.connection = r.connection
            and p.type = r.type and p.external_id = r.external_id)
        """,
        connection,
        str(kind),
        None if words is None else [f"{word}={value}" for word, value in words],
    )
    return [Known(row["external_id"], read(json.loads(row["words"]))) for row in rows]


async def ours(db: Connection, connection: str, kind: EntityType) -> list[Known]:
    """The product's own that have no record there yet, by the newest put of each."""
    rows = await db.fetch(
        """
        select l.id, convert_from(i.body, 'utf8') as body from lane l
        join inbox i on i.lane = l.key and i.revision = l.revision and i.kind = 'put'
        where l.connection = $1 and l.type = $2 and l.state = 'absent' and l.linked = ''
        """,
        connection,
        str(kind),
    )
    return [Known(row["id"], _put_words(row["body"])) for row in rows]


def _put_words(body: str) -> Words:
    """Without checking the whole entity again: there may be thousands."""
    plain = json.loads(body)["entity"]
    model = Contact if plain["type"] == EntityType.CONTACT else Item
    return words_of(model.model_construct(**plain))


async def wake_all(db: Connection, connection: str, kind: EntityType) -> None:
    """All of ours that lie dormant are due: the list goes out whole."""
    keys = await db.fetch(
        "select key from lane where connection = $1 and type = $2 and due_at is null",
        connection,
        str(kind),
    )
    await leases.rouse(db, [row["key"] for row in keys])


async def wake_pairs(db: Connection, connection: str, kind: EntityType) -> Sequence[str]:
    """What the ledger alone has; ours that are there too are due, so that they are bound."""
    found = match(await ours(db, connection, kind), await theirs(db, connection, kind, None))
    await leases.rouse(db, [f"{connection}/{kind}/{one}" for one in found.pairs])
    return found.only_there
