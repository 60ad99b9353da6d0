"""Commands of people: each is obeyed once, and its effect stands in the lane."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from contracts.messages import (
    Check,
    Command,
    ExchangeLists,
    Link,
    MoveStart,
    Preview,
    Reconcile,
    Recreate,
    ResolveConflict,
    Retry,
    SetMapping,
    SetPolicy,
    SyncNow,
)
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import (
    alerts,
    connections,
    imports,
    lanes,
    leases,
    mappings,
    questions,
    reapply,
    reread,
    roster,
    rows,
    sweep,
    triggers,
)
from libs.connector.disputes import on_decision
from libs.connector.kernel import Kernel
from libs.connector.lane import Lane
from libs.connector.work import new_generation, start_over
from libs.service.database import Connection

log = structlog.get_logger()


class Busy(Exception):
    """The record is being worked on just now; the command comes again."""


async def obey(kernel: Kernel, db: Connection, command: Command) -> None:
    """Carry a command out, once, if it is for a connection of ours and of its tenant."""
    known = await db.fetchval(
        "select true from connection where id = $1 and tenant = $2",
        command.connection,
        command.tenant,
    )
    if not known:
        return
    new = await db.fetchval(
        "insert into command_seen (id) values ($1) on conflict do nothing returning true",
        command.id,
    )
    if new:
        log.info("command.obeyed", command=command.EVENT, connection=command.connection)
        await _DEEDS[type(command)](kernel, db, command)
        await db.execute("select pg_notify('lane', '')")


async def _retry(_: Kernel, db: Connection, command: Retry) -> None:
    """What is dead waits again; what is held is tried again."""
    one = command.type is not None and command.entity is not None
    key = lane_key(command.connection, command.type, command.entity) if one else None  # type: ignore[arg-type]
    # Said of one record whose fate is unknown, it means: I have looked, and it is not there.
    await db.execute(
        """
        update call set looked = true where state = 'open'
          and id = (select call from lane where key = $1 and hold = 'uncertain')
        """,
        key,
    )
    await reapply.forget(db, command.connection, key)
    await triggers.revive(db, command.connection, [key] if key else None)
    await db.execute(
        """
        update lane set dead = false, hold = '', due_at = now(), attempts = 0
        where connection = $1 and (key = $2 or $2::text is null and hold <> 'uncertain')
          and (dead or hold <> '')
        """,
        command.connection,
        key,
    )
    # What it waited for may have been mended in the ledger's settings.
    await db.execute(
        """
        update connection set held_until = '-infinity', hold = '',
            described_at = case when facts is null then described_at else '-infinity' end
        where id = $1 and hold <> 'disconnected'
        """,
        command.connection,
    )


async def _set_mapping(_: Kernel, db: Connection, command: SetMapping) -> None:
    await mappings.set_mapping(
        db, command.connection, command.kind, command.local, command.external, suggested=False
    )
    await connections.changed(db, command.connection)
    await alerts.close(db, command.connection, command.kind, command.local)
    await _wake_held(db, command.connection, ("unmapped", "waits", "rounding"))


async def _wake_held(db: Connection, connection: str, reasons: tuple[str, ...]) -> None:
    await db.execute(
        """
        update lane set hold = '', due_at = now(), attempts = 0
        where connection = $1 and hold = any($2)
        """,
        connection,
        list(reasons),
    )


async def _leased(
    kernel: Kernel, db: Connection, command: Recreate | ResolveConflict | Link
) -> list[Lane]:
    key = lane_key(command.connection, command.type, command.entity)
    leased = await lanes.lease(db, [key], kernel.lease)
    if not leased and await lanes.load(db, [key]):
        raise Busy(key)
    return leased


async def _recreate(kernel: Kernel, db: Connection, command: Recreate) -> None:
    """The only way a record deleted in the ledger comes back; an older generation's is dropped."""
    for lane in await _leased(kernel, db, command):
        key = lane.key
        if lane.state == "gone" and lane.generation == command.generation:
            new_generation(lane)
            lane.agreed, lane.hold = start_over(lane.agreed), ""
            await lanes.save(db, lane)
            await _revive(db, key)
        await leases.release(db, lane)


async def _revive(db: Connection, key: str) -> None:
    """The newest put of the lane is worked on again."""
    await db.execute(
        """
        update inbox set state = 'pending' where seq =
            (select max(seq) from inbox where lane = $1 and kind <> 'notice') and kind = 'put'
        """,
        key,
    )
    await db.execute("update lane set hold = '', dead = false where key = $1", key)


async def _resolve(kernel: Kernel, db: Connection, command: ResolveConflict) -> None:
    for lane in await _leased(kernel, db, command):
        lane.agreed = on_decision(lane.agreed, command.conflict, command.winner)
        await lanes.save(db, lane)
        await leases.unhold(db, lane)
        await leases.release(db, lane)


async def _move_start(_: Kernel, db: Connection, command: MoveStart) -> None:
    moved = await db.fetchval(
        "update connection set starts_at = $2 where id = $1 and starts_at > $2 returning true",
        command.connection,
        command.starts_at,
    )
    if moved:
        await connections.reconsider(db, command.tenant)
        await reread.ask(db, command.connection)


async def _set_policy(_: Kernel, db: Connection, command: SetPolicy) -> None:
    changes = command.model_dump(
        mode="json", exclude={"id", "tenant", "connection"}, exclude_none=True
    )
    await connections.set_policy(db, command.connection, changes)
    if command.push_from or command.directions:
        await connections.reconsider(db, command.tenant)
    if command.imports or command.directions:
        await imports.look_again(db, command.connection)
    if command.trigger or command.every_hours or command.daily_at:
        await triggers.set_trigger(db, command.connection)
    await _wake_held(db, command.connection, ("conflict", "duplicate-number", reapply.PAID))


async def _link(kernel: Kernel, db: Connection, command: Link) -> None:
    """The record is the entity's, by a person's word; carried out with the lane's put."""
    for lane in await _leased(kernel, db, command):
        if lane.state == "absent" and not lane.call:
            lane.linked = command.external
            await lanes.save(db, lane)
            await _revive(db, lane.key)
        await leases.release(db, lane)


async def _exchange(_: Kernel, db: Connection, command: ExchangeLists) -> None:
    if await reread.under_way(db, command.connection):
        # What the log has yet to show would stay behind.
        raise Busy(command.connection)
    for kind in map(EntityType, command.types):
        only_there = await roster.wake_pairs(db, command.connection, kind)
        if command.into:
            await rows.notice(db, command.connection, kind, dict.fromkeys(only_there))
        if command.out:
            await roster.wake_all(db, command.connection, kind)


async def _ask(_: Kernel, db: Connection, command: Preview | Check | Reconcile) -> None:
    await questions.file(db, command)


async def _sync_now(kernel: Kernel, db: Connection, command: SyncNow) -> None:
    if command.batch is None and command.entity is None:
        await triggers.begin(db, command.connection, sweep.names(kernel.provider))
        return
    await triggers.urge(db, command)


_DEEDS: Final[
    dict[type[Command], Callable[[Kernel, Connection, Any], Coroutine[Any, Any, None]]]
] = {
    Retry: _retry,
    SetMapping: _set_mapping,
    Recreate: _recreate,
    ResolveConflict: _resolve,
    MoveStart: _move_start,
    SetPolicy: _set_policy,
    SyncNow: _sync_now,
    Link: _link,
    ExchangeLists: _exchange,
    Preview: _ask,
    Check: _ask,
    Reconcile: _ask,
}
