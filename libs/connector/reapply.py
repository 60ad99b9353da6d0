"""Where a ledger changes nothing of a paid document: what is applied to it is taken off, the
document is changed, and what was taken off is applied again, each by its own lane.

Only where the connection's policy says so, and once for each revision of the document: who takes
off and puts on what the ledger refuses for another reason would never end.
"""

from collections.abc import Collection, Mapping, Sequence

from contracts.values import EntityType
from libs.connector import connections, rows
from libs.connector.applied import ALLOCATIONS, KIND
from libs.connector.errors import NotReady, SyncError
from libs.connector.flat import State, join, names
from libs.connector.lane import Lane
from libs.connector.rows import put_of
from libs.connector.states import is_void
from libs.service.database import Connection

PAID = "paid"
"""The reason of a document that is held for what is applied to it."""
DOCUMENTS = (EntityType.INVOICE, EntityType.BILL)
APPLIED = (EntityType.PAYMENT, EntityType.CREDIT_NOTE)
Named = tuple[EntityType, str]

_FIND = """
select l.key, l.type, l.id,
    l.hold = '' and not l.dead and exists (select from inbox i
        where i.lane = l.key and i.kind = 'put') as willing
from lane l
where l.connection = $1 and l.type = any($2) and l.state = 'bound' and exists (
    select from jsonb_array_elements(case jsonb_typeof(l.agreed -> 'theirs')
        when 'array' then l.agreed -> 'theirs' else l.agreed -> (l.agreed ->> 'theirs') end) e
    where e ->> 0 = $3 and e ->> 1 = $4)
order by l.key
"""
_AGAIN = """
update inbox set state = 'pending' where seq in
    (select max(seq) from inbox where lane = any($1) and kind <> 'notice' group by lane)
"""
_WAKE = """
update lane set due_at = now(), hold = case when hold = 'waits' then '' else hold end
where key = any($1)
"""


async def wanted(db: Connection, lane: Lane, why: SyncError) -> NotReady | None:
    """What a document that is held as paid waits for instead, where it is to be changed and all
    that is applied to it can be taken off; call it in the lane's transaction."""
    if why.reason != PAID or lane.type not in DOCUMENTS:
        return None
    policy = (await connections.account(db, lane.connection)).policy
    puts = [row for row in (await rows.pending(db, [lane.key]))[lane.key] if row.kind != "notice"]
    ends = not puts or is_void(put_of(puts[-1].event(), lane.connection).state)
    if policy.paid_edits != "reapply" or ends:
        return None
    lifted = await _lift(db, lane)
    return NotReady(tuple(lifted)) if lifted else None


async def _lift(db: Connection, lane: Lane) -> list[Named]:
    """Have it taken off; nothing where any of it cannot be, or has been for this revision."""
    path = join(join(ALLOCATIONS, lane.id), KIND)
    found = await db.fetch(_FIND, lane.connection, list(APPLIED), path, str(lane.type))
    keys = [row["key"] for row in found]
    known = await db.fetch("select lane, revision, over from lifted where document = $1", lane.key)
    active = {row["lane"] for row in known if not row["over"]}
    spent = {row["lane"] for row in known if row["over"] and row["revision"] >= lane.revision}
    new = [row["key"] for row in found if row["key"] not in active]
    if not keys or spent & set(new) or not all(r["willing"] for r in found if r["key"] in new):
        return []
    await db.executemany(
        """
        insert into lifted (document, lane, revision) values ($1, $2, $3)
        on conflict (document, lane) do update set revision = excluded.revision, over = false
        """,
        [(lane.key, key, lane.revision) for key in new],
    )
    await db.execute(_AGAIN, new)
    await db.execute(_WAKE, new)
    return [(EntityType(row["type"]), row["id"]) for row in found]


async def over(db: Connection, *lanes: Lane) -> None:
    """The documents are changed, or will not be: what was taken off them is applied again. Call it
    in the transaction that says so."""
    documents = [lane.key for lane in lanes if lane.type in DOCUMENTS]
    if not documents:
        return
    ended = await db.fetch(
        "update lifted set over = true where document = any($1) and not over returning lane",
        documents,
    )
    if keys := sorted(row["lane"] for row in ended):
        await db.execute(_AGAIN, keys)
        await db.execute(_WAKE, keys)


async def forget(db: Connection, connection: str, document: str | None) -> None:
    """A person wants it tried again: of one document, or of all of the connection."""
    await db.execute(
        """
        delete from lifted using lane l where l.key = lifted.document and lifted.over
          and l.connection = $1 and ($2::text is null or lifted.document = $2)
        """,
        connection,
        document,
    )


async def taken_off(db: Connection, lanes: Sequence[Lane]) -> Mapping[str, list[Named]]:
    """Lane -> the documents that it is taken off for now."""
    if not lanes or lanes[0].type not in APPLIED:
        return {}
    found = await db.fetch(
        """
        select f.lane, l.type, l.id from lifted f join lane l on l.key = f.document
        where f.lane = any($1) and not f.over order by f.document
        """,
        [lane.key for lane in lanes],
    )
    documents: dict[str, list[Named]] = {}
    for row in found:
        documents.setdefault(row["lane"], []).append((EntityType(row["type"]), row["id"]))
    return documents


def shares(state: State, documents: Collection[Named]) -> State:
    """What is to be removed of a state so that it is applied to none of the documents."""
    elements = {entity for _, entity in documents}
    split = ((path, names(path)) for path in state)
    return {
        path: None for path, (field, *of) in split if field == ALLOCATIONS and of[0] in elements
    }
