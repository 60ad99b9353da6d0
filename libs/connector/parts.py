"""Parts: the external ids of a lane, its main record's and those of its side records."""

from collections.abc import Sequence

from contracts.messages import ExternalId
from contracts.topics import lane_key
from libs.connector.lane import Lane, Part
from libs.connector.shapes import Notice
from libs.connector.states import local_id
from libs.service.database import Connection


async def bind(db: Connection, lane: Lane, kind: str, external: str, *, main: bool = True) -> bool:
    """Give the lane a part; False where the record belongs to another lane."""
    return not await bind_all(db, kind, [(lane, external)], main=main)


async def bind_all(
    db: Connection, kind: str, records: Sequence[tuple[Lane, str]], *, main: bool = True
) -> Sequence[tuple[Lane, str]]:
    """Give each lane a part; what belongs to other lanes comes back. Raises
    asyncpg.CardinalityViolationError where two of these are one."""
    rows = await db.fetch(
        """
        insert into part (connection, type, external_id, lane, generation, main)
        select t.connection, $1, t.external_id, t.lane, t.generation, $6
        from unnest($2::text[], $3::text[], $4::text[], $5::int[])
            as t (connection, external_id, lane, generation)
        on conflict (connection, type, external_id)
            do update set generation = excluded.generation where part.lane = excluded.lane
        returning lane, external_id
        """,
        kind,
        [lane.connection for lane, _ in records],
        [external for _, external in records],
        [lane.key for lane, _ in records],
        [lane.generation for lane, _ in records],
        main,
    )
    bound = {(row["lane"], row["external_id"]) for row in rows}
    refused = [pair for pair in records if (pair[0].key, pair[1]) not in bound]
    for lane, external in (pair for pair in records if pair not in refused):
        new = Part(kind, external, lane.generation, main)
        others = (p for p in lane.parts if (p.type, p.id) != (kind, external))
        lane.parts = (new, *others) if main else (*others, new)
    return refused


async def bind_sides(db: Connection, lane: Lane, shown: Sequence[ExternalId]) -> None:
    """The side records are those that the record shows; what another lane has stays there."""
    wanted = {(side.type, side.id) for side in shown}
    ended = [
        p
        for p in lane.parts
        if not p.main and p.generation == lane.generation and (p.type, p.id) not in wanted
    ]
    if ended:
        await db.execute(
            "delete from part where lane = $1 and not main and external_id = any($2)",
            lane.key,
            [part.id for part in ended],
        )
    lane.parts = tuple(part for part in lane.parts if part not in ended)
    known = {(part.type, part.id) for part in lane.parts}
    for kind, external in sorted(wanted - known):
        await bind(db, lane, kind, external, main=False)


async def beside(db: Connection, connection: str, main: Notice, side: Notice) -> None:
    """A side record nobody knew: from now on it is read with the record it stands beside, which
    has been hinted and so has a lane."""
    await db.execute(
        """
        insert into part (connection, type, external_id, lane, generation, main)
        select l.connection, $4, $5, l.key, l.generation, false from lane l
        where l.key = coalesce((select lane from part
            where connection = $1 and type = $2 and external_id = $3), $6)
        on conflict do nothing
        """,
        connection,
        str(main.type),
        main.record,
        str(side.type),
        side.record,
        lane_key(connection, main.type, local_id(connection, main.type, main.record)),
    )


async def move_sides(db: Connection, former: Lane, new: Lane) -> None:
    """The main record turned out to be the other lane's: so are those beside it."""
    await db.execute(
        "update part set lane = $2, generation = $3 where lane = $1 and not main",
        former.key,
        new.key,
        new.generation,
    )
